package constructs

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/doctest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// defaultOf is what a prop becomes that is not set, and what it should become.
type defaultOf struct{ got, want any }

// TestDefaults holds every default that is documented.
func TestDefaults(t *testing.T) {
	defaults := map[string]defaultOf{}
	for _, group := range []map[string]defaultOf{
		backendDefaults(), clusterDefaults(), frontendDefaults(), namespaceDefaults(), postgresDefaults(), redisDefaults(),
		serverDefaults(), ingressDefaults(), gatewayDefaults(), probeDefaults(), workerDefaults(), schedulerDefaults(), podsDefaults(), jobDefaults(), cronJobDefaults(),
		migrationsDefaults(), podDefaults(), commonDefaults(), metricsDefaults(), extraContainerDefaults(), volumeDefaults(),
	} {
		maps.Copy(defaults, group)
	}
	wanted := map[string]any{}
	for name, value := range defaults {
		wanted[name] = value.want
		if value.want == nil {
			require.Nil(t, value.got, name)
		} else {
			require.EqualValues(t, value.want, value.got, name)
		}
	}
	doctest.RequireLiterals(t, wanted, defaultWords)
	require.Equal(t, doctest.Defaults(t), slices.Sorted(maps.Keys(defaults)), "the fields whose documentation names a default")
}

// defaultWords are the words of documented defaults that are no literals.
var defaultWords = map[string]string{
	"IngressProps.PathType":                  "PathPrefix",
	"IngressRoute.PathType":                  "PathPrefix",
	"IngressRoute.Host":                      "Host of the Ingress",
	"GatewayProxy.Namespace":                 "the profile's",
	"GatewayProxy.PodLabels":                 "the profile's",
	"GatewayProxy.CIDRs":                     "those of global load balancers",
	"GatewayProxy.ControllerNamespace":       "the profile's",
	"BackendProps.EmptyDirs":                 "none",
	"InitContainer.Image":                    "the tier's image",
	"InitContainer.Resources":                "the tier's",
	"Sidecar.Startup":                        "NoProbe{}",
	"Sidecar.Liveness":                       "NoProbe{}",
	"Sidecar.Readiness":                      "NoProbe{}",
	"Port.Sidecar":                           "none",
	"Autoscaling.ScaleUp":                    "Kubernetes's: at most 4 pods or 100% within 15 seconds",
	"Autoscaling.ScaleDown":                  "Kubernetes's: as far as the load of the last 5 minutes allows",
	"ScalingRules.StabilizationWindow":       "Kubernetes's: 5 minutes for ScaleDown, and none for ScaleUp",
	"ScalingRules.Pods":                      "no limit of this kind",
	"ScalingRules.Percent":                   "no limit of this kind",
	"WorkerProps.DisruptionBudget":           "one",
	"FrontendProps.DisruptionBudget":         "one",
	"BackendProps.DisruptionBudget":          "one",
	"SecretVolume.Mode":                      "0o644",
	"SecretVolume.Items":                     "all keys, each in a file of its name",
	"SecretVolume.Optional":                  "false",
	"ConfigMapVolume.Mode":                   "0o644",
	"ConfigMapVolume.Items":                  "all keys, each in a file of its name",
	"ConfigMapVolume.Optional":               "false",
	"ClaimVolume.SubPath":                    "the whole volume",
	"ClaimVolume.ReadOnly":                   "false",
	"ImageVolume.SubPath":                    "the whole image",
	"Mount.MountPath":                        "Path",
	"BackendProps.Startup":                   "NoProbe{}",
	"FrontendProps.Startup":                  "NoProbe{}",
	"WorkerProps.Startup":                    "NoProbe{}",
	"WorkerProps.Liveness":                   "NoProbe{}",
	"WorkerProps.EmptyDirs":                  "none",
	"SchedulerProps.Startup":                 "NoProbe{}",
	"SchedulerProps.Liveness":                "NoProbe{}",
	"SchedulerProps.EmptyDirs":               "none",
	"Migrations.Resources":                   "the backend's",
	"Migrations.ClientImage":                 "the image of the Postgres, or to DefaultPostgresImage for an ExternalPostgres",
	"Model.APIKey":                           "none",
	"Model.Name":                             "none",
	"Model.Scheme":                           "ModelHTTPS for a server outside the cluster, and to ModelHTTP for one in it",
	"JobProps.EmptyDirs":                     "none",
	"JobProps.RestartPolicy":                 "RestartNever",
	"CronJobProps.EmptyDirs":                 "none",
	"CronJobProps.RestartPolicy":             "RestartNever",
	"CronJobProps.ConcurrencyPolicy":         "ConcurrencyForbid",
	"CronJobProps.StartingDeadline":          "1 h, or to the shortest time between two runs if it is less",
	"HTTPProbe.Port":                         "the tier's port",
	"HTTPProbe.TLS":                          "false",
	"TCPProbe.Port":                          "the tier's port",
	"GRPCProbe.Port":                         "the tier's port",
	"FrontendProps.EmptyDirs":                "none",
	"FrontendProps.APIBaseURL":               "http:// and the Backend's host and port",
	"ExternalRedis.Password":                 "none",
	"ExternalRedis.TLS":                      "false",
	"Cluster.NetworkPlugin":                  "any plugin that enforces network policies",
	"ExternalRedis.URL":                      "none",
	"ExternalRedis.Database":                 "0",
	"ExternalRedis.Username":                 "default",
	"EmptyDir.Memory":                        "false",
	"NamespaceProps.Labels":                  "none",
	"PodProps.Affinity":                      "none",
	"NodeAffinityRule.Operator":              "NodeLabelIn",
	"PodAffinityRule.Tier":                   "the tier that has the rule, unless Labels is set",
	"PodAffinityRule.Labels":                 "those of Tier",
	"PodAffinityRule.Namespace":              "the tier's namespace",
	"PodProps.Labels":                        "none",
	"PodProps.RunAsUser":                     "the tier's user",
	"PodProps.RunAsGroup":                    "the tier's group",
	"PodProps.TerminationGracePeriodSeconds": "the tier's grace period",
	"PodProps.AutomountServiceAccountToken":  "false",
	"PostgresBackup.Deadline":                "6 h, or to half of that shortest time if it is less",
	"RedisProps.MaxMemory":                   "a third of the memory limit",
	"Resources.Requests":                     "the tier's own",
	"Resources.Limits":                       "the tier's own",
}

var (
	noneOf     = map[string]string(nil)
	oneAtATime = Rollout{MaxUnavailable: new(1), MaxSurge: new(1)}
	liveness   = HTTPProbe{Path: "/health", Timing: ProbeTiming{InitialDelaySeconds: new(30), PeriodSeconds: 10, TimeoutSeconds: 3, FailureThreshold: 3}}
	startup    = HTTPProbe{Path: "/health", Timing: ProbeTiming{InitialDelaySeconds: new(0), PeriodSeconds: 5, TimeoutSeconds: 5, FailureThreshold: 120}}
	readiness  = HTTPProbe{Path: "/health", Timing: ProbeTiming{InitialDelaySeconds: new(5), PeriodSeconds: 5, TimeoutSeconds: 3, FailureThreshold: 3}}
)

