package constructs_test

import (
	"time"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

const (
	image     = "ghcr.io/acme/shop:1.4.2"
	container = "spec template spec containers 0 "
)

func aPostgres(chart cdk8s.Chart) *constructs.Postgres {
	return constructs.NewPostgres(chart, "database", constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: "shop-secrets"}})
}

func aBackend(chart cdk8s.Chart) *constructs.Backend {
	return constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image})
}

// wishes are the rows of docs/how-do-i.md.
var wishes = []struct {
	about  string
	wishes []wish
}{
	{"The program", []wish{
		{"run another command of the image", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Command: []string{"gunicorn", "shop:app"}})
		}, "Deployment shop-api", container + "command", "[gunicorn, 'shop:app']"},
		{"pass arguments", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Args: []string{"--workers=4"}})
		}, "Deployment shop-api", container + "args", "[--workers=4]"},
		{"set an environment variable", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Env: map[string]string{"LOG_LEVEL": "info"}})
		}, "Deployment shop-api", container + "env", "[{name: LOG_LEVEL, value: info}]"},
		{"set one from a Secret", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, SecretEnv: map[string]constructs.SecretKeyRef{"API_KEY": {Secret: "shop-secrets", Key: "api-key"}}})
		}, "Deployment shop-api", container + "env", "[{name: API_KEY, valueFrom: {secretKeyRef: {name: shop-secrets, key: api-key}}}]"},
		{"set one for every key of a Secret", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, EnvFrom: []constructs.EnvFrom{{Secret: "shop-settings"}}})
		}, "Deployment shop-api", container + "envFrom", "[{secretRef: {name: shop-settings}}]"},
		{"know the pod's name in the program", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, FieldEnv: map[string]constructs.FieldRef{"POD_NAME": {Field: "metadata.name"}}})
		}, "Deployment shop-api", container + "env", "[{name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]"},
		{"compose a variable of others", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Env: map[string]string{"HOST": "shop.example.com", "URL": "https://$(HOST)/"}})
		}, "Deployment shop-api", container + "env 1 value", "https://$(HOST)/"},
		{"mount a configuration file", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Files: map[string]string{"/etc/shop/config.yaml": "debug: false\n"}})
		}, "Deployment shop-api", container + "volumeMounts 0 mountPath", "/etc/shop/config.yaml"},
		{"give it a directory in memory", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, EmptyDirs: []constructs.EmptyDir{{Path: "/cache", Memory: true}}})
		}, "Deployment shop-api", "spec template spec volumes 0 emptyDir", "{medium: Memory, sizeLimit: 64Mi}"},
		{"keep files on a volume of all replicas", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Storage: &constructs.Storage{MountPath: "/files", Size: "10Gi", AccessMode: constructs.ReadWriteMany}})
		}, "PersistentVolumeClaim shop-api-data", "spec accessModes", "[ReadWriteMany]"},
		{"set one to the memory limit in MiB", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, FieldEnv: map[string]constructs.FieldRef{"MEMORY": {Resource: "limits.memory", Divisor: "1Mi"}}})
		}, "Deployment shop-api", container + "env", "[{name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}]"},
		{"mount a Secret as files", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Volumes: []constructs.Volume{constructs.SecretVolume{MountPath: "/etc/tls", Secret: "shop-tls"}}})
		}, "Deployment shop-api", "spec template spec volumes 0 secret", "{secretName: shop-tls}"},
		{"mount an existing claim", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Replicas: new(1), Volumes: []constructs.Volume{constructs.ClaimVolume{MountPath: "/data", ClaimName: "old"}}})
		}, "Deployment shop-api", "spec template spec volumes 0 persistentVolumeClaim", "{claimName: old}"},
		{"mount the files of another image", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Volumes: []constructs.Volume{constructs.ImageVolume{MountPath: "/models", Image: "ghcr.io/acme/model:7"}}})
		}, "Deployment shop-api", "spec template spec volumes 0 image reference", "ghcr.io/acme/model:7"},
		{"enlarge the shared memory", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, EmptyDirs: []constructs.EmptyDir{{Path: "/dev/shm", Memory: true, SizeLimit: "512Mi"}}})
		}, "Deployment shop-api", "spec template spec volumes 0 emptyDir", "{medium: Memory, sizeLimit: 512Mi}"},
		{"prepare something before it starts", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, InitContainers: []constructs.InitContainer{{Name: "prepare", Command: []string{"shop", "prepare"}, TierEnv: true}}})
		}, "Deployment shop-api", "spec template spec initContainers 0 image", "ghcr.io/acme/shop:1.4.2"},
		{"run a proxy beside it", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Sidecars: []constructs.Sidecar{{Name: "proxy", Image: "ghcr.io/acme/proxy:2"}}})
		}, "Deployment shop-api", "spec template spec initContainers 0 restartPolicy", "Always"},
		{"run a program before it is told to stop", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, PreStop: []string{"shop", "drain"}})
		}, "Deployment shop-api", container + "lifecycle preStop exec command", "[shop, drain]"},
		{"run as another user", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Pod: constructs.PodProps{RunAsUser: 1000, RunAsGroup: 1000}})
		}, "Deployment shop-api", "spec template spec securityContext runAsUser", "1000"},
	}},
	{"Workers", []wish{
		{"take tasks from a queue", func(chart cdk8s.Chart) {
			constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: image, Command: []string{"celery", "--app=shop", "worker"}})
		}, "Deployment shop-worker", container + "command", "[celery, --app=shop, worker]"},
		{"let it finish its tasks when it is told to stop", func(chart cdk8s.Chart) {
			constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: image, Pod: constructs.PodProps{TerminationGracePeriodSeconds: 600}})
		}, "Deployment shop-worker", "spec template spec terminationGracePeriodSeconds", "600"},
		{"restart it when it no longer touches a file", func(chart cdk8s.Chart) {
			constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: image, Liveness: constructs.HeartbeatProbe{Path: "/tmp/alive", MaxAge: time.Minute}})
		}, "Deployment shop-worker", container + "livenessProbe exec command 4", "'60'"},
		{"run exactly one scheduler", func(chart cdk8s.Chart) {
			constructs.NewScheduler(chart, "scheduler", constructs.SchedulerProps{Image: image, Command: []string{"celery", "--app=shop", "beat"}})
		}, "Deployment shop-scheduler", "spec strategy", "{type: Recreate}"},
	}},
	{"Jobs", []wish{
		{"run a program once", func(chart cdk8s.Chart) {
			constructs.NewJob(chart, "import", constructs.JobProps{Image: image, Command: []string{"python", "-m", "shop.import"}, Deadline: 4 * time.Hour})
		}, "Job shop-import", "spec activeDeadlineSeconds", "14400"},
		{"run it again if it fails", func(chart cdk8s.Chart) {
			constructs.NewJob(chart, "import", constructs.JobProps{Image: image, BackoffLimit: new(5)})
		}, "Job shop-import", "spec backoffLimit", "5"},
		{"run a program on a schedule", func(chart cdk8s.Chart) {
			constructs.NewCronJob(chart, "report", constructs.CronJobProps{Image: image, Schedule: "30 6 * * mon-fri", TimeZone: "Europe/Berlin"})
		}, "CronJob shop-report", "spec timeZone", "Europe/Berlin"},
		{"stop a run that takes too long", func(chart cdk8s.Chart) {
			constructs.NewCronJob(chart, "report", constructs.CronJobProps{Image: image, Schedule: "@hourly", Deadline: 10 * time.Minute})
		}, "CronJob shop-report", "spec jobTemplate spec activeDeadlineSeconds", "600"},
		{"replace a run that is still running", func(chart cdk8s.Chart) {
			constructs.NewCronJob(chart, "report", constructs.CronJobProps{Image: image, Schedule: "@hourly", ConcurrencyPolicy: constructs.ConcurrencyReplace})
		}, "CronJob shop-report", "spec concurrencyPolicy", "Replace"},
		{"migrate the database before a rollout", func(chart cdk8s.Chart) {
			database := aPostgres(chart)
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Database: database, Migrations: &constructs.Migrations{Command: []string{"alembic", "upgrade", "head"}}})
		}, "Deployment shop-api", "spec template spec initContainers 0 name", "migrations"},
		{"have a worker wait for these migrations", func(chart cdk8s.Chart) {
			database := aPostgres(chart)
			api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Database: database, Migrations: &constructs.Migrations{Command: []string{"alembic", "upgrade", "head"}}})
			constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: image, Database: database, MigrationsOf: api})
		}, "Deployment shop-worker", "spec template spec initContainers 0 name", "migrations"},
	}},
	{"Health, size and placement", []wish{
		{"check another path", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Readiness: constructs.HTTPProbe{Path: "/ready"}})
		}, "Deployment shop-api", container + "readinessProbe httpGet path", "/ready"},
		{"check a gRPC server", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Liveness: constructs.GRPCProbe{}, Readiness: constructs.GRPCProbe{}})
		}, "Deployment shop-api", container + "livenessProbe grpc", "{port: 8000}"},
		{"check nothing", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Liveness: constructs.NoProbe{}, Readiness: constructs.NoProbe{}})
		}, "Deployment shop-api", container + "livenessProbe", "null"},
		{"wait for a slow start", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Startup: constructs.HTTPProbe{Timing: constructs.ProbeTiming{FailureThreshold: 60}}})
		}, "Deployment shop-api", container + "startupProbe failureThreshold", "60"},
		{"give it more memory", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Resources: constructs.Resources{Limits: constructs.ResourceList{Memory: "4Gi"}}})
		}, "Deployment shop-api", container + "resources limits memory", "4Gi"},
		{"not limit its CPU", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Resources: constructs.Resources{Limits: constructs.ResourceList{CPU: constructs.NoLimit}}})
		}, "Deployment shop-api", container + "resources limits", "{memory: 1Gi}"},
		{"run more replicas", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Replicas: new(5)})
		}, "Deployment shop-api", "spec replicas", "5"},
		{"follow the load", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Autoscaling: &constructs.Autoscaling{MaxReplicas: 10}})
		}, "HorizontalPodAutoscaler shop-api", "spec maxReplicas", "10"},
		{"follow the length of a queue", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Autoscaling: &constructs.Autoscaling{MaxReplicas: 10, Metrics: []constructs.AutoscalingMetric{{Name: "queue_length", AverageValue: "30", External: true}}}})
		}, "HorizontalPodAutoscaler shop-api", "spec metrics 0 external target", "{type: AverageValue, averageValue: '30'}"},
		{"leave the number of pods to KEDA", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Autoscaling: &constructs.Autoscaling{MaxReplicas: 10, External: true}})
		}, "Deployment shop-api", "spec replicas", "null"},
		{"roll out without fewer pods", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Rollout: constructs.Rollout{MaxUnavailable: new(0), MaxSurge: new(1)}})
		}, "Deployment shop-api", "spec strategy rollingUpdate maxUnavailable", "0"},
		{"give it a GPU", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Resources: constructs.Resources{Extended: map[string]int{"nvidia.com/gpu": 1}}})
		}, "Deployment shop-api", container + "resources limits nvidia.com/gpu", "'1'"},
		{"limit what it writes to the disk", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Resources: constructs.Resources{Limits: constructs.ResourceList{EphemeralStorage: "2Gi"}}})
		}, "Deployment shop-api", container + "resources limits ephemeral-storage", "2Gi"},
		{"run it in a sandbox", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Pod: constructs.PodProps{RuntimeClassName: "gvisor"}})
		}, "Deployment shop-api", "spec template spec runtimeClassName", "gvisor"},
		{"let it act as a role of AWS", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, ServiceAccount: &constructs.ServiceAccount{Annotations: map[string]string{"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/shop"}}})
		}, "ServiceAccount shop-api", "metadata annotations eks.amazonaws.com/role-arn", "arn:aws:iam::123456789012:role/shop"},
		{"keep three of four pods while nodes are drained", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Replicas: new(4), DisruptionBudget: constructs.DisruptionBudget{MinAvailable: "3"}})
		}, "PodDisruptionBudget shop-api", "spec minAvailable", "3"},
		{"label all objects of a tier", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Labels: map[string]string{"cost-center": "shop"}})
		}, "Service shop-api", "metadata labels cost-center", "shop"},
		{"place pods evenly over racks or not at all", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Spread: []constructs.Spread{{TopologyKey: "example.com/rack", MaxSkew: 1, Required: true}}})
		}, "Deployment shop-api", "spec template spec topologySpreadConstraints 0 whenUnsatisfiable", "DoNotSchedule"},
		{"use nodes with a label", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Pod: constructs.PodProps{NodeSelector: map[string]string{"disk": "ssd"}}})
		}, "Deployment shop-api", "spec template spec nodeSelector", "{disk: ssd}"},
		{"prefer nodes with a label", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Pod: constructs.PodProps{Affinity: constructs.Affinity{Nodes: []constructs.NodeAffinityRule{{Key: "disk", Values: []string{"ssd", "nvme"}}}}}})
		}, "Deployment shop-api", "spec template spec affinity nodeAffinity preferredDuringSchedulingIgnoredDuringExecution 0", "{weight: 100, preference: {matchExpressions: [{key: disk, operator: In, values: [ssd, nvme]}]}}"},
		{"run at most one pod of a tier on a node", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Pod: constructs.PodProps{Affinity: constructs.Affinity{Apart: []constructs.PodAffinityRule{{Required: true}}}}})
		}, "Deployment shop-api", "spec template spec affinity podAntiAffinity requiredDuringSchedulingIgnoredDuringExecution 0", "{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: shop, component: api}}}"},
		{"run pods in the zone of another tier", func(chart cdk8s.Chart) {
			database := aPostgres(chart)
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Pod: constructs.PodProps{Affinity: constructs.Affinity{Near: []constructs.PodAffinityRule{{Tier: database, TopologyKey: "topology.kubernetes.io/zone"}}}}})
		}, "Deployment shop-api", "spec template spec affinity podAffinity preferredDuringSchedulingIgnoredDuringExecution 0 podAffinityTerm", "{topologyKey: topology.kubernetes.io/zone, labelSelector: {matchLabels: {app: shop, component: database}}}"},
		{"use nodes with a taint", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Pod: constructs.PodProps{Tolerations: []constructs.Toleration{{Key: "spot", Operator: constructs.TolerationExists}}}})
		}, "Deployment shop-api", "spec template spec tolerations", "[{key: spot, operator: Exists}]"},
		{"pull from a private registry", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Pod: constructs.PodProps{ImagePullSecrets: []string{"registry"}}})
		}, "Deployment shop-api", "spec template spec imagePullSecrets", "[{name: registry}]"},
		{"label the pods", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Pod: constructs.PodProps{Labels: map[string]string{"team": "shop"}}})
		}, "Deployment shop-api", "spec template metadata labels team", "shop"},
	}},
	{"Databases", []wish{
		{"connect a backend to PostgreSQL", func(chart cdk8s.Chart) {
			database := aPostgres(chart)
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Database: database})
		}, "Deployment shop-api", container + "env 0 name", "DATABASE_URL"},
		{"back it up", func(chart cdk8s.Chart) {
			constructs.NewPostgres(chart, "database", constructs.PostgresProps{
				Credentials: constructs.PostgresCredentials{Secret: "shop-secrets"}, Backup: &constructs.PostgresBackup{Schedule: "30 2 * * *"},
			})
		}, "CronJob shop-database-backup", "spec schedule", "30 2 * * *"},
		{"allow more connections", func(chart cdk8s.Chart) {
			constructs.NewPostgres(chart, "database", constructs.PostgresProps{
				Credentials: constructs.PostgresCredentials{Secret: "shop-secrets"}, Settings: map[string]string{"max_connections": "200"},
			})
		}, "Deployment shop-database", container + "args", "[-c, max_connections=200]"},
		{"search texts and vectors", func(chart cdk8s.Chart) {
			constructs.NewPostgres(chart, "database", constructs.PostgresProps{
				Credentials: constructs.PostgresCredentials{Secret: "shop-secrets"}, Image: "pgvector/pgvector:pg17", Extensions: []string{"pg_trgm", "vector"},
				Pod: constructs.PodProps{RunAsUser: 999, RunAsGroup: 999},
			})
		}, "ConfigMap shop-database-files", "data extensions.sql", "\"CREATE EXTENSION IF NOT EXISTS \\\"pg_trgm\\\" CASCADE;\\nCREATE EXTENSION IF NOT EXISTS \\\"vector\\\" CASCADE;\\n\""},
		{"create tables at the first start", func(chart cdk8s.Chart) {
			constructs.NewPostgres(chart, "database", constructs.PostgresProps{
				Credentials: constructs.PostgresCredentials{Secret: "shop-secrets"}, InitSQL: "CREATE TABLE orders (id int);",
			})
		}, "ConfigMap shop-database-files", "data", "{init.sql: CREATE TABLE orders (id int);}"},
		{"use a managed PostgreSQL", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Database: constructs.ExternalPostgres{
				Server: constructs.ExternalServer{Host: "db.example.com", Port: 5432, CIDRs: []string{"10.0.0.0/24"}},
				URL:    constructs.SecretKeyRef{Secret: "shop-secrets", Key: "url"},
			}})
		}, "NetworkPolicy shop-api", "spec egress 1 to", "[{ipBlock: {cidr: 10.0.0.0/24}}]"},
		{"use a CloudNativePG cluster", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Database: constructs.ExternalPostgres{
				Server: constructs.ClusterServer{Service: "main-rw", Namespace: "data", Port: 5432, PodLabels: map[string]string{"cnpg.io/cluster": "main"}},
				URL:    constructs.SecretKeyRef{Secret: "main-app", Key: "uri"},
			}})
		}, "NetworkPolicy shop-api", "spec egress 1 to 0 podSelector matchLabels", "{cnpg.io/cluster: main}"},
		{"export Redis's metrics", func(chart cdk8s.Chart) {
			constructs.NewRedis(chart, "cache", constructs.RedisProps{Password: constructs.SecretKeyRef{Secret: "shop-secrets", Key: "redis-password"}, Exporter: &constructs.Exporter{}})
		}, "Service shop-cache-metrics", "spec ports 0 port", "9121"},
		{"adopt an existing volume", func(chart cdk8s.Chart) {
			constructs.NewPostgres(chart, "database", constructs.PostgresProps{
				Credentials: constructs.PostgresCredentials{Secret: "shop-secrets"}, Storage: constructs.Storage{ClaimName: "old-database"},
			})
		}, "Deployment shop-database", "spec template spec volumes 0 persistentVolumeClaim", "{claimName: old-database}"},
	}},
	{"Models", []wish{
		{"call OpenAI, or a provider that is compatible", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Model: &constructs.Model{
				Server: constructs.ExternalServer{Host: "api.openai.com", Port: 443, CIDRs: constructs.AllAddresses()},
				APIKey: constructs.SecretKeyRef{Secret: "shop-secrets", Key: "openai-api-key"}, Name: "gpt-4o",
			}})
		}, "Deployment shop-api", container + "env 0 value", "https://api.openai.com/v1"},
		{"call a model in the cluster", func(chart cdk8s.Chart) {
			constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: image, Model: &constructs.Model{
				Server: constructs.ClusterServer{Service: "vllm", Namespace: "models", Port: 80, PodPort: 8000, PodLabels: map[string]string{"app": "vllm"}},
			}})
		}, "Deployment shop-worker", container + "env 0 value", "http://vllm.models.svc/v1"},
	}},
	{"Who may connect", []wish{
		{"let one tier call another", func(chart cdk8s.Chart) {
			api := aBackend(chart)
			constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: image, Connections: []constructs.Server{api}})
		}, "NetworkPolicy shop-api-from-worker", "spec ingress 0 from 0 podSelector matchLabels component", "worker"},
		{"call a server outside the cluster", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Connections: []constructs.Server{
				constructs.ExternalServer{Host: "api.stripe.com", Port: 443, CIDRs: constructs.AllAddresses()},
			}})
		}, "NetworkPolicy shop-api", "spec egress 1 ports", "[{port: 443, protocol: TCP}]"},
		{"call a service of another team", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Connections: []constructs.Server{
				constructs.ClusterServer{Service: "search", Namespace: "search", Port: 80, PodPort: 8080, PodLabels: map[string]string{"app": "search"}},
			}})
		}, "NetworkPolicy shop-api", "spec egress 1 ports", "[{port: 8080, protocol: TCP}]"},
		{"let pods of another namespace call a tier", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Sources: constructs.Sources{{Namespace: "analytics", PodLabels: map[string]string{"app": "metabase"}}}})
		}, "NetworkPolicy shop-api-sources", "spec ingress 0 from 0 namespaceSelector matchLabels", "{kubernetes.io/metadata.name: analytics}"},
		{"publish a tier by a load balancer", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Service: constructs.ServiceProps{
				Type: constructs.ServiceLoadBalancer, SourceRanges: []string{"203.0.113.0/24"},
			}})
		}, "Service shop-api", "spec loadBalancerSourceRanges", "[203.0.113.0/24]"},
		{"publish a host", func(chart cdk8s.Chart) {
			api := aBackend(chart)
			constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "shop.example.com", Tier: api, ClusterIssuer: "letsencrypt"})
		}, "Ingress shop-web", "spec tls", "[{hosts: [shop.example.com], secretName: shop-tls}]"},
		{"publish several hosts or paths", func(chart cdk8s.Chart) {
			api := aBackend(chart)
			constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "shop.example.com", Tier: api, Routes: []constructs.IngressRoute{{Host: "api.example.com", Tier: api}}})
		}, "Ingress shop-web-routes", "spec rules 0 host", "api.example.com"},
		{"use Traefik", func(chart cdk8s.Chart) {
			api := aBackend(chart)
			constructs.NewIngress(chart, "web", constructs.IngressProps{
				Host: "shop.example.com", Tier: api, DisableRedirect: true, Controller: constructs.IngressController{Profile: constructs.ProfileTraefik},
			})
		}, "Ingress shop-web", "spec ingressClassName", "traefik"},
		{"publish by Gateway API", func(chart cdk8s.Chart) {
			api := aBackend(chart)
			constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "shop.example.com", Tier: api, Gateway: &constructs.Gateway{
				Name: "shared", Namespace: "gateways", Proxy: constructs.GatewayProxy{Profile: constructs.GatewayEnvoy},
			}})
		}, "HTTPRoute shop-web", "spec hostnames", "[shop.example.com]"},
		{"end TLS at a load balancer", func(chart cdk8s.Chart) {
			api := aBackend(chart)
			constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "shop.example.com", Tier: api, DisableTLS: true})
		}, "Ingress shop-web", "spec tls", "null"},
		{"join pods that I add myself", func(chart cdk8s.Chart) {
			constructs.NewPods(chart, "search", constructs.PodsProps{Port: 9200, Metrics: &constructs.MetricsEndpoint{Port: 9114}})
		}, "Service shop-search-metrics", "spec ports 0 port", "9114"},
	}},
	{"Monitoring", []wish{
		{"be alerted when a backend fails or is slow", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Metrics: &constructs.Metrics{
				Objective: constructs.Objective{Availability: 99.95, P95Latency: 300 * time.Millisecond},
			}})
		}, "Service shop-api-metrics", "spec ports 0 port", "9464"},
		{"scrape a program whose metrics have other names", func(chart cdk8s.Chart) {
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Metrics: &constructs.Metrics{Port: 9000, ScrapeOnly: true}})
		}, "Service shop-api-metrics", "spec ports 0 port", "9000"},
		{"send alerts to Slack", func(chart cdk8s.Chart) {
			monitoring.NewAlertmanager(chart, "alertmanager", monitoring.AlertmanagerProps{Receivers: []monitoring.AlertReceiver{{
				Kind: monitoring.ReceiverSlack, Secret: constructs.SecretKeyRef{Secret: "shop-secrets", Key: "slack-url"},
				Server: constructs.ExternalServer{Host: "hooks.slack.com", Port: 443, CIDRs: constructs.AllAddresses()},
			}}})
		}, "NetworkPolicy shop-alertmanager", "spec egress 1 ports", "[{port: 443, protocol: TCP}]"},
		{"keep samples longer", func(chart cdk8s.Chart) {
			monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{Retention: 30 * 24 * time.Hour})
		}, "Deployment shop-prometheus", container + "args 2", "--storage.tsdb.retention.time=30d"},
	}},
	{"The cluster", []wish{
		{"run on OpenShift", func(chart cdk8s.Chart) {
			constructs.SetCluster(chart, constructs.Cluster{DNS: []constructs.DNSServer{constructs.OpenShiftDNS()}, AssignsUsers: true})
			database := aPostgres(chart)
			constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Connections: []constructs.Server{database}})
		}, "NetworkPolicy shop-api", "spec egress 0 ports 0 port", "5353"},
		{"close a namespace and enforce Pod Security", func(chart cdk8s.Chart) {
			constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{Labels: map[string]string{"team": "shop"}})
		}, "Namespace shop", "metadata labels team", "shop"},
	}},
}
