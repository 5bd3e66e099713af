package constructs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// defaultOf is what a prop becomes that is not set, and what it should become.
type defaultOf struct{ got, want any }

// TestDefaults holds every default that is documented.
func TestDefaults(t *testing.T) {
	defaults := map[string]defaultOf{}
	for _, group := range []map[string]defaultOf{
		backendDefaults(), frontendDefaults(), namespaceDefaults(), postgresDefaults(), redisDefaults(), ingressDefaults(),
		podDefaults(), commonDefaults(), metricsDefaults(), kubeStateMetricsDefaults(), alertmanagerDefaults(), prometheusDefaults(),
		grafanaDefaults(),
	} {
		maps.Copy(defaults, group)
	}
	for name, value := range defaults {
		if value.want == nil {
			require.Nil(t, value.got, name)
		} else {
			require.EqualValues(t, value.want, value.got, name)
		}
	}
	require.Equal(t, documentedDefaults(t), slices.Sorted(maps.Keys(defaults)), "the fields whose documentation names a default")
}

var (
	noneOf     = map[string]string(nil)
	oneAtATime = Rollout{MaxUnavailable: ptr(1), MaxSurge: ptr(1)}
	liveness   = HTTPProbe{Path: "/health", Timing: ProbeTiming{InitialDelaySeconds: ptr(30), PeriodSeconds: 10, TimeoutSeconds: 3, FailureThreshold: 3}}
	readiness  = HTTPProbe{Path: "/health", Timing: ProbeTiming{InitialDelaySeconds: ptr(5), PeriodSeconds: 5, TimeoutSeconds: 3, FailureThreshold: 3}}
)