func backendDefaults() map[string]defaultOf {
	latest := BackendProps{Image: "api:latest"}.server(field.NewPath("backend"), testComponent)
	api := BackendProps{Image: "api:1"}.server(field.NewPath("backend"), testComponent)
	return map[string]defaultOf{
		"BackendProps.ImagePullPolicy":  {[]PullPolicy{latest.pullPolicy, api.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"BackendProps.Command":          {api.container().Command, nil},
		"BackendProps.Args":             {api.container().Args, nil},
		"BackendProps.WorkingDir":       {api.container().WorkingDir, nil},
		"BackendProps.Startup":          {api.probes.startup, NoProbe{}},
		"BackendProps.Liveness":         {api.probes.liveness, liveness},
		"BackendProps.Readiness":        {api.probes.readiness, readiness},
		"BackendProps.Port":             {api.port, 8000},
		"BackendProps.Replicas":         {*api.replicas, 2},
		"BackendProps.Autoscaling":      {api.autoscaling, (*Autoscaling)(nil)},
		"BackendProps.Rollout":          {api.rollout.withDefaults(*api.replicas), oneAtATime},
		"BackendProps.Resources":        {api.resources, resources("250m", "512Mi", "500m", "1Gi")},
		"BackendProps.Database":         {api.connected, []*k8s.EnvVar(nil)},
		"BackendProps.Redis":            {api.connected, []*k8s.EnvVar(nil)},
		"BackendProps.Connections":      {api.connections, []manifest.Connection(nil)},
		"BackendProps.Env":              {api.env, noneOf},
		"BackendProps.SecretEnv":        {api.secretEnv, map[string]SecretKeyRef(nil)},
		"BackendProps.FieldEnv":         {api.fieldEnv, map[string]FieldRef(nil)},
		"BackendProps.EnvFrom":          {api.envFrom, []EnvFrom(nil)},
		"BackendProps.InitContainers":   {api.workload().InitContainers, []*k8s.Container(nil)},
		"BackendProps.Spread":           {api.spread, []Spread{{TopologyKey: "topology.kubernetes.io/zone", MaxSkew: 1}, {TopologyKey: "kubernetes.io/hostname", MaxSkew: 1}}},
		"BackendProps.Labels":           {api.labels, noneOf},
		"BackendProps.Annotations":      {api.annotations, noneOf},
		"BackendProps.ServiceAccount":   {api.account, (*ServiceAccount)(nil)},
		"BackendProps.DisruptionBudget": {api.budget, DisruptionBudget{MaxUnavailable: "1"}},
		"BackendProps.PostStart":        {api.container().Lifecycle, nil},
		"BackendProps.PreStop":          {api.container().Lifecycle, nil},
		"BackendProps.Volumes":          {api.volumes, []Volume(nil)},
		"BackendProps.Sidecars":         {api.sidecars, []Sidecar(nil)},
		"BackendProps.Files":            {api.files, noneOf},
		"BackendProps.Storage":          {api.storage, (*Storage)(nil)},
		"BackendProps.EmptyDirs":        {api.emptyDirs, []EmptyDir{{Path: "/tmp", SizeLimit: "1Gi"}}},
		"BackendProps.PreStopSeconds":   {[]int{*api.preStopSeconds, *BackendProps{PreStop: []string{"stop"}}.server(field.NewPath("a"), testComponent).preStopSeconds}, []int{5, 0}},
		"BackendProps.Metrics":          {api.metrics, (*Metrics)(nil)},
		"BackendProps.Service":          {api.service, ServiceProps{Type: "ClusterIP"}},
		"BackendProps.Sources":          {api.sources, Sources(nil)},
		"BackendProps.Ports":            {api.furtherPorts, []Port(nil)},
		"BackendProps.Pod":              {api.pod, PodProps{RunAsUser: 10001, RunAsGroup: 10001, TerminationGracePeriodSeconds: 30}},
		"BackendProps.Model":            {api.connected, []*k8s.EnvVar(nil)},
	}
}

func migrationsDefaults() map[string]defaultOf {
	backend := BackendProps{Image: "api:1", Migrations: &Migrations{Command: []string{"migrate"}}}
	m := backend.server(field.NewPath("backend"), testComponent).migrations
	backend.Database = &Postgres{image: "postgres:99"}
	of := backend.server(field.NewPath("backend"), testComponent).migrations
	return map[string]defaultOf{
		"BackendProps.Migrations": {BackendProps{}.server(field.NewPath("backend"), testComponent).migrations, (*migrationsJob)(nil)},
		"Migrations.Deadline":     {m.deadline, time.Hour},
		"Migrations.BackoffLimit": {*m.backoffLimit, 2},
		"Migrations.Resources":    {m.resources, resources("250m", "512Mi", "500m", "1Gi")},
		"Migrations.ClientImage":  {[]string{m.clientImage, of.clientImage}, []string{"postgres:15-alpine", "postgres:99"}},
	}
}

func workerDefaults() map[string]defaultOf {
	latest := WorkerProps{Image: "api:latest"}.worker(field.NewPath("worker"), testComponent)
	w := WorkerProps{Image: "api:1"}.worker(field.NewPath("worker"), testComponent)
	return map[string]defaultOf{
		"WorkerProps.ImagePullPolicy":  {[]PullPolicy{latest.pullPolicy, w.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"WorkerProps.Command":          {w.container().Command, nil},
		"WorkerProps.Args":             {w.container().Args, nil},
		"WorkerProps.WorkingDir":       {w.container().WorkingDir, nil},
		"WorkerProps.Replicas":         {*w.replicas, 2},
		"WorkerProps.Autoscaling":      {w.autoscaling, (*Autoscaling)(nil)},
		"WorkerProps.Rollout":          {w.rollout, oneAtATime},
		"WorkerProps.Resources":        {w.resources, resources("250m", "512Mi", "500m", "1Gi")},
		"WorkerProps.Startup":          {w.probes.startup, NoProbe{}},
		"WorkerProps.Liveness":         {w.probes.liveness, NoProbe{}},
		"WorkerProps.Database":         {w.connected, []*k8s.EnvVar(nil)},
		"WorkerProps.Redis":            {w.connected, []*k8s.EnvVar(nil)},
		"WorkerProps.Connections":      {w.connections, []manifest.Connection(nil)},
		"WorkerProps.Env":              {w.env, noneOf},
		"WorkerProps.SecretEnv":        {w.secretEnv, map[string]SecretKeyRef(nil)},
		"WorkerProps.FieldEnv":         {w.fieldEnv, map[string]FieldRef(nil)},
		"WorkerProps.EnvFrom":          {w.envFrom, []EnvFrom(nil)},
		"WorkerProps.InitContainers":   {w.workload().InitContainers, []*k8s.Container(nil)},
		"WorkerProps.MigrationsOf":     {w.migrationsOf, (*Backend)(nil)},
		"WorkerProps.Spread":           {w.spread, []Spread{{TopologyKey: "topology.kubernetes.io/zone", MaxSkew: 1}, {TopologyKey: "kubernetes.io/hostname", MaxSkew: 1}}},
		"WorkerProps.Labels":           {w.labels, noneOf},
		"WorkerProps.Annotations":      {w.annotations, noneOf},
		"WorkerProps.ServiceAccount":   {w.account, (*ServiceAccount)(nil)},
		"WorkerProps.DisruptionBudget": {w.budget, DisruptionBudget{MaxUnavailable: "1"}},
		"WorkerProps.PostStart":        {w.container().Lifecycle, nil},
		"WorkerProps.PreStop":          {w.container().Lifecycle, nil},
		"WorkerProps.Volumes":          {w.volumes, []Volume(nil)},
		"WorkerProps.Sidecars":         {w.sidecars, []Sidecar(nil)},
		"WorkerProps.Files":            {w.files, noneOf},
		"WorkerProps.Storage":          {w.storage, (*Storage)(nil)},
		"WorkerProps.EmptyDirs":        {w.emptyDirs, []EmptyDir{{Path: "/tmp", SizeLimit: "1Gi"}}},
		"WorkerProps.Metrics":          {w.metrics, (*Metrics)(nil)},
		"WorkerProps.Pod":              {w.pod, PodProps{RunAsUser: 10001, RunAsGroup: 10001, TerminationGracePeriodSeconds: 60}},
		"WorkerProps.Model":            {w.connected, []*k8s.EnvVar(nil)},
	}
}

func podsDefaults() map[string]defaultOf {
	p := PodsProps{}.pods(field.NewPath("pods"), testComponent)
	return map[string]defaultOf{
		"PodsProps.Port":        {p.port, 0},
		"PodsProps.Database":    {p.env, []*k8s.EnvVar(nil)},
		"PodsProps.Redis":       {p.env, []*k8s.EnvVar(nil)},
		"PodsProps.Connections": {p.connections, []manifest.Connection(nil)},
		"PodsProps.Sources":     {p.sources, Sources(nil)},
		"PodsProps.Metrics":     {p.metrics, (*Metrics)(nil)},
	}
}

func jobDefaults() map[string]defaultOf {
	latest := JobProps{Image: "api:latest"}.job(field.NewPath("job"), testComponent)
	j := JobProps{Image: "api:1"}.job(field.NewPath("job"), testComponent)
	return map[string]defaultOf{
		"JobProps.ImagePullPolicy":  {[]PullPolicy{latest.pullPolicy, j.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"JobProps.Command":          {j.container().Command, nil},
		"JobProps.Args":             {j.container().Args, nil},
		"JobProps.WorkingDir":       {j.container().WorkingDir, nil},
		"JobProps.Deadline":         {j.deadline, time.Hour},
		"JobProps.BackoffLimit":     {*j.backoffLimit, 2},
		"JobProps.RestartPolicy":    {j.restartPolicy, RestartNever},
		"JobProps.DisableAlerts":    {j.disableAlerts, false},
		"JobProps.Resources":        {j.resources, resources("250m", "512Mi", "500m", "1Gi")},
		"JobProps.Database":         {j.connected, []*k8s.EnvVar(nil)},
		"JobProps.Redis":            {j.connected, []*k8s.EnvVar(nil)},
		"JobProps.Model":            {j.connected, []*k8s.EnvVar(nil)},
		"JobProps.Connections":      {j.connections, []manifest.Connection(nil)},
		"JobProps.Env":              {j.env, noneOf},
		"JobProps.SecretEnv":        {j.secretEnv, map[string]SecretKeyRef(nil)},
		"JobProps.FieldEnv":         {j.fieldEnv, map[string]FieldRef(nil)},
		"JobProps.EnvFrom":          {j.envFrom, []EnvFrom(nil)},
		"JobProps.Volumes":          {j.volumes, []Volume(nil)},
		"JobProps.InitContainers":   {j.workload().InitContainers, []*k8s.Container(nil)},
		"JobProps.Sidecars":         {j.sidecars, []Sidecar(nil)},
		"JobProps.ServiceAccount":   {j.account, (*ServiceAccount)(nil)},
		"JobProps.Labels":           {j.labels, noneOf},
		"JobProps.Annotations":      {j.annotations, noneOf},
		"JobProps.Files":            {j.files, noneOf},
		"JobProps.Storage":          {j.storage, (*Storage)(nil)},
		"JobProps.EmptyDirs":        {j.emptyDirs, []EmptyDir{{Path: "/tmp", SizeLimit: "1Gi"}}},
		"JobProps.Pod":              {j.pod, PodProps{RunAsUser: 10001, RunAsGroup: 10001, TerminationGracePeriodSeconds: 30}},
		"JobProps.Completions":      {j.completions, 1},
		"JobProps.Parallelism":      {j.parallelism, 1},
		"JobProps.TTLAfterFinished": {j.spec().TtlSecondsAfterFinished, nil},
	}
}

func cronJobDefaults() map[string]defaultOf {
	latest := CronJobProps{Image: "api:latest", Schedule: "@daily"}.cronJob(field.NewPath("cronJob"), testComponent)
	j := CronJobProps{Image: "api:1", Schedule: "@daily"}.cronJob(field.NewPath("cronJob"), testComponent)
	often := CronJobProps{Image: "api:1", Schedule: "*/7 * * * *"}.cronJob(field.NewPath("cronJob"), testComponent)
	return map[string]defaultOf{
		"CronJobProps.ImagePullPolicy":            {[]PullPolicy{latest.pullPolicy, j.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"CronJobProps.Command":                    {j.container().Command, nil},
		"CronJobProps.Args":                       {j.container().Args, nil},
		"CronJobProps.WorkingDir":                 {j.container().WorkingDir, nil},
		"CronJobProps.Deadline":                   {j.deadline, time.Hour},
		"CronJobProps.BackoffLimit":               {*j.backoffLimit, 2},
		"CronJobProps.RestartPolicy":              {j.restartPolicy, RestartNever},
		"CronJobProps.DisableAlerts":              {j.disableAlerts, false},
		"CronJobProps.Resources":                  {j.resources, resources("250m", "512Mi", "500m", "1Gi")},
		"CronJobProps.Database":                   {j.connected, []*k8s.EnvVar(nil)},
		"CronJobProps.Redis":                      {j.connected, []*k8s.EnvVar(nil)},
		"CronJobProps.Model":                      {j.connected, []*k8s.EnvVar(nil)},
		"CronJobProps.Connections":                {j.connections, []manifest.Connection(nil)},
		"CronJobProps.Env":                        {j.env, noneOf},
		"CronJobProps.SecretEnv":                  {j.secretEnv, map[string]SecretKeyRef(nil)},
		"CronJobProps.FieldEnv":                   {j.fieldEnv, map[string]FieldRef(nil)},
		"CronJobProps.EnvFrom":                    {j.envFrom, []EnvFrom(nil)},
		"CronJobProps.Volumes":                    {j.volumes, []Volume(nil)},
		"CronJobProps.InitContainers":             {j.workload().InitContainers, []*k8s.Container(nil)},
		"CronJobProps.Sidecars":                   {j.sidecars, []Sidecar(nil)},
		"CronJobProps.ServiceAccount":             {j.account, (*ServiceAccount)(nil)},
		"CronJobProps.Labels":                     {j.labels, noneOf},
		"CronJobProps.Annotations":                {j.annotations, noneOf},
		"CronJobProps.Files":                      {j.files, noneOf},
		"CronJobProps.Storage":                    {j.storage, (*Storage)(nil)},
		"CronJobProps.EmptyDirs":                  {j.emptyDirs, []EmptyDir{{Path: "/tmp", SizeLimit: "1Gi"}}},
		"CronJobProps.Pod":                        {j.pod, PodProps{RunAsUser: 10001, RunAsGroup: 10001, TerminationGracePeriodSeconds: 30}},
		"CronJobProps.TimeZone":                   {j.timeZone, "Etc/UTC"},
		"CronJobProps.StartingDeadline":           {[]time.Duration{j.startingDeadline, often.startingDeadline}, []time.Duration{time.Hour, 4 * time.Minute}},
		"CronJobProps.ConcurrencyPolicy":          {j.concurrency, ConcurrencyForbid},
		"CronJobProps.Suspend":                    {j.suspend, false},
		"CronJobProps.SuccessfulJobsHistoryLimit": {*j.successful, 3},
		"CronJobProps.FailedJobsHistoryLimit":     {*j.failed, 1},
	}
}

func schedulerDefaults() map[string]defaultOf {
	latest := SchedulerProps{Image: "api:latest"}.worker(field.NewPath("scheduler"), testComponent)
	w := SchedulerProps{Image: "api:1"}.worker(field.NewPath("scheduler"), testComponent)
	return map[string]defaultOf{
		"SchedulerProps.ImagePullPolicy": {[]PullPolicy{latest.pullPolicy, w.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"SchedulerProps.Command":         {w.container().Command, nil},
		"SchedulerProps.Args":            {w.container().Args, nil},
		"SchedulerProps.WorkingDir":      {w.container().WorkingDir, nil},
		"SchedulerProps.Resources":       {w.resources, resources("250m", "512Mi", "500m", "1Gi")},
		"SchedulerProps.Startup":         {w.probes.startup, NoProbe{}},
		"SchedulerProps.Liveness":        {w.probes.liveness, NoProbe{}},
		"SchedulerProps.Database":        {w.connected, []*k8s.EnvVar(nil)},
		"SchedulerProps.Redis":           {w.connected, []*k8s.EnvVar(nil)},
		"SchedulerProps.MigrationsOf":    {w.migrationsOf, (*Backend)(nil)},
		"SchedulerProps.Model":           {w.connected, []*k8s.EnvVar(nil)},
		"SchedulerProps.Connections":     {w.connections, []manifest.Connection(nil)},
		"SchedulerProps.Env":             {w.env, noneOf},
		"SchedulerProps.SecretEnv":       {w.secretEnv, map[string]SecretKeyRef(nil)},
		"SchedulerProps.FieldEnv":        {w.fieldEnv, map[string]FieldRef(nil)},
		"SchedulerProps.EnvFrom":         {w.envFrom, []EnvFrom(nil)},
		"SchedulerProps.InitContainers":  {w.workload().InitContainers, []*k8s.Container(nil)},
		"SchedulerProps.Labels":          {w.labels, noneOf},
		"SchedulerProps.Annotations":     {w.annotations, noneOf},
		"SchedulerProps.ServiceAccount":  {w.account, (*ServiceAccount)(nil)},
		"SchedulerProps.PostStart":       {w.container().Lifecycle, nil},
		"SchedulerProps.PreStop":         {w.container().Lifecycle, nil},
		"SchedulerProps.Volumes":         {w.volumes, []Volume(nil)},
		"SchedulerProps.Sidecars":        {w.sidecars, []Sidecar(nil)},
		"SchedulerProps.Files":           {w.files, noneOf},
		"SchedulerProps.Storage":         {w.storage, (*Storage)(nil)},
		"SchedulerProps.EmptyDirs":       {w.emptyDirs, []EmptyDir{{Path: "/tmp", SizeLimit: "1Gi"}}},
		"SchedulerProps.Metrics":         {w.metrics, (*Metrics)(nil)},
		"SchedulerProps.Pod":             {w.pod, PodProps{RunAsUser: 10001, RunAsGroup: 10001, TerminationGracePeriodSeconds: 60}},
	}
}

func probeDefaults() map[string]defaultOf {
	of := probed{port: 8000}
	least := probes{startup: HTTPProbe{}, liveness: HTTPProbe{}, readiness: HTTPProbe{}}.withDefaults(probes{})
	all := []Probe{least.startup, least.liveness, least.readiness}
	numbers := func(of func(ProbeTiming) int) []int {
		var numbers []int
		for _, probe := range all {
			numbers = append(numbers, of(probe.(HTTPProbe).Timing))
		}
		return numbers
	}
	get := HTTPProbe{}.filled(livenessTiming).request().HttpGet
	tcp, grpc := TCPProbe{}.withDefaults(startupTiming), GRPCProbe{}.withDefaults(startupTiming)
	return map[string]defaultOf{
		"HTTPProbe.Path":    {*get.Path, "/health"},
		"HTTPProbe.Port":    {get.Port.Value(), "http"},
		"HTTPProbe.TLS":     {get.Scheme, nil},
		"HTTPProbe.Headers": {get.HttpHeaders, nil},
		"TCPProbe.Port":     {tcp.probe(of).TcpSocket.Port.Value(), "http"},
		"GRPCProbe.Port":    {*grpc.probe(of).Grpc.Port, 8000},
		"GRPCProbe.Service": {grpc.probe(of).Grpc.Service, nil},

		"HTTPProbe.Timing":      {all, []Probe{startup, liveness, readiness}},
		"TCPProbe.Timing":       {tcp, TCPProbe{Timing: startup.Timing}},
		"GRPCProbe.Timing":      {grpc, GRPCProbe{Timing: startup.Timing}},
		"ExecProbe.Timing":      {ExecProbe{}.withDefaults(startupTiming), ExecProbe{Timing: startup.Timing}},
		"HeartbeatProbe.Timing": {HeartbeatProbe{}.withDefaults(startupTiming), HeartbeatProbe{Timing: startup.Timing}},

		"ProbeTiming.InitialDelaySeconds": {numbers(func(t ProbeTiming) int { return *t.InitialDelaySeconds }), []int{0, 30, 5}},
		"ProbeTiming.PeriodSeconds":       {numbers(func(t ProbeTiming) int { return t.PeriodSeconds }), []int{5, 10, 5}},
		"ProbeTiming.TimeoutSeconds":      {numbers(func(t ProbeTiming) int { return t.TimeoutSeconds }), []int{5, 3, 3}},
		"ProbeTiming.FailureThreshold":    {numbers(func(t ProbeTiming) int { return t.FailureThreshold }), []int{120, 3, 3}},
	}
}

func frontendDefaults() map[string]defaultOf {
	latest := FrontendProps{Image: "pages:latest"}.server(field.NewPath("frontend"), testComponent)
	pages := FrontendProps{Image: "pages:1"}.server(field.NewPath("frontend"), testComponent)
	ofBackend := FrontendProps{Image: "pages:1", Backend: backendAt("shop")}.server(field.NewPath("frontend"), testComponent)
	return map[string]defaultOf{
		"FrontendProps.ImagePullPolicy":  {[]PullPolicy{latest.pullPolicy, pages.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"FrontendProps.Command":          {pages.container().Command, nil},
		"FrontendProps.Args":             {pages.container().Args, nil},
		"FrontendProps.WorkingDir":       {pages.container().WorkingDir, nil},
		"FrontendProps.Startup":          {pages.probes.startup, NoProbe{}},
		"FrontendProps.Liveness":         {pages.probes.liveness, liveness},
		"FrontendProps.Readiness":        {pages.probes.readiness, readiness},
		"FrontendProps.Port":             {pages.port, 80},
		"FrontendProps.Replicas":         {*pages.replicas, 2},
		"FrontendProps.Autoscaling":      {pages.autoscaling, (*Autoscaling)(nil)},
		"FrontendProps.Rollout":          {pages.rollout.withDefaults(*pages.replicas), oneAtATime},
		"FrontendProps.Resources":        {pages.resources, resources("100m", "256Mi", "250m", "512Mi")},
		"FrontendProps.Backend":          {pages.connections, []manifest.Connection(nil)},
		"FrontendProps.APIBaseURL":       {*ofBackend.connected[0].Value, "http://shop-api:8000"},
		"FrontendProps.Env":              {pages.env, noneOf},
		"FrontendProps.SecretEnv":        {pages.secretEnv, map[string]SecretKeyRef(nil)},
		"FrontendProps.FieldEnv":         {pages.fieldEnv, map[string]FieldRef(nil)},
		"FrontendProps.EnvFrom":          {pages.envFrom, []EnvFrom(nil)},
		"FrontendProps.InitContainers":   {pages.workload().InitContainers, []*k8s.Container(nil)},
		"FrontendProps.Spread":           {pages.spread, []Spread{{TopologyKey: "topology.kubernetes.io/zone", MaxSkew: 1}, {TopologyKey: "kubernetes.io/hostname", MaxSkew: 1}}},
		"FrontendProps.Labels":           {pages.labels, noneOf},
		"FrontendProps.Annotations":      {pages.annotations, noneOf},
		"FrontendProps.ServiceAccount":   {pages.account, (*ServiceAccount)(nil)},
		"FrontendProps.DisruptionBudget": {pages.budget, DisruptionBudget{MaxUnavailable: "1"}},
		"FrontendProps.PostStart":        {pages.container().Lifecycle, nil},
		"FrontendProps.PreStop":          {pages.container().Lifecycle, nil},
		"FrontendProps.Volumes":          {pages.volumes, []Volume(nil)},
		"FrontendProps.Sidecars":         {pages.sidecars, []Sidecar(nil)},
		"FrontendProps.Files":            {pages.files, noneOf},
		"FrontendProps.EmptyDirs": {pages.emptyDirs, []EmptyDir{
			{Path: "/run", SizeLimit: "1Gi"}, {Path: "/tmp", SizeLimit: "1Gi"}, {Path: "/var/cache/nginx", SizeLimit: "1Gi"},
		}},
		"FrontendProps.PreStopSeconds": {[]int{*pages.preStopSeconds, *FrontendProps{PreStop: []string{"stop"}}.server(field.NewPath("a"), testComponent).preStopSeconds}, []int{5, 0}},
		"FrontendProps.Metrics":        {pages.metrics, (*Metrics)(nil)},
		"FrontendProps.Service":        {pages.service, ServiceProps{Type: "ClusterIP"}},
		"FrontendProps.Sources":        {pages.sources, Sources(nil)},
		"FrontendProps.Ports":          {pages.furtherPorts, []Port(nil)},
		"FrontendProps.Pod":            {pages.pod, PodProps{RunAsUser: 101, RunAsGroup: 101, TerminationGracePeriodSeconds: 30}},
	}
}

func clusterDefaults() map[string]defaultOf {
	cluster := Cluster{DNS: []DNSServer{{CIDRs: []string{"10.0.0.10/32"}}}}.manifest().WithDefaults()
	return map[string]defaultOf{
		"Cluster.NetworkPlugin": {Cluster{}.manifest().Cilium, false},
		"Cluster.AssignsUsers":  {Cluster{}.manifest().AssignsUsers, false},
		"Cluster.IPFamilies":    {Cluster{}.manifest().IPFamilies, nil},
		"Cluster.DNS":           {reflect.DeepEqual(testComponent.Cluster().DNS, Cluster{DNS: []DNSServer{KubeDNS(), NodeLocalDNS()}}.manifest().DNS), true},
		"DNSServer.Port":        {cluster.DNS[0].Port, 53},
	}
}

func namespaceDefaults() map[string]defaultOf {
	namespace := NamespaceProps{}.object(testComponent)
	return map[string]defaultOf{
		"NamespaceProps.Labels":      {namespace.Labels, podSecurityLabels},
		"NamespaceProps.Annotations": {namespace.Annotations, noneOf},
	}
}

func postgresDefaults() map[string]defaultOf {
	latest := PostgresProps{Image: "postgres:latest"}.withDefaults(testComponent)
	store := PostgresProps{}.withDefaults(testComponent)
	credentials := PostgresCredentials{}.withDefaults()
	backup := (&PostgresBackup{}).withDefaults(testComponent)
	often := (&PostgresBackup{Schedule: "0,30 * * * *"}).withDefaults(testComponent)
	return map[string]defaultOf{
		"PostgresProps.Image":           {store.Image, "postgres:15-alpine"},
		"PostgresProps.ImagePullPolicy": {[]PullPolicy{latest.ImagePullPolicy, store.ImagePullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"PostgresProps.Port":            {store.Port, 5432},
		"PostgresProps.Replicas":        {*store.Replicas, 1},
		"PostgresProps.Resources":       {store.Resources, resources("500m", "1Gi", "1", "2Gi")},
		"PostgresProps.Storage": {store.Storage, Storage{
			MountPath: "/var/lib/postgresql/data", Size: "10Gi", AccessMode: ReadWriteOnce, ClaimName: "shop-api-data",
		}},
		"PostgresProps.Startup":    {store.Startup, startupTiming},
		"PostgresProps.Settings":   {store.settingsArgs(), []string(nil)},
		"PostgresProps.Extensions": {store.files(), map[string]string{}},
		"PostgresProps.InitSQL":    {store.files(), map[string]string{}},
		"PostgresProps.Backup":     {store.Backup, (*PostgresBackup)(nil)},
		"PostgresProps.Exporter":   {store.Exporter, (*Exporter)(nil)},
		"PostgresProps.Sources":    {store.Sources.Policy(testComponent, 1), (*manifest.Object)(nil)},
		"PostgresProps.Pod":        {store.Pod, PodProps{RunAsUser: 70, RunAsGroup: 70, TerminationGracePeriodSeconds: 90}},

		"PostgresCredentials.DatabaseKey": {credentials.DatabaseKey, "database-name"},
		"PostgresCredentials.UserKey":     {credentials.UserKey, "database-user"},
		"PostgresCredentials.PasswordKey": {credentials.PasswordKey, "database-password"},
		"PostgresCredentials.URLKey":      {credentials.URLKey, "database-url"},

		"PostgresBackup.Schedule": {backup.Schedule, "0 3 * * *"},
		"PostgresBackup.Deadline": {[]time.Duration{backup.Deadline, often.Deadline}, []time.Duration{6 * time.Hour, 15 * time.Minute}},
		"PostgresBackup.Keep":     {backup.Keep, 7},
		"PostgresBackup.Storage": {backup.Storage, Storage{
			MountPath: "/backups", Size: "10Gi", AccessMode: ReadWriteOnce, ClaimName: "shop-api-backup-data",
		}},
		"PostgresBackup.Resources": {backup.Resources, resources("100m", "256Mi", "500m", "512Mi")},
	}
}

func redisDefaults() map[string]defaultOf {
	latest := RedisProps{Image: "redis:latest"}.withDefaults(testComponent)
	store := RedisProps{}.withDefaults(testComponent)
	variables := func(e ExternalRedis) []string {
		var texts []string
		for _, variable := range e.redisEnv(manifest.Component{}) {
			texts = append(texts, *variable.Name+"="+*variable.Value)
		}
		return texts
	}
	return map[string]defaultOf{
		"RedisProps.Image":           {store.Image, "redis:7-alpine"},
		"RedisProps.ImagePullPolicy": {[]PullPolicy{latest.ImagePullPolicy, store.ImagePullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"RedisProps.Port":            {store.Port, 6379},
		"RedisProps.Replicas":        {*store.Replicas, 1},
		"RedisProps.Resources":       {store.Resources, resources("100m", "256Mi", "250m", "512Mi")},
		"RedisProps.MaxMemory":       {strings.Contains(startOf(store), fmt.Sprintf("--maxmemory %d ", 512*1024*1024/3)), true},
		"RedisProps.EvictionPolicy":  {store.EvictionPolicy, "noeviction"},
		"RedisProps.Storage": {store.Storage, Storage{
			MountPath: "/data", Size: "5Gi", AccessMode: ReadWriteOnce, ClaimName: "shop-api-data",
		}},
		"RedisProps.Exporter":    {store.Exporter, (*Exporter)(nil)},
		"RedisProps.Startup":     {store.Startup, startupTiming},
		"RedisProps.Settings":    {store.settingsFlags(), ""},
		"RedisProps.Sources":     {store.Sources.Policy(testComponent, 1), (*manifest.Object)(nil)},
		"RedisProps.Pod":         {store.Pod, PodProps{RunAsUser: 999, RunAsGroup: 1000, TerminationGracePeriodSeconds: 60}},
		"ExternalRedis.Password": {variables(ExternalRedis{Server: ExternalServer{Host: "r", Port: 1}}), []string{"REDIS_URL=redis://r:1"}},
		"ExternalRedis.TLS":      {variables(ExternalRedis{Server: ExternalServer{Host: "r", Port: 1}}), []string{"REDIS_URL=redis://r:1"}},
		"ExternalRedis.URL":      {variables(ExternalRedis{Server: ExternalServer{Host: "r", Port: 1}}), []string{"REDIS_URL=redis://r:1"}},
		"ExternalRedis.Database": {variables(ExternalRedis{Server: ExternalServer{Host: "r", Port: 1}}), []string{"REDIS_URL=redis://r:1"}},
		"ExternalRedis.Username": {*loginOf(ExternalRedis{Server: ExternalServer{Host: "r", Port: 1}, Password: SecretKeyRef{Secret: "a", Key: "b"}}), "redis://default:$(REDIS_PASSWORD)@r:1"},
	}
}

// loginOf is the URL that a client of the server receives.
func loginOf(e ExternalRedis) *string {
	env := e.redisEnv(manifest.Component{})
	return env[len(env)-1].Value
}

func serverDefaults() map[string]defaultOf {
	service := ServiceProps{}.withDefaults()
	balanced := ServiceProps{Type: ServiceLoadBalancer}.withDefaults()
	spec := ServiceProps{Type: ServiceLoadBalancer}.object(testComponent, "http", 80).Fields["spec"].(k8s.ServiceSpec)
	return map[string]defaultOf{
		"Model.Name":                         {modelEnv(Model{Server: ExternalServer{Host: "m", Port: 443}}), []string{"OPENAI_BASE_URL=https://m/v1"}},
		"Model.APIKey":                       {modelEnv(Model{Server: ExternalServer{Host: "m", Port: 443}}), []string{"OPENAI_BASE_URL=https://m/v1"}},
		"Model.Path":                         {Model{}.withDefaults().Path, "/v1"},
		"Model.Scheme":                       {[]ModelScheme{Model{}.withDefaults().Scheme, Model{Server: ClusterServer{}}.withDefaults().Scheme}, []ModelScheme{"https", "http"}},
		"ClusterServer.PodPort":              {ClusterServer{Port: 80}.Destination().PodPort == 80, true},
		"ServiceProps.Type":                  {service.Type, "ClusterIP"},
		"ServiceProps.Annotations":           {service.object(testComponent, "http", 80).Annotations, noneOf},
		"ServiceProps.SourceRanges":          {reflect.DeepEqual(balanced.policy(testComponent, 80), manifest.AllowSources(testComponent.Destination(80), "service", manifest.Blocks(testComponent, AllAddresses()))), true},
		"ServiceProps.ExternalTrafficPolicy": {balanced.ExternalTrafficPolicy, "Local"},
		"ServiceProps.LoadBalancerClass":     {spec.LoadBalancerClass, nil},
		"ServiceProps.NodePort":              {(*spec.Ports)[0].NodePort, nil},
		"Source.AllPods":                     {Source{}.AllPods, false},
		"Source.Anywhere":                    {Source{}.Anywhere, false},
	}
}

func gatewayDefaults() map[string]defaultOf {
	shared := Gateway{Name: "public", Namespace: "infra"}.withDefaults(testComponent)
	own := Gateway{ClassName: "public"}.withDefaults(testComponent)
	envoy := Gateway{Name: "public", Namespace: "infra", Proxy: GatewayProxy{Profile: GatewayEnvoy}}.withDefaults(testComponent).Proxy
	return map[string]defaultOf{
		"IngressProps.Gateway":             {IngressProps{}.withDefaults(testComponent).Gateway, (*Gateway)(nil)},
		"Gateway.HTTPListener":             {shared.HTTPListener, "http"},
		"Gateway.HTTPSListener":            {shared.HTTPSListener, "https"},
		"Gateway.ListenerSet":              {shared.ListenerSet, false},
		"Gateway.HTTPPort":                 {own.HTTPPort, 80},
		"Gateway.HTTPSPort":                {own.HTTPSPort, 443},
		"GatewayProxy.Namespace":           {envoy.Namespace, "envoy-gateway-system"},
		"GatewayProxy.PodLabels":           {envoy.PodLabels["gateway.envoyproxy.io/owning-gateway-name"], "public"},
		"GatewayProxy.CIDRs":               {envoy.CIDRs, []string(nil)},
		"GatewayProxy.ControllerNamespace": {envoy.ControllerNamespace, "envoy-gateway-system"},
	}
}

func ingressDefaults() map[string]defaultOf {
	ingress := IngressProps{Tier: backendAt("shop")}.withDefaults(testComponent)
	route := IngressRoute{}.withDefaults("shop.example.com")
	controller := IngressController{
		Profile: ProfileIngressNginx, Namespace: "ingress-nginx", PodLabels: map[string]string{"app.kubernetes.io/name": "ingress-nginx"}, HTTPPort: 80, HTTPSPort: 443,
	}
	return map[string]defaultOf{
		"IngressProps.Path":            {ingress.Path, "/"},
		"IngressProps.AnyHost":         {ingress.AnyHost, false},
		"IngressProps.PathType":        {ingress.PathType, "Prefix"},
		"IngressProps.Routes":          {ingress.Routes, []IngressRoute(nil)},
		"IngressProps.DisableRedirect": {ingress.DisableRedirect, false},
		"IngressProps.TLS":             {ingress.TLS, []IngressTLS(nil)},
		"IngressRoute.Host":            {route.Host, "shop.example.com"},
		"IngressRoute.Path":            {route.Path, "/"},
		"IngressRoute.PathType":        {route.PathType, "Prefix"},
		"IngressTLS.Disable":           {IngressTLS{}.Disable, false},
		"IngressProps.DisableTLS":      {ingress.DisableTLS, false},
		"IngressProps.TLSSecretName":   {ingress.TLSSecretName, "shop-tls"},
		"IngressProps.ClusterIssuer":   {ingress.ClusterIssuer, ""},
		"IngressProps.ClassName":       {ingress.ClassName, "nginx"},
		"IngressProps.Annotations":     {ingress.Annotations, noneOf},
		"IngressProps.Controller":      {ingress.Controller, controller},
		"IngressController.Namespace":  {ingress.Controller.Namespace, controller.Namespace},
		"IngressController.PodLabels":  {ingress.Controller.PodLabels, controller.PodLabels},
		"IngressController.Profile":    {ingress.Controller.Profile, "ingress-nginx"},
		"IngressController.HTTPPort":   {ingress.Controller.HTTPPort, 80},
		"IngressController.HTTPSPort":  {ingress.Controller.HTTPSPort, 443},
		"IngressController.CIDRs":      {ingress.Controller.CIDRs, []string(nil)},
		"IngressController.Redirects":  {ingress.Controller.Redirects, false},
	}
}

// podDefaults are in the pod's spec, whose documentation is the API's.
func podDefaults() map[string]defaultOf {
	pod := BackendProps{Image: "api:1"}.server(field.NewPath("backend"), testComponent).workload().Template()
	toleration := (*PodProps{Tolerations: []Toleration{{Key: "a"}}}.Settings(testComponent).Spec.Tolerations)[0]
	affinity := Affinity{Nodes: make([]NodeAffinityRule, 1), Near: make([]PodAffinityRule, 1)}.withDefaults()
	labels, namespace := affinity.Near[0].pods(testComponent)
	labelled, _ := PodAffinityRule{Labels: map[string]string{"a": "b"}}.pods(testComponent)
	return map[string]defaultOf{
		"PodProps.ImagePullSecrets":              {pod.Spec.ImagePullSecrets, nil},
		"PodProps.ServiceAccountName":            {pod.Spec.ServiceAccountName, nil},
		"PodProps.AutomountServiceAccountToken":  {*pod.Spec.AutomountServiceAccountToken, false},
		"PodProps.PriorityClassName":             {pod.Spec.PriorityClassName, nil},
		"PodProps.RuntimeClassName":              {pod.Spec.RuntimeClassName, nil},
		"PodProps.NodeSelector":                  {pod.Spec.NodeSelector, nil},
		"PodProps.Tolerations":                   {pod.Spec.Tolerations, nil},
		"PodProps.Affinity":                      {pod.Spec.Affinity, nil},
		"PodProps.RunAsUser":                     {*pod.Spec.SecurityContext.RunAsUser, 10001},
		"PodProps.RunAsGroup":                    {*pod.Spec.SecurityContext.RunAsGroup, 10001},
		"PodProps.TerminationGracePeriodSeconds": {*pod.Spec.TerminationGracePeriodSeconds, 30},
		"PodProps.Labels":                        {len(*pod.Metadata.Labels), len(manifest.Component{}.Labels())},
		"PodProps.Annotations":                   {pod.Metadata.Annotations, nil},

		"Affinity.Nodes":              {Affinity{}.withDefaults().Nodes, []NodeAffinityRule(nil)},
		"Affinity.Near":               {Affinity{}.withDefaults().Near, []PodAffinityRule(nil)},
		"Affinity.Apart":              {Affinity{}.withDefaults().Apart, []PodAffinityRule(nil)},
		"NodeAffinityRule.Operator":   {affinity.Nodes[0].Operator, NodeLabelIn},
		"NodeAffinityRule.Required":   {affinity.Nodes[0].Required, false},
		"NodeAffinityRule.Weight":     {affinity.Nodes[0].Weight, 100},
		"PodAffinityRule.Tier":        {labels, testComponent.Selector()},
		"PodAffinityRule.Labels":      {labelled, map[string]string{"a": "b"}},
		"PodAffinityRule.Namespace":   {namespace, testComponent.Namespace},
		"PodAffinityRule.TopologyKey": {affinity.Near[0].TopologyKey, "kubernetes.io/hostname"},
		"PodAffinityRule.Required":    {affinity.Near[0].Required, false},
		"PodAffinityRule.Weight":      {affinity.Near[0].Weight, 100},

		"Toleration.Operator":          {*toleration.Operator, "Equal"},
		"Toleration.Effect":            {toleration.Effect, nil},
		"Toleration.TolerationSeconds": {toleration.TolerationSeconds, nil},
	}
}

func commonDefaults() map[string]defaultOf {
	resources := Resources{}.WithDefaults(backendResources)
	storage := *BackendProps{Storage: &Storage{}}.server(field.NewPath("backend"), testComponent).storage
	emptyDir := EmptyDir{}.WithDefaults()
	autoscaling := Autoscaling{}.withDefaults()
	forMemory := Autoscaling{TargetMemoryUtilization: 70}.withDefaults()
	single := Rollout{}.withDefaults(1)
	return map[string]defaultOf{
		"Resources.Requests": {resources.Requests, backendResources.Requests},
		"Resources.Limits":   {resources.Limits, backendResources.Limits},

		"Resources.Extended":            {resources.Extended, map[string]int(nil)},
		"ResourceList.EphemeralStorage": {resources.Requests.EphemeralStorage + resources.Limits.EphemeralStorage, ""},

		"DisruptionBudget.MaxUnavailable": {[]string{DisruptionBudget{}.withDefaults().MaxUnavailable, DisruptionBudget{MinAvailable: "2"}.withDefaults().MaxUnavailable}, []string{"1", ""}},
		"DisruptionBudget.MinAvailable":   {DisruptionBudget{}.withDefaults().MinAvailable, ""},
		"ServiceAccount.Name":             {(&ServiceAccount{}).withDefaults(testComponent).Name, "shop-api"},
		"ServiceAccount.Annotations":      {(&ServiceAccount{}).withDefaults(testComponent).Annotations, noneOf},

		"Spread.MaxSkew":  {spreadWithDefaults([]Spread{{TopologyKey: "a"}})[0].MaxSkew, 1},
		"Spread.Required": {defaultSpread[0].Required, false},

		"Storage.AccessMode":       {storage.AccessMode, "ReadWriteOnce"},
		"Storage.StorageClassName": {storage.StorageClassName, ""},
		"Storage.ClaimName":        {storage.ClaimName, "shop-api-data"},
		"EmptyDir.SizeLimit":       {emptyDir.SizeLimit, "1Gi"},
		"EmptyDir.Memory":          {emptyDir.Source().Medium, nil},

		"FieldRef.Divisor": {FieldRef{Resource: "limits.cpu"}.variable("A").ValueFrom.ResourceFieldRef.Divisor.Value(), "1"},
		"EnvFrom.Prefix":   {EnvFrom{}.source().Prefix, nil},
		"EnvFrom.Optional": {EnvFrom{}.Optional, false},

		"Rollout.MaxUnavailable": {[]int{*oneAtATime.MaxUnavailable, *single.MaxUnavailable}, []int{1, 0}},
		"Rollout.MaxSurge":       {*single.MaxSurge, 1},

		"Autoscaling.MinReplicas":             {[]int{autoscaling.MinReplicas, Autoscaling{External: true}.withDefaults().MinReplicas}, []int{2, 0}},
		"Autoscaling.Metrics":                 {autoscaling.Metrics, []AutoscalingMetric(nil)},
		"Autoscaling.ScaleUp":                 {autoscaling.ScaleUp.rules(), nil},
		"Autoscaling.ScaleDown":               {autoscaling.ScaleDown.rules(), nil},
		"Autoscaling.External":                {autoscaling.External, false},
		"AutoscalingMetric.External":          {AutoscalingMetric{}.External, false},
		"AutoscalingMetric.Labels":            {AutoscalingMetric{AverageValue: "1"}.spec().Pods.Metric.Selector, nil},
		"ScalingRules.StabilizationWindow":    {ScalingRules{Pods: 1}.withDefaults().rules().StabilizationWindowSeconds, nil},
		"ScalingRules.Pods":                   {len(*ScalingRules{Percent: 1}.withDefaults().rules().Policies) == 1, true},
		"ScalingRules.Percent":                {len(*ScalingRules{Pods: 1}.withDefaults().rules().Policies) == 1, true},
		"ScalingRules.Period":                 {ScalingRules{Pods: 1}.withDefaults().Period, time.Minute},
		"Autoscaling.TargetCPUUtilization":    {[]int{autoscaling.TargetCPUUtilization, forMemory.TargetCPUUtilization}, []int{80, 0}},
		"Autoscaling.TargetMemoryUtilization": {autoscaling.TargetMemoryUtilization, 0},
	}
}

func metricsDefaults() map[string]defaultOf {
	metrics := (&Metrics{}).withDefaults()
	postgres := PostgresProps{Exporter: &Exporter{}}.withDefaults(testComponent).Exporter
	redis := RedisProps{Exporter: &Exporter{}}.withDefaults(testComponent).Exporter
	latest := (&Exporter{Image: "exporter:latest"}).withDefaults("", 1)
	return map[string]defaultOf{
		"Metrics.Path":           {metrics.Path, "/metrics"},
		"Metrics.Port":           {metrics.Port, 9464},
		"MetricsEndpoint.Path":   {(&MetricsEndpoint{}).metrics().Path, "/metrics"},
		"MetricsEndpoint.Port":   {(&MetricsEndpoint{}).metrics().Port, 9464},
		"Objective.Availability": {metrics.Objective.Availability, 99.9},
		"Objective.P95Latency":   {metrics.Objective.P95Latency, 500 * time.Millisecond},
		"Metrics.ScrapeOnly":     {metrics.ScrapeOnly, false},

		"Exporter.Image": {
			[]string{postgres.Image, redis.Image},
			[]string{"quay.io/prometheuscommunity/postgres-exporter:v0.17.1", "oliver006/redis_exporter:v1.74.0"},
		},
		"Exporter.ImagePullPolicy": {[]PullPolicy{latest.ImagePullPolicy, postgres.ImagePullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"Exporter.Port":            {[]int{postgres.Port, redis.Port}, []int{9187, 9121}},
		"Exporter.Resources":       {postgres.Resources, resources("10m", "32Mi", "100m", "64Mi")},
	}
}

// resources are those of which no prop sets any.
func resources(cpuRequest, memoryRequest, cpuLimit, memoryLimit string) Resources {
	return Resources{}.WithDefaults(Resources{
		Requests: ResourceList{CPU: cpuRequest, Memory: memoryRequest}, Limits: ResourceList{CPU: cpuLimit, Memory: memoryLimit},
	})
}

func extraContainerDefaults() map[string]defaultOf {
	tier := BackendProps{Image: "api:1"}.server(field.NewPath("backend"), testComponent).program
	initial, latest := InitContainer{}.in(tier), InitContainer{Image: "api:latest"}.in(tier)
	sidecar, latestSidecar := Sidecar{Image: "proxy:1"}.in(tier), Sidecar{Image: "proxy:latest"}.in(tier)
	mounting := Sidecar{Mounts: []Mount{{Path: "/tmp"}}}.in(tier)
	container := initial.container(tier, manifest.Mounts{})
	first := program{sidecars: []Sidecar{{Name: "a"}}, initContainers: []InitContainer{{Name: "b"}}}.extraContainers(nil)
	defaults := map[string]defaultOf{
		"InitContainer.Image":           {initial.image, "api:1"},
		"InitContainer.ImagePullPolicy": {[]PullPolicy{latest.pullPolicy, initial.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"InitContainer.Resources":       {initial.resources, tier.resources},
		"Sidecar.ImagePullPolicy":       {[]PullPolicy{latestSidecar.pullPolicy, sidecar.pullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"Sidecar.Resources":             {sidecar.resources, resources("50m", "64Mi", "200m", "128Mi")},
		"Sidecar.Startup":               {sidecar.probes.startup, NoProbe{}},
		"Sidecar.Liveness":              {sidecar.probes.liveness, NoProbe{}},
		"Sidecar.Readiness":             {sidecar.probes.readiness, NoProbe{}},
		"Sidecar.AfterInitContainers":   {first[1].restarts, false},
		"Port.Protocol":                 {Port{}.withDefaults().Protocol, "TCP"},
		"Port.AppProtocol":              {Port{}.service().AppProtocol, nil},
		"Port.Sidecar":                  {len(program{furtherPorts: []Port{{Name: "a"}}}.ports()), 1},
		"Port.Sources":                  {Port{}.Sources.policyAt(Port{}.destination(testComponent)), (*manifest.Object)(nil)},
		"Mount.MountPath":               {mounting.mounts[0].MountPath, "/tmp"},
		"Mount.ReadOnly":                {mounting.mounts[0].ReadOnly, false},
	}
	for kind, of := range map[string]extraContainer{"InitContainer": initial, "Sidecar": sidecar} {
		maps.Copy(defaults, map[string]defaultOf{
			kind + ".Command":    {container.Command, nil},
			kind + ".Args":       {container.Args, nil},
			kind + ".WorkingDir": {container.WorkingDir, nil},
			kind + ".TierEnv":    {of.variables.inherited != nil, false},
			kind + ".Env":        {of.variables.env, noneOf},
			kind + ".SecretEnv":  {of.variables.secretEnv, map[string]SecretKeyRef(nil)},
			kind + ".FieldEnv":   {of.variables.fieldEnv, map[string]FieldRef(nil)},
			kind + ".EnvFrom":    {of.variables.envFrom, []EnvFrom(nil)},
			kind + ".Mounts":     {of.mounts, []Mount{}},
		})
	}
	return defaults
}

func volumeDefaults() map[string]defaultOf {
	claim := ClaimVolume{}.withDefaults().(ClaimVolume)
	image, latest := ImageVolume{}.withDefaults().(ImageVolume), ImageVolume{Image: "model:latest"}.withDefaults().(ImageVolume)
	tier := BackendProps{Image: "api:1", Volumes: []Volume{
		ClaimVolume{MountPath: "/c", ClaimName: "c"},
		SecretVolume{MountPath: "/s", Secret: "s"},
		ConfigMapVolume{MountPath: "/m", ConfigMap: "m"},
		ImageVolume{MountPath: "/i", Image: "i:1"},
	}}
	pod := tier.server(field.NewPath("backend"), testComponent).workload().Template().Spec
	volumes, mounts := *pod.Volumes, *(*pod.Containers)[0].VolumeMounts
	return map[string]defaultOf{
		"ClaimVolume.AccessMode":      {claim.AccessMode, "ReadWriteOnce"},
		"ClaimVolume.SubPath":         {mounts[0].SubPath, nil},
		"ClaimVolume.ReadOnly":        {mounts[0].ReadOnly == nil, true},
		"SecretVolume.Items":          {volumes[1].Secret.Items, nil},
		"SecretVolume.Mode":           {volumes[1].Secret.DefaultMode, nil}, // Which the API server sets.
		"SecretVolume.Optional":       {volumes[1].Secret.Optional, nil},
		"ConfigMapVolume.Items":       {volumes[2].ConfigMap.Items, nil},
		"ConfigMapVolume.Mode":        {volumes[2].ConfigMap.DefaultMode, nil},
		"ConfigMapVolume.Optional":    {volumes[2].ConfigMap.Optional, nil},
		"ImageVolume.ImagePullPolicy": {[]PullPolicy{latest.ImagePullPolicy, image.ImagePullPolicy}, []PullPolicy{"Always", "IfNotPresent"}},
		"ImageVolume.SubPath":         {mounts[3].SubPath, nil},
	}
}
