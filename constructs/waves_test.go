package constructs_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/argocd"
	"github.com/ai-platform/manifests/constructs/monitoring"
	"github.com/ai-platform/manifests/internal/registry"
)

const (
	waveAnnotation    = "argocd.argoproj.io/sync-wave"
	optionsAnnotation = "argocd.argoproj.io/sync-options"
)

var redisPassword = constructs.SecretKeyRef{Secret: "shop", Key: "redis-password"}

// annotated is a program with one chart, shop, and the annotations for Argo CD.
func annotated(add func(chart cdk8s.Chart)) func(app cdk8s.App) {
	return func(app cdk8s.App) {
		add(newChart(app, "shop"))
		argocd.Annotate(app)
	}
}

// wavesOf renders a program, and says which objects are in which wave.
func wavesOf(t *testing.T, program func(app cdk8s.App)) map[any][]string {
	t.Helper()
	files, err := constructs.Render(program)
	require.NoError(t, err)
	waves := map[any][]string{}
	for _, m := range manifestsOf(t, string(files["shop.k8s.yaml"])) {
		wave := m.at("metadata", "annotations", waveAnnotation)
		waves[wave] = append(waves[wave], m["kind"].(string)+" "+m.at("metadata", "name").(string))
	}
	return waves
}

func TestWavesFollowFromConnections(t *testing.T) {
	require.Equal(t, map[any][]string{
		"0": {"Namespace shop", "NetworkPolicy default-deny"},
		"2": {
			"PersistentVolumeClaim shop-database-data", "Deployment shop-database", "Service shop-database", "NetworkPolicy shop-database",
			"NetworkPolicy shop-database-backup", "NetworkPolicy shop-database-from-database-backup",
			"Deployment shop-other", "Service shop-other", "PodDisruptionBudget shop-other", "NetworkPolicy shop-other",
		},
		"3": {
			"PersistentVolumeClaim shop-api-data", "Deployment shop-api", "Service shop-api", "PodDisruptionBudget shop-api",
			"NetworkPolicy shop-api", "NetworkPolicy shop-database-from-api",
		},
		"4": {
			"Deployment shop-pages", "Service shop-pages", "PodDisruptionBudget shop-pages", "NetworkPolicy shop-pages",
			"NetworkPolicy shop-api-from-pages", "NetworkPolicy shop-other-from-pages",
		},
		"5": {
			// Claims and jobs that may not be healthy for long, in a wave that nothing waits for.
			"PersistentVolumeClaim shop-database-backup-data", "CronJob shop-database-backup", "CronJob shop-database-restore",
			"HorizontalPodAutoscaler shop-pages", "Ingress shop-web", "NetworkPolicy shop-pages-from-web",
		},
	}, wavesOf(t, annotated(func(chart cdk8s.Chart) {
		constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{})
		database := constructs.NewPostgres(chart, "database", constructs.PostgresProps{
			Image: "postgres:15", Credentials: constructs.PostgresCredentials{Secret: "shop"}, Backup: &constructs.PostgresBackup{},
		})
		api := constructs.NewBackend(chart, "api", constructs.BackendProps{
			Image: "api:1", Database: database, Storage: &constructs.Storage{MountPath: "/data", Size: "1Gi", AccessMode: constructs.ReadWriteMany},
		})
		other := constructs.NewBackend(chart, "other", constructs.BackendProps{Image: "other:1"})
		pages := constructs.NewBackend(chart, "pages", constructs.BackendProps{
			Image: "pages:1", Connections: []constructs.Server{api, other}, Autoscaling: &constructs.Autoscaling{MaxReplicas: 4},
		})
		constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "example.com", Tier: pages})
	})))
}

