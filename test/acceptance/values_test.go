package acceptance

import (
	"math"
	"strings"
	"time"
)

func long(length int) string { return strings.Repeat("x", length) }

// hostileText is bad for most fields, and must survive unchanged where it is not.
var hostileText = []string{
	"", " ", "\t", "\n", "-", ".", "..", "/", "//", "~", "null", "true", "yes", "0o7", "1e3", "12:30:45", "1_000", "0x1F", "=", "<<", "- a", "a: b",
	"#", "'", `"`, `\`, "`", "$", "$(HOME)", "${HOME}", "$$", "%", "|", ">", "&a", "*a", "!tag", "{", "[", "{{ .Values }}", "---", "a\n---\nb\n", "\n\na\n\n",
	"\r\n", "\x00", "\x7f", "\u0085", "\u2028", "\ufeff", "\xff", "é", "日本", "👍", " lead", "trail ", "UPPER", "under_score", "a b", "a/b", "/a/", "/a/../b",
	"/a b", "/a:b", "/ü", "/__proto__", "__proto__", "constructor", "toString", "-dash", "dash-", "a..b", "a.-b", "1", "10", "-1", "1m", "0.5m", "1n", "1Gg", "0", "1e30", "999999999999Gi",
	"1.5", "512m", "+1", "1E", "1Ei", "9223372036854775807", "app", "component", "app.kubernetes.io/name", "kubernetes.io/x", "A.io/b", "a.io/b", "a.io/", "/b",
	"localhost", "localhost:5000/a:b", "a:b:c", "a@sha256:0", "A:b", "a/b:c@d", "255.255.255.255", "::1", "10.0.0.1/8", "10.0.0.0/8", "::/0", "010.0.0.0/8", "*.example.com", "*", "*.",
	long(63), long(64), long(253), long(254), long(1000), "@daily", "@every 1h", "Local", "UTC", "posix/UTC", "* * * * *", "60 * * * *", "* * * *", "*/0 * * * *", "1-0 * * * *", "TZ=UTC * * * * *", "0 0 31 2 *", "0 0 * * 7",
}

// Values that are good for several fields, their limits included.
var (
	amounts     = []string{"4Mi", "128Mi", "2048Mi", "1Gi", "1.5Gi", "1e9", "1073741824", "1G", "4194304"}
	paths       = []string{"/", "/a", "/data", "/app/data", "/tmp", "/run", "/health", "/healthz?full=1", "/dev/shm", "/etc/app.conf", "/etc/app.conf/x", "/a.b/c_d-e", "/" + long(200)}
	variables   = []string{"A", "_a", "LOG_LEVEL", "a.b-c", "VITE_API_BASE_URL", "DATABASE_URL", "REDIS_URL", long(300)}
	labelKeys   = []string{"tier", "example.com/tier", "topology.kubernetes.io/zone", "kubernetes.io/arch", long(63), strings.Repeat("a.", 100) + "io/" + long(63)}
	labelValues = []string{"", "a", "A.b_c-9", long(63)}
	contents    = []string{"", "text", "several\nlines\n", "  indented\n\ttab\n", "SELECT 'it''s';\n", "$(REDIS_PASSWORD)", "https://example.com/api?a=b&c=%20"}

	urls = []string{"https://example.com", "http://localhost:3000/a?b=c&d=%20#e", "https://日本.example.com/"}

	repositories = []string{"https://github.com/acme/shop", "ssh://git@git.example.com:2222/~acme/shop.git", "git@github.com:acme/shop", "oci://ghcr.io/acme/shop"}
	folders      = []string{".", "dist", "deploy/staging", "a b/..c", long(300)}
	clusters     = []string{"https://kubernetes.default.svc", "in-cluster", "admin@shop", "arn:aws:eks:eu-west-1:123456789012:cluster/shop", "https://shop.example.com:6443"}
	destinations = []string{"a", "0", "shop", long(63)}
	manifests    = []string{
		"", "# Nothing.\n---\n", `{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}`,
		"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b, namespace: shop}\n",
		"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}\n",
	}

	// objectNames are good for whatever is not listed below: names of objects and keys.
	objectNames = []string{"a", "secrets", "my-name", "a.b", "0", long(63), strings.Repeat("a.", 100) + "a"}
)

// goodText is good for a field of the name, its limits included.
var goodText = map[string][]string{
	"Image":             {"nginx:1.29", "ghcr.io/acme/api:1.4.2", "localhost:5000/a/b:latest", "a:" + long(128), "registry.example.com/a__b/c-d.e:v1@sha256:" + strings.Repeat("0", 64)},
	"CPU":               {"1m", "100m", "0.25", "1", "1000m", "2", "1e1", "0.001", "1k", "none"},
	"Memory":            amounts,
	"MaxMemory":         amounts,
	"Size":              amounts,
	"SizeLimit":         amounts,
	"EphemeralStorage":  amounts,
	"ExtendedKey":       {"nvidia.com/gpu", "amd.com/gpu", "example.com/a_b.c"},
	"MountPath":         paths,
	"Path":              paths,
	"Profile":           {"ingress-nginx", "f5-nginx", "traefik", "haproxy", "aws", "gce", "openshift"},
	"PathType":          {"Prefix", "Exact", "ImplementationSpecific"},
	"FilesKey":          paths,
	"EnvKey":            variables,
	"SecretEnvKey":      variables,
	"FieldEnvKey":       variables,
	"Host":              {"example.com", "a.b.example.com", "db", "10.0.0.7", "fd00::7", strings.Repeat("a.", 126) + "a", "*.example.com"},
	"CIDRs":             {"10.20.0.0/24", "0.0.0.0/0", "::/0", "192.168.1.7/32", "fd00::/8"},
	"SourceRanges":      {"10.20.0.0/24", "192.168.1.7/32", "fd00::/8"},
	"Service":           {"a", "collector", "my-name", long(63)},
	"Type":              {"ClusterIP", "NodePort", "LoadBalancer"},
	"Username":          {"", "shop", "a:b@c", "$(HOME)", "日本"},
	"NodeSelectorKey":   labelKeys,
	"LabelsKey":         labelKeys,
	"PodLabelsKey":      labelKeys,
	"AnnotationsKey":    labelKeys,
	"NodeSelectorValue": labelValues,
	"LabelsValue":       labelValues,
	"PodLabelsValue":    labelValues,
	"Value":             labelValues,
	"Operator":          {"Equal", "Exists"},
	"Effect":            {"NoSchedule", "PreferNoSchedule", "NoExecute"},
	"AccessMode":        {"ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"},
	"ImagePullPolicy":   {"Always", "IfNotPresent", "Never"},
	"EvictionPolicy":    {"noeviction", "allkeys-lru", "volatile-ttl"},
	"Schedule":          {"0 3 * * *", "*/5 0-6,22 1,15 jan-mar mon", "@daily", "? ? ? ? ?", "0 0 29 2 *"},
	"Model.Name":        {"gpt-4o", "ft:gpt-4o:acme::id", "meta-llama/Llama-3.1-8B-Instruct"},
	"Scheme":            {"https", "http"},
	"TimeZone":          {"Etc/UTC", "Europe/Berlin", "America/Argentina/ComodRivadavia", "Etc/GMT+12"},
	"ConcurrencyPolicy": {"Forbid", "Allow", "Replace"},
	"RestartPolicy":     {"Never", "OnFailure"},
	"InitSQL":           contents,
	"SettingsKey":       {"save", "hz", "work_mem", "a.b"},
	"SettingsValue":     {"", "900 1", "it's $(date) $$ \"\\", "日本", "0x1F"},
	"Extensions":        {"hstore", "uuid-ossp", "pg_trgm"},
	"EnvValue":          contents,
	"FilesValue":        contents,
	"AnnotationsValue":  contents,
	"APIBaseURL":        contents,

	"Field":    {"metadata.name", "status.podIPs", "spec.nodeName", "metadata.labels['app']", "metadata.labels['team']", "metadata.annotations['a']"},
	"Resource": {"limits.cpu", "requests.memory", "limits.ephemeral-storage"},
	"Divisor":  {"1", "1m", "1k", "1Ei"},
	"Prefix":   {"A_", "a.b-c", "_"},

	"ExternalTrafficPolicy":   {"Local", "Cluster"},
	"LoadBalancerClass":       {"a", "example.com/internal", "service.k8s.aws/nlb"},
	"Source.Namespace":        {"a", "shop", long(63)},
	"ClusterServer.Namespace": {"a", "shop", long(63)},

	"Command":             {"celery", "/bin/sh", "-c", "python -m api", "$$(NO)", "$(date -u)"},
	"Args":                {"", "--level=info", "$KUBERNETES_PORT", "$(KUBERNETES_SERVICE_HOST)", "several\nlines\n", "- a", "0o7x"},
	"PostStart":           {"warm-up", "/bin/sh", "-c", "$(date -u)"},
	"PreStop":             {"drain", "/bin/sh", "-c", "sleep 5"},
	"WorkingDir":          {"/", "/app", "/proc/self", "/a:b c", "/app/"},
	"HeadersKey":          {"Host", "X-Probe", "accept"},
	"HeadersValue":        {"", "shop.example.com", "yes", "a: b"},
	"GRPCProbe.Service":   {"shop.Health", "liveness", "日本"},
	"HeartbeatProbe.Path": {"/tmp/alive", "/tmp/a/$b c"},

	"Kind":               {"slack", "pagerduty", "webhook"},
	"AlertReceiver.Name": {"slack", "on-call", "0"},
	"Paths":              paths,
	"PublicProbe.URL":    {"https://example.com", "http://example.com:8080/a?b=c", "https://a.b.example.com/health", "https://10.0.0.7"},
	"Panel.Kind":         {"timeseries", "stat"},
	"RetentionSize":      amounts,
	"Alert.Name":         {"A", "TargetIdle", "A1", "B"},
	"Alert.LabelsKey":    {"team", "_a", "A1"},
	"Expr":               {"1", "up == 0", `sum by (job) (rate(a{b=~"c|\"d\"",e!='f'}[5m])) > 1e-3`, "a\n# why\nand on ()\nb", `label_replace(up, "a", "$1", "b", "(.*)")`, "{__name__=\"a\"}", "time() - a offset 1d"},
	"Severity":           {"critical", "warning"},
	"Severities":         {"critical", "warning"},
	"Summary":            {"down", "{{ $labels.job }} is {{ $value | humanizePercentage }}", `{{ with query "up" }}{{ . | first | value }}{{ end }}`, "several\nlines\n"},
	"RunbookURL":         urls,
	"RootURL":            urls,
	"Title":              {"a", "A: b", "日本", "{{ a }}", "'", long(300)},
	"Description":        contents,
	"Unit":               {"s", "bytes", "percentunit", "currency:€"},
	"Color":              {"green", "yellow", "red"},
	"Legend":             {"", "{{job}}", "a: b"},

	"Repository":                    repositories,
	"Repositories":                  repositories,
	"Revision":                      {"main", "v1.4.2", "1.*", ">=1.0.0 <2.0.0", "feature/a", strings.Repeat("0", 40), long(300)},
	"Source.Path":                   folders,
	"Environment.Path":              folders,
	"Cluster":                       clusters,
	"Destination.Namespace":         destinations,
	"Environment.Name":              {"production", "a.b", "0", strings.Repeat("a.", 123) + "a"},
	"ProjectProps.Namespace":        {"argocd", "gitops"},
	"ApplicationProps.Namespace":    {"argocd"},
	"ApplicationSetProps.Namespace": {"argocd"},
	"GroupKind.Group":               {"", "apps", "example.com"},
	"GroupKind.Kind":                {"Deployment", "Shop", "A"},
	"ClusterKind.Group":             {"", "rbac.authorization.k8s.io"},
	"ClusterKind.Kind":              {"Namespace", "ClusterRole"},
	"ClusterKind.Name":              {"a", "system:a", "team-*", `a\*`, "[a-c]?"},
	"ContentsKey":                   {"00-namespace.k8s.yaml", "a.yml", "a.json", "README.md", "__proto__"},
	"ContentsValue":                 manifests,

	"Passwords":          {"a", "database-password", "session_key", ".b", "A.b-c_d", long(253)},
	"Store.Kind":         {"SecretStore", "ClusterSecretStore"},
	"KeysKey":            {"a", "database-password", "session_key", ".b"},
	"RemoteKey.Key":      {"shop", "shop/production", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop", "projects/1/secrets/日本"},
	"RemoteKey.Property": {"password", "a.b[0]"},
	"RemoteKey.Version":  {"7", "latest", "uuid/0-0"},
	"PostgresURLsKey":    {"database-url", "dsn", ".url"},
	"Database":           {"shop", "the shop", "日本", "{{ .a }}"},
	"User":               {"shop", "shop@eu:1", "{{", "'"},
	"PasswordKey":        {"a", "database-password"},
	"TemplatesKey":       {"name", "url", "1", long(253)},
	"TemplatesValue": {"", "constant", "{{ `{{` }}", `{{ range $key, $value := . }}{{ $key }}={{ $value | quote }}
{{ end }}`, "several\nlines\n"},

	"ItemsValue":             {"a", "a/b.yaml", ".a", "..", "/a"},
	"SubPath":                {"a", "a/b", "a b", "$(A)"},
	"ClaimVolume.AccessMode": {"ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod", "ReadOnlyMany"},
	"Protocol":               {"TCP", "UDP", "SCTP"},
	"AppProtocol":            {"http", "grpc", "kubernetes.io/h2c", "example.com/a_b"},
	"Sidecar":                {"a", "proxy"},
	"Port.Name":              {"grpc", "a", "a-1", "x23456789012345"},
	"InitContainer.Name":     {"a", "prepare", "0", long(63)},
	"Sidecar.Name":           {"a", "proxy", "x-1-y", long(63)},
	"Mount.Path":             {"/tmp", "/tmp", "/tmp", "/run", "/a", "/data"},

	"GatewayProxy.Profile":             {"EnvoyGateway", "NGINXGatewayFabric", "Istio", "Traefik", "GKE"},
	"GatewayProxy.Namespace":           {"proxies", "0", long(63)},
	"GatewayProxy.ControllerNamespace": {"istio-system", long(63)},
	"Gateway.Namespace":                {"infra", "0", long(63), namespace},

	"DisruptionBudget.MaxUnavailable": {"1", "2", "25%", "100%"},
	"DisruptionBudget.MinAvailable":   {"0", "1", "50%"},

	"NodeAffinityRule.Key":      {"kubernetes.io/arch", "spot", long(63)},
	"NodeAffinityRule.Operator": {"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"},
	"NodeAffinityRule.Values":   {"", "a", "7", "9223372036854775807", long(63)},
	"PodAffinityRule.Namespace": {"shared", "0", long(63)},

	"TopologyKey": {"topology.kubernetes.io/zone", "kubernetes.io/hostname", "rack", long(63)},

	"AutoscalingMetric.Name": {"requests_per_second", "a b", "日本", "a:b"},
	"AverageValue":           {"1", "500m", "1.5", "1e3", "10k"},

	"id": {"a", "api", "my-name", "0", "x-1-y", long(58)},
}

// Durations and fractions, as the numbers are.
var (
	goodDurations = map[string][]time.Duration{
		"P95Latency":          {time.Millisecond, 250 * time.Millisecond, 5 * time.Second},
		"ResponseTime":        {time.Millisecond, 250 * time.Millisecond, 4 * time.Second},
		"ScrapeInterval":      {5 * time.Second, 15 * time.Second, time.Minute},
		"Retention":           {6 * time.Hour, 36 * time.Hour, 400 * 24 * time.Hour},
		"Backoff":             {time.Second, 5 * time.Second, time.Minute},
		"MaxBackoff":          {time.Minute, 90 * time.Second, 24 * time.Hour},
		"RefreshInterval":     {time.Second, 90 * time.Second, time.Hour, 36 * time.Hour},
		"Deadline":            {time.Second, time.Minute, 2 * time.Hour},
		"StartingDeadline":    {10 * time.Second, time.Minute, 24 * time.Hour},
		"TTLAfterFinished":    {time.Hour, 24 * time.Hour, (1<<31 - 1) * time.Second},
		"StabilizationWindow": {time.Second, 5 * time.Minute, time.Hour},
		"Period":              {time.Second, time.Minute, 30 * time.Minute},
		"MaxAge":              {time.Second, 90 * time.Second, 24 * time.Hour},
		"For":                 {time.Millisecond, time.Minute, 90 * time.Minute},
	}
	hostileDurations = []time.Duration{math.MinInt64, -1, 1, time.Microsecond, 999 * time.Millisecond, 1500 * time.Millisecond, math.MaxInt64}

	goodFractions    = []float64{95, 99.5, 99.9, 99.999}
	hostileFractions = []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 0, 1e-300, 94.9, 100, 1e300}
)

// hostileNumbers are bad for most fields.
var hostileNumbers = []int{-1, 0, 1, 80, 1023, 1024, 65535, 65536, math.MaxInt32, math.MaxInt32 + 1, math.MinInt64, math.MaxInt64}

// goodNumbers are good for a field of the name. Others have someNumbers.
var (
	ports  = []int{1, 80, 443, 1023, 1024, 5432, 8080, 65535}
	counts = []int{0, 1, 2, 5}

	goodNumbers = map[string][]int{
		"Port":                          ports,
		"HTTPPort":                      ports,
		"HTTPSPort":                     ports,
		"Number":                        ports,
		"Mode":                          {0o400, 0o644, 0o777},
		"NodePort":                      {30000, 31234, 32767},
		"PodPort":                       {1, 80, 65535},
		"Database":                      {0, 1, 15, 16, math.MaxInt32},
		"Weight":                        {1, 50, 100},
		"MinReplicas":                   {1, 2},
		"MaxReplicas":                   {2, 10, math.MaxInt32},
		"MaxUnavailable":                counts,
		"MaxSurge":                      counts,
		"Replicas":                      counts,
		"InitialDelaySeconds":           counts,
		"TolerationSeconds":             counts,
		"PreStopSeconds":                counts,
		"BackoffLimit":                  counts,
		"SuccessfulJobsHistoryLimit":    counts,
		"FailedJobsHistoryLimit":        counts,
		"Length":                        {16, 32, 128},
		"Limit":                         {-1, 0, 5, math.MaxInt32},
		"TerminationGracePeriodSeconds": {1, 30, 600},
	}
	someNumbers = []int{1, 2, 100, 1000}
)