func backendDefaults() map[string]defaultOf {
	latest := BackendProps{Image: "api:latest"}.server(testTier("backend"))
	api := BackendProps{Image: "api:1"}.server(testTier("backend"))
	return map[string]defaultOf{
		"BackendProps.ImagePullPolicy": {[]PullPolicy{latest.pullPolicy, api.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"BackendProps.Port":            {api.port, 8000},
		"BackendProps.Replicas":        {*api.replicas, 2},
		"BackendProps.Autoscaling":     {api.autoscaling, (*Autoscaling)(nil)},
		"BackendProps.Rollout":         {api.rollout.withDefaults(*api.replicas), oneAtATime},
		"BackendProps.Resources": {api.resources, Resources{
			Requests: ResourceList{CPU: "250m", Memory: "512Mi"}, Limits: ResourceList{CPU: "500m", Memory: "1Gi"},
		}},
		"BackendProps.Database":       {api.connected, environment(nil)},
		"BackendProps.Redis":          {api.connected, environment(nil)},
		"BackendProps.Connections":    {api.connections, []connection(nil)},
		"BackendProps.Env":            {api.env, noneOf},
		"BackendProps.SecretEnv":      {api.secretEnv, map[string]SecretKey(nil)},
		"BackendProps.Files":          {api.files, noneOf},
		"BackendProps.Storage":        {api.storage, (*Storage)(nil)},
		"BackendProps.EmptyDirs":      {api.emptyDirs, []EmptyDir{{Path: "/tmp", SizeLimit: "1Gi"}}},
		"BackendProps.PreStopSeconds": {*api.preStopSeconds, 5},
		"BackendProps.Metrics":        {api.metrics, (*Metrics)(nil)},
		"BackendProps.Pod":            {api.pod, PodProps{RunAsUser: 10001, RunAsGroup: 10001, TerminationGracePeriodSeconds: 30}},

		"HTTPProbe.Path":                  {api.liveness.Path, "/health"},
		"HTTPProbe.Timing":                {[]HTTPProbe{api.liveness, api.readiness}, []HTTPProbe{liveness, readiness}},
		"ProbeTiming.InitialDelaySeconds": {[]int{*api.liveness.Timing.InitialDelaySeconds, *api.readiness.Timing.InitialDelaySeconds}, []int{30, 5}},
		"ProbeTiming.PeriodSeconds":       {[]int{api.liveness.Timing.PeriodSeconds, api.readiness.Timing.PeriodSeconds}, []int{10, 5}},
		"ProbeTiming.TimeoutSeconds":      {[]int{api.liveness.Timing.TimeoutSeconds, api.readiness.Timing.TimeoutSeconds}, []int{3, 3}},
		"ProbeTiming.FailureThreshold":    {[]int{api.liveness.Timing.FailureThreshold, api.readiness.Timing.FailureThreshold}, []int{3, 3}},
	}
}

func frontendDefaults() map[string]defaultOf {
	latest := FrontendProps{Image: "pages:latest"}.server(testTier("frontend"))
	pages := FrontendProps{Image: "pages:1"}.server(testTier("frontend"))
	ofBackend := FrontendProps{Image: "pages:1", Backend: backendAt("shop")}.server(testTier("frontend"))
	return map[string]defaultOf{
		"FrontendProps.ImagePullPolicy": {[]PullPolicy{latest.pullPolicy, pages.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"FrontendProps.Port":            {pages.port, 80},
		"FrontendProps.Replicas":        {*pages.replicas, 2},
		"FrontendProps.Autoscaling":     {pages.autoscaling, (*Autoscaling)(nil)},
		"FrontendProps.Rollout":         {pages.rollout.withDefaults(*pages.replicas), oneAtATime},
		"FrontendProps.Resources": {pages.resources, Resources{
			Requests: ResourceList{CPU: "100m", Memory: "256Mi"}, Limits: ResourceList{CPU: "250m", Memory: "512Mi"},
		}},
		"FrontendProps.Backend":    {pages.connections, []connection(nil)},
		"FrontendProps.APIBaseURL": {*ofBackend.connected[0].Value, "http://shop-api:8000"},
		"FrontendProps.Env":        {pages.env, noneOf},
		"FrontendProps.SecretEnv":  {pages.secretEnv, map[string]SecretKey(nil)},
		"FrontendProps.Files":      {pages.files, noneOf},
		"FrontendProps.EmptyDirs": {pages.emptyDirs, []EmptyDir{
			{Path: "/run", SizeLimit: "1Gi"}, {Path: "/tmp", SizeLimit: "1Gi"}, {Path: "/var/cache/nginx", SizeLimit: "1Gi"},
		}},
		"FrontendProps.PreStopSeconds": {*pages.preStopSeconds, 5},
		"FrontendProps.Metrics":        {pages.metrics, (*Metrics)(nil)},
		"FrontendProps.Pod":            {pages.pod, PodProps{RunAsUser: 101, RunAsGroup: 101, TerminationGracePeriodSeconds: 30}},
	}
}

func namespaceDefaults() map[string]defaultOf {
	namespace := NamespaceProps{}.object(testTier("namespace").place)
	return map[string]defaultOf{
		"NamespaceProps.Labels":      {namespace.labels, podSecurityLabels},
		"NamespaceProps.Annotations": {namespace.annotations, noneOf},
	}
}

func postgresDefaults() map[string]defaultOf {
	latest := PostgresProps{Image: "postgres:latest"}.store(testTier("postgres").place)
	store := PostgresProps{}.store(testTier("postgres").place)
	credentials := PostgresCredentials{}.withDefaults()
	backup := (&PostgresBackup{}).job(store, credentials)
	return map[string]defaultOf{
		"PostgresProps.Image":           {store.image, "postgres:15-alpine"},
		"PostgresProps.ImagePullPolicy": {[]PullPolicy{latest.pullPolicy, store.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"PostgresProps.Port":            {store.port, 5432},
		"PostgresProps.Replicas":        {*store.replicas, 1},
		"PostgresProps.Resources": {store.resources, Resources{
			Requests: ResourceList{CPU: "500m", Memory: "1Gi"}, Limits: ResourceList{CPU: "1", Memory: "2Gi"},
		}},
		"PostgresProps.Storage": {store.storage, Storage{
			MountPath: "/var/lib/postgresql/data", Size: "10Gi", AccessMode: ReadWriteOnce, ClaimName: "shop-api-data",
		}},
		"PostgresProps.InitSQL":  {store.files, noneOf},
		"PostgresProps.Backup":   {(*PostgresBackup)(nil).job(store, credentials).objects(), []object(nil)},
		"PostgresProps.Exporter": {store.exporter, (*exporter)(nil)},
		"PostgresProps.Pod":      {store.pod, PodProps{RunAsUser: 70, RunAsGroup: 70, TerminationGracePeriodSeconds: 90}},

		"PostgresCredentials.DatabaseKey": {credentials.DatabaseKey, "database-name"},
		"PostgresCredentials.UserKey":     {credentials.UserKey, "database-user"},
		"PostgresCredentials.PasswordKey": {credentials.PasswordKey, "database-password"},
		"PostgresCredentials.URLKey":      {credentials.URLKey, "database-url"},

		"PostgresBackup.Schedule": {backup.schedule, "0 3 * * *"},
		"PostgresBackup.Keep":     {backup.keep, 7},
		"PostgresBackup.Storage": {backup.storage, Storage{
			MountPath: "/backups", Size: "10Gi", AccessMode: ReadWriteOnce, ClaimName: "shop-api-backup-data",
		}},
		"PostgresBackup.Resources": {backup.resources, Resources{
			Requests: ResourceList{CPU: "100m", Memory: "256Mi"}, Limits: ResourceList{CPU: "500m", Memory: "512Mi"},
		}},
	}
}

func redisDefaults() map[string]defaultOf {
	latest := RedisProps{Image: "redis:latest"}.store(testTier("redis").place)
	store := RedisProps{}.store(testTier("redis").place)
	variables := func(e ExternalRedis) []string {
		var texts []string
		for _, variable := range e.redisEnv(place{}) {
			texts = append(texts, *variable.Name+"="+*variable.Value)
		}
		return texts
	}
	return map[string]defaultOf{
		"RedisProps.Image":           {store.image, "redis:7-alpine"},
		"RedisProps.ImagePullPolicy": {[]PullPolicy{latest.pullPolicy, store.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"RedisProps.Port":            {store.port, 6379},
		"RedisProps.Replicas":        {*store.replicas, 1},
		"RedisProps.Resources": {store.resources, Resources{
			Requests: ResourceList{CPU: "100m", Memory: "256Mi"}, Limits: ResourceList{CPU: "250m", Memory: "512Mi"},
		}},
		"RedisProps.MaxMemory":       {RedisProps{}.maxMemory(store.resources), 384 * 1024 * 1024},
		"RedisProps.MaxMemoryPolicy": {RedisProps{}.policy(), "noeviction"},
		"RedisProps.Storage": {store.storage, Storage{
			MountPath: "/data", Size: "5Gi", AccessMode: ReadWriteOnce, ClaimName: "shop-api-data",
		}},
		"RedisProps.Exporter":    {store.exporter, (*exporter)(nil)},
		"RedisProps.Pod":         {store.pod, PodProps{RunAsUser: 999, RunAsGroup: 1000, TerminationGracePeriodSeconds: 60}},
		"ExternalRedis.Password": {variables(ExternalRedis{Server: External{Host: "r", Port: 1}}), []string{"REDIS_URL=redis://r:1"}},
		"ExternalRedis.TLS":      {variables(ExternalRedis{Server: External{Host: "r", Port: 1}}), []string{"REDIS_URL=redis://r:1"}},
	}
}

func ingressDefaults() map[string]defaultOf {
	ingress := IngressProps{Backend: backendAt("shop")}.withDefaults(testTier("ingress").place)
	controller := foreignPods{"ingress-nginx", map[string]string{"app.kubernetes.io/name": "ingress-nginx"}}
	return map[string]defaultOf{
		"IngressProps.Path":           {ingress.Path, "/"},
		"IngressProps.API":            {ingress.API, HTTPServer(nil)},
		"IngressProps.TLSSecretName":  {ingress.TLSSecretName, "shop-tls"},
		"IngressProps.ClusterIssuer":  {ingress.ClusterIssuer, ""},
		"IngressProps.ClassName":      {ingress.ClassName, "nginx"},
		"IngressProps.Annotations":    {ingress.Annotations, noneOf},
		"IngressProps.Controller":     {ingress.Controller.pods(), controller},
		"IngressController.Namespace": {IngressController{}.pods().namespace, controller.namespace},
		"IngressController.PodLabels": {IngressController{}.pods().labels, controller.labels},
	}
}

// podDefaults are in the pod's spec, whose documentation is the API's.
func podDefaults() map[string]defaultOf {
	pod := BackendProps{Image: "api:1"}.server(testTier("backend")).workload().template()
	toleration := Toleration{Key: "a"}.toleration()
	return map[string]defaultOf{
		"PodProps.ImagePullSecrets":              {pod.Spec.ImagePullSecrets, nil},
		"PodProps.ServiceAccountName":            {pod.Spec.ServiceAccountName, nil},
		"PodProps.AutomountServiceAccountToken":  {*pod.Spec.AutomountServiceAccountToken, false},
		"PodProps.PriorityClassName":             {pod.Spec.PriorityClassName, nil},
		"PodProps.NodeSelector":                  {pod.Spec.NodeSelector, nil},
		"PodProps.Tolerations":                   {pod.Spec.Tolerations, nil},
		"PodProps.RunAsUser":                     {*pod.Spec.SecurityContext.RunAsUser, 10001},
		"PodProps.RunAsGroup":                    {*pod.Spec.SecurityContext.RunAsGroup, 10001},
		"PodProps.TerminationGracePeriodSeconds": {*pod.Spec.TerminationGracePeriodSeconds, 30},
		"PodProps.Labels":                        {len(*pod.Metadata.Labels), len(place{}.labels())},
		"PodProps.Annotations":                   {pod.Metadata.Annotations, nil},

		"Toleration.Operator":          {*toleration.Operator, "Equal"},
		"Toleration.Effect":            {toleration.Effect, nil},
		"Toleration.TolerationSeconds": {toleration.TolerationSeconds, nil},
	}
}

func commonDefaults() map[string]defaultOf {
	resources := Resources{}.or(backendResources)
	storage := Storage{}.or(testTier("backend").storageDefaults())
	emptyDir := EmptyDir{}.withDefaults()
	autoscaling := Autoscaling{}.withDefaults()
	forMemory := Autoscaling{TargetMemoryUtilization: 70}.withDefaults()
	single := Rollout{}.withDefaults(1)
	return map[string]defaultOf{
		"Resources.Requests": {resources.Requests, backendResources.Requests},
		"Resources.Limits":   {resources.Limits, backendResources.Limits},

		"Storage.AccessMode":       {storage.AccessMode, "ReadWriteOnce"},
		"Storage.StorageClassName": {storage.StorageClassName, ""},
		"Storage.ClaimName":        {storage.ClaimName, "shop-api-data"},
		"EmptyDir.SizeLimit":       {emptyDir.SizeLimit, "1Gi"},
		"EmptyDir.Memory":          {emptyDir.source().Medium, nil},

		"Rollout.MaxUnavailable": {[]int{*oneAtATime.MaxUnavailable, *single.MaxUnavailable}, []int{1, 0}},
		"Rollout.MaxSurge":       {*single.MaxSurge, 1},

		"Autoscaling.MinReplicas":             {autoscaling.MinReplicas, 2},
		"Autoscaling.TargetCPUUtilization":    {[]int{autoscaling.TargetCPUUtilization, forMemory.TargetCPUUtilization}, []int{80, 0}},
		"Autoscaling.TargetMemoryUtilization": {autoscaling.TargetMemoryUtilization, 0},
	}
}

// documentedDefaults lists the fields of exported structs whose documentation names a default, as Type.Field.
func documentedDefaults(t *testing.T) []string {
	t.Helper()
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	namesDefault := regexp.MustCompile(`(?i)\bdefaults?\s+(to|of)\b`)
	var fields []string
	for _, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.ParseComments)
		require.NoError(t, err)
		for name, structure := range exportedStructs(file) {
			for _, field := range structure.Fields.List {
				if namesDefault.MatchString(field.Doc.Text()) && field.Names[0].IsExported() {
					fields = append(fields, name+"."+field.Names[0].Name)
				}
			}
		}
	}
	slices.Sort(fields)
	return fields
}

func exportedStructs(file *ast.File) map[string]*ast.StructType {
	structures := map[string]*ast.StructType{}
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.TypeSpec); ok && spec.Name.IsExported() {
			if structure, ok := spec.Type.(*ast.StructType); ok {
				structures[spec.Name.Name] = structure
			}
		}
		return true
	})
	return structures
}