// What is watched may be broken: that is when one wants to see it.
func TestWavesOfMonitoring(t *testing.T) {
	deployments := map[string]any{}
	files, err := constructs.Render(annotated(func(chart cdk8s.Chart) {
		database := constructs.NewPostgres(chart, "database", constructs.PostgresProps{
			Image: "postgres:15", Credentials: constructs.PostgresCredentials{Secret: "shop"}, Exporter: &constructs.Exporter{},
		})
		constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Database: database, Metrics: &constructs.Metrics{}})
		alertmanager := monitoring.NewAlertmanager(chart, "alertmanager", monitoring.AlertmanagerProps{
			Receivers: []monitoring.AlertReceiver{{
				Kind: monitoring.ReceiverSlack, Secret: constructs.SecretKeyRef{Secret: "shop", Key: "url"},
				Server: constructs.ExternalServer{Host: "hooks.slack.com", Port: 443, CIDRs: constructs.AllAddresses()},
			}},
		})
		prometheus := monitoring.NewPrometheus(chart, "prometheus", monitoring.PrometheusProps{Alertmanager: alertmanager})
		monitoring.NewGrafana(chart, "grafana", monitoring.GrafanaProps{
			Prometheus: prometheus, AdminPassword: constructs.SecretKeyRef{Secret: "shop", Key: "password"},
		})
	}))
	require.NoError(t, err)
	for _, m := range manifestsOf(t, string(files["shop.k8s.yaml"])) {
		if m["kind"] == "Deployment" {
			deployments[m.at("metadata", "name").(string)] = m.at("metadata", "annotations", waveAnnotation)
		}
	}
	require.Equal(t, map[string]any{
		"shop-database": "2", "shop-api": "3", "shop-alertmanager": "2", "shop-prometheus": "3", "shop-grafana": "4",
	}, deployments)
}

// A claim of a server that is stopped is bound when that is started again.
func TestClaimOfAStoppedServerIsInTheLastWave(t *testing.T) {
	waves := wavesOf(t, annotated(func(chart cdk8s.Chart) {
		redis := constructs.NewRedis(chart, "redis", constructs.RedisProps{Image: "redis:7", Password: redisPassword, Replicas: new(0)})
		constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Redis: redis})
	}))
	require.Contains(t, waves["3"], "PersistentVolumeClaim shop-redis-data")
	require.Contains(t, waves["2"], "Deployment shop-redis")
}

func TestWhatHoldsDataIsProtected(t *testing.T) {
	files, err := constructs.Render(annotated(func(chart cdk8s.Chart) {
		constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{})
		constructs.NewRedis(chart, "redis", constructs.RedisProps{Image: "redis:7", Password: redisPassword})
		kept := constructs.NewRedis(chart, "kept", constructs.RedisProps{
			Image: "redis:7", Password: redisPassword, Storage: constructs.Storage{ClaimName: "kept"},
		})
		kept.PersistentVolumeClaim().Metadata().AddAnnotation(jsii.String(optionsAnnotation), jsii.String("Prune=false"))
	}))
	require.NoError(t, err)
	options := map[string]any{}
	for _, m := range manifestsOf(t, string(files["shop.k8s.yaml"])) {
		if option := m.at("metadata", "annotations", optionsAnnotation); option != nil {
			options[m["kind"].(string)+" "+m.at("metadata", "name").(string)] = option
		}
	}
	require.Equal(t, map[string]any{
		"Namespace shop":                        "Prune=confirm,Delete=confirm",
		"PersistentVolumeClaim shop-redis-data": "Prune=confirm,Delete=confirm",
		"PersistentVolumeClaim kept":            "Prune=false,Delete=confirm",
	}, options)
}

// What the program adds itself is not known here, except for the kinds that a wave would wait for.
func TestWavesOfForeignObjects(t *testing.T) {
	waves := wavesOf(t, annotated(func(chart cdk8s.Chart) {
		constructs.NewBackend(chart, "api", apiProps)
		add := func(kind, name, version string) cdk8s.ApiObject {
			return cdk8s.NewApiObject(chart, jsii.String(name), &cdk8s.ApiObjectProps{
				ApiVersion: jsii.String(version), Kind: jsii.String(kind), Metadata: &cdk8s.ApiObjectMetadata{Name: jsii.String(name)},
			})
		}
		add("ConfigMap", "settings", "v1")
		add("Ingress", "other", "networking.k8s.io/v1")
		add("ConfigMap", "early", "v1").Metadata().AddAnnotation(jsii.String(waveAnnotation), jsii.String("-1"))
		add("ConfigMap", "late", "v1").Metadata().AddAnnotation(jsii.String(waveAnnotation), jsii.String("7"))
		claim := add("PersistentVolumeClaim", "spare", "v1")
		pod := add("Pod", "reader", "v1")
		pod.Metadata().AddAnnotation(jsii.String(waveAnnotation), jsii.String("4"))
		pod.AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String("/spec"), map[string]any{
			"volumes": []any{map[string]any{"name": "spare", "persistentVolumeClaim": map[string]any{"claimName": *claim.Name()}}},
		}))
	}))
	require.Equal(t, []string{"ConfigMap early"}, waves["-1"])
	require.Equal(t, []string{"ConfigMap settings"}, waves["0"])
	require.Equal(t, []string{"PersistentVolumeClaim spare", "Pod reader"}, waves["4"])
	require.Equal(t, []string{"Ingress other", "ConfigMap late"}, waves["7"])
}

// A sync would wait forever: synthesis says so.
func TestWavesThatWaitForever(t *testing.T) {
	_, err := constructs.Render(annotated(func(chart cdk8s.Chart) {
		annotate := func(o cdk8s.ApiObject, wave string) {
			o.Metadata().AddAnnotation(jsii.String(waveAnnotation), jsii.String(wave))
		}
		api := constructs.NewBackend(chart, "api", apiProps)
		api.Deployment().AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String("/spec/paused"), true))
		early := constructs.NewRedis(chart, "early", constructs.RedisProps{Image: "redis:7", Password: redisPassword})
		annotate(early.PersistentVolumeClaim(), "1")
		late := constructs.NewRedis(chart, "late", constructs.RedisProps{Image: "redis:7", Password: redisPassword})
		annotate(late.PersistentVolumeClaim(), "3")
		pages := constructs.NewFrontend(chart, "pages", constructs.FrontendProps{Image: "pages:1", Backend: api})
		annotate(pages.Service(), "first")
		pages.PodDisruptionBudget().AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String("/metadata/annotations"), map[string]any{waveAnnotation: 3}))
		web := constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "example.com", Tier: pages})
		annotate(web.Ingress(), "2")
		job := cdk8s.NewApiObject(chart, jsii.String("job"), &cdk8s.ApiObjectProps{
			ApiVersion: jsii.String("batch/v1"), Kind: jsii.String("Job"), Metadata: &cdk8s.ApiObjectMetadata{Name: jsii.String("later")},
		})
		job.AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String("/spec"), map[string]any{"suspend": true}))
	}))
	require.EqualError(t, err, validationFailed+`
  [shop/api/deployment] argocd.Annotate: Invalid value: "Deployment shop/shop-api": is in sync wave 2 and is paused (set its replicas to 0 instead): the waves up to 4 would never start
  [shop/early/claim] argocd.Annotate: Invalid value: "PersistentVolumeClaim shop/shop-early-data": is in sync wave 1 and is mounted in wave 2, and may not be bound before (remove the annotation): the waves up to 4 would never start
  [shop/late/deployment] argocd.Annotate: Invalid value: "Deployment shop/shop-late": is in sync wave 2 and mounts the PersistentVolumeClaim shop/shop-late-data, which is in wave 3 (remove that annotation): the waves up to 4 would never start
  [shop/pages/service] argocd.Annotate: Invalid value: "Service shop/shop-pages": has the annotation argocd.argoproj.io/sync-wave: "first", which must be a whole number as a string
  [shop/pages/pod-disruption-budget] argocd.Annotate: Invalid value: "PodDisruptionBudget shop/shop-pages": has the annotation argocd.argoproj.io/sync-wave: 3, which must be a whole number as a string
  [shop/web/ingress] argocd.Annotate: Invalid value: "Ingress shop/shop-web": is in sync wave 2 and waits for a controller to give it an address (remove the annotation to move it to the last wave): the waves up to 4 would never start
  [shop/job] argocd.Annotate: Invalid value: "Job shop/later": is in sync wave 0 and is suspended (add it when it is to run, or annotate it with the last wave): the waves up to 4 would never start
`+wouldRefuse+`
  [shop/pages/pod-disruption-budget] shop.k8s.yaml: PodDisruptionBudget shop/shop-pages: metadata.annotations[argocd.argoproj.io/sync-wave]: Invalid value: 3: must be a string`+wayOut)
}

// Without a controller a Gateway is never accepted, and nothing may wait for it.
func TestGatewaysAreInTheLastWave(t *testing.T) {
	waves := wavesOf(t, func(app cdk8s.App) {
		chart := newChart(app, "shop")
		api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1"})
		constructs.NewIngress(chart, "web", constructs.IngressProps{
			Host: "shop.example.com", Tier: api,
			Gateway: &constructs.Gateway{ClassName: "istio", Proxy: constructs.GatewayProxy{Profile: constructs.GatewayIstio}},
		})
		job := cdk8s.NewApiObject(chart, jsii.String("job"), &cdk8s.ApiObjectProps{
			ApiVersion: jsii.String("batch/v1"), Kind: jsii.String("Job"), Metadata: &cdk8s.ApiObjectMetadata{Name: jsii.String("later")},
		})
		job.Metadata().AddAnnotation(jsii.String(waveAnnotation), jsii.String("9"))
		argocd.Annotate(app)
	})
	require.Subset(t, waves["9"], []string{"Gateway shop-web", "HTTPRoute shop-web", "HTTPRoute shop-web-redirect"})
	require.Contains(t, waves["3"], "NetworkPolicy shop-web-proxy")
}

// A backend's pods wait for its migrations, which need all of its servers. With the objects that they need, these come first.
func TestMigrationsComeBeforeTheirBackend(t *testing.T) {
	var name string
	waves := wavesOf(t, annotated(func(chart cdk8s.Chart) {
		database := constructs.NewPostgres(chart, "database", constructs.PostgresProps{Image: "postgres:15", Credentials: constructs.PostgresCredentials{Secret: "shop"}})
		mail := constructs.NewBackend(chart, "mail", constructs.BackendProps{Image: "mail:1", Database: database})
		api := constructs.NewBackend(chart, "api", constructs.BackendProps{
			Image: "api:1", Database: database, Connections: []constructs.Server{mail},
			Migrations: &constructs.Migrations{Command: []string{"migrate"}}, Files: map[string]string{"/etc/api.ini": "a=b"},
			ServiceAccount: &constructs.ServiceAccount{}, Volumes: []constructs.Volume{constructs.ClaimVolume{MountPath: "/data", ClaimName: "data", AccessMode: constructs.ReadWriteMany}},
		})
		require.NotNil(t, api.ServiceAccount())
		name = *api.MigrationsJob().Name()
		constructs.NewFrontend(chart, "pages", constructs.FrontendProps{Image: "pages:1", Backend: api})
		constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: "api:1", Database: database, MigrationsOf: api})
		constructs.NewWorker(chart, "other", constructs.WorkerProps{Image: "api:1", Database: database})
	}))
	require.Contains(t, waves["2"], "Deployment shop-database")
	require.Subset(t, waves["3"], []string{"Deployment shop-mail", "Deployment shop-other"})
	require.Equal(t, []string{
		"ConfigMap shop-api-migrations-files", "ServiceAccount shop-api", "Job " + name, "NetworkPolicy shop-api-migrations",
		"NetworkPolicy shop-database-from-api-migrations", "NetworkPolicy shop-mail-from-api-migrations",
	}, waves["4"])
	require.Subset(t, waves["5"], []string{"ConfigMap shop-api-files", "Deployment shop-api", "Deployment shop-worker", "Service shop-api", "NetworkPolicy shop-database-from-api"})
	require.Contains(t, waves["6"], "Deployment shop-pages")
}

// Nothing waits for a Job, which may take long and fail, unless the program adds it itself or says so.
func TestJobsAreInTheLastWave(t *testing.T) {
	var name string
	waves := wavesOf(t, annotated(func(chart cdk8s.Chart) {
		redis := constructs.NewRedis(chart, "redis", constructs.RedisProps{Image: "redis:7", Password: redisPassword})
		job := constructs.NewJob(chart, "import", constructs.JobProps{Image: "api:1", Redis: redis, Storage: &constructs.Storage{MountPath: "/data", Size: "1Gi"}})
		name = *job.Job().Name()
		constructs.NewCronJob(chart, "report", constructs.CronJobProps{Image: "api:1", Redis: redis, Schedule: "@daily"})
		api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Redis: redis})
		constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "example.com", Tier: api})
		cdk8s.NewApiObject(chart, jsii.String("job"), &cdk8s.ApiObjectProps{
			ApiVersion: jsii.String("batch/v1"), Kind: jsii.String("Job"), Metadata: &cdk8s.ApiObjectMetadata{Name: jsii.String("own")},
		})
	}))
	require.Equal(t, []string{
		"PersistentVolumeClaim shop-import-data", "Job " + name, "CronJob shop-report", "Ingress shop-web", "NetworkPolicy shop-api-from-web",
	}, waves["4"])
	require.Contains(t, waves["3"], "NetworkPolicy shop-import")
	require.Equal(t, []string{"Job own"}, waves["0"])
}

// It does not matter when Annotate is called, and how often: all that comes before synthesis counts, patches too.
func TestAnnotateAtAnyTime(t *testing.T) {
	waves := wavesOf(t, func(app cdk8s.App) {
		argocd.Annotate(app)
		chart := newChart(app, "shop")
		redis := constructs.NewRedis(chart, "redis", constructs.RedisProps{Image: "redis:7", Password: redisPassword})
		argocd.Annotate(app)
		api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Redis: redis})
		redis.Deployment().AddJsonPatch(cdk8s.JsonPatch_Replace(jsii.String("/spec/replicas"), 0))
		api.Deployment().AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String("/metadata/annotations"), map[string]any{"owner": "me"}))
	})
	require.Contains(t, waves["3"], "PersistentVolumeClaim shop-redis-data")
	require.Contains(t, waves["3"], "Deployment shop-api")
	require.Contains(t, waves["2"], "Deployment shop-redis")
	require.NotContains(t, waves, nil)
}

func TestClientsFollowAServerThatIsAnnotated(t *testing.T) {
	waves := wavesOf(t, annotated(func(chart cdk8s.Chart) {
		redis := constructs.NewRedis(chart, "redis", constructs.RedisProps{Image: "redis:7", Password: redisPassword})
		redis.Deployment().Metadata().AddAnnotation(jsii.String(waveAnnotation), jsii.String("8"))
		constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Redis: redis})
	}))
	require.Equal(t, []string{"PersistentVolumeClaim shop-redis-data", "Deployment shop-redis"}, waves["8"])
	require.Contains(t, waves["9"], "Deployment shop-api")
}

// Problems of others are not hidden, neither by what Annotate finds nor by what it cannot read.
func TestAnnotateHidesNoProblem(t *testing.T) {
	broken := annotated(func(chart cdk8s.Chart) {
		constructs.NewBackend(chart, "bad", constructs.BackendProps{})
		constructs.NewBackend(chart, "api", apiProps).Deployment().AddJsonPatch(cdk8s.JsonPatch_Remove(jsii.String("/nothing/here")))
	})
	_, err := constructs.Render(broken)
	require.EqualError(t, err, validationFailed+`
  [shop/bad] backend.image: Required value`)
}

func TestAnnotateOfAnotherApp(t *testing.T) {
	var kept cdk8s.App
	_, err := constructs.Render(func(app cdk8s.App) {
		kept = app
		constructs.NewBackend(newChart(app, "shop"), "api", apiProps)
	})
	require.NoError(t, err)
	_, err = constructs.Render(func(cdk8s.App) { argocd.Annotate(kept) })
	require.EqualError(t, err, validationFailed+`
  [] argocd.Annotate: Forbidden: the app belongs to another cdk8s.App, such as that of an earlier Synth: create it in this one`)

	_, err = constructs.Render(func(cdk8s.App) { argocd.Annotate(nil) })
	require.EqualError(t, err, "the app of argocd.Annotate is nil")
}

// The annotations are all that is added, and every object of every construct has a wave.
func TestAnnotationsChangeNothingElse(t *testing.T) {
	for _, construct := range registry.Constructs() {
		for _, c := range construct.Cases {
			t.Run(c.Name, func(t *testing.T) {
				add := func(chart cdk8s.Chart) { c.Add(chart) }
				without := renderedObjects(t, inShop(add))
				with := renderedObjects(t, annotated(add))
				for _, m := range with {
					require.Regexp(t, `^[0-9]+$`, m.at("metadata", "annotations", waveAnnotation), m["kind"])
					metadata := m["metadata"].(map[string]any)
					annotations := metadata["annotations"].(map[string]any)
					delete(annotations, waveAnnotation)
					delete(annotations, optionsAnnotation)
					if len(annotations) == 0 {
						delete(metadata, "annotations")
					}
				}
				require.Equal(t, without, with)
			})
		}
	}
}

// renderedObjects are those of all files, in their order.
func renderedObjects(t *testing.T, program func(app cdk8s.App)) []manifest {
	t.Helper()
	files, err := constructs.Render(program)
	require.NoError(t, err)
	var all []manifest
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all = append(all, manifestsOf(t, string(files[name]))...)
	}
	return all
}
