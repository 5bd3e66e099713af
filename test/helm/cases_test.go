package helm

import (
	"maps"
	"slices"
	"strings"
)

const (
	autoscaledFrontend = "frontend.autoscaling.enabled"
	autoscaledBackend  = "backend.autoscaling.enabled"
)

// changed are other values for each value of the chart. The first is one that shows wherever the value does.
var changed = map[string][]any{
	"frontend.replicaCount":                     {5, 1, 0},
	"frontend.image":                            {"registry.example.com:5000/web/front_end:1.4.2", "web:latest@" + someDigest, "Registry.example.com/web:latest"},
	"frontend.resources.requests.cpu":           {"150m", 0.05, "0.125", "08m", "00.080"},
	"frontend.resources.requests.memory":        {"300Mi", "0.125Gi", "100M", "080Mi"},
	"frontend.resources.limits.cpu":             {"1500m", 2, "1000m", 0.75, 1000, "2000", 1234567.5, "none"},
	"frontend.resources.limits.memory":          {"1.5Gi", "2048Mi", "1G", "1000000000"},
	"frontend.env":                              {map[string]any{"LOG_LEVEL": "debug", "BANNER": "{{ \"a\" }}: 'b'\n# c", "NUMBER": "08", "EMPTY": "", "spring.main.banner-mode": "off", "ADDRESS": "https://$(HOST)/$(VITE_API_BASE_URL)/$$(TEXT)", "HOST": "$(NAME).$(DOMAIN)", "NAME": "shop", "DOMAIN": "example.com"}},
	autoscaledFrontend:                          {true},
	"frontend.autoscaling.minReplicas":          {4, 1},
	"frontend.autoscaling.maxReplicas":          {20},
	"frontend.autoscaling.targetCPUUtilization": {65},

	"backend.replicaCount":                     {7, 1, 0},
	"backend.image":                            {"ghcr.io/acme/api@" + someDigest, "ghcr.io/acme/api:v2"},
	"backend.resources.requests.cpu":           {"300m", 0.1},
	"backend.resources.requests.memory":        {"600Mi", "0.25Gi"},
	"backend.resources.limits.cpu":             {"2", 1.25, "750m", "none"},
	"backend.resources.limits.memory":          {"3Gi", "1536Mi", "2G"},
	"backend.env":                              {map[string]any{"WORKERS": "4"}, map[string]any{"EMPTY": ""}},
	autoscaledBackend:                          {true},
	"backend.autoscaling.minReplicas":          {3, 1},
	"backend.autoscaling.maxReplicas":          {30},
	"backend.autoscaling.targetCPUUtilization": {50},
	"backend.storage.size":                     {"50Gi", "1024Gi", "0.5Ti", "1Pi", "0.001P"},
	"backend.storage.storageClassName":         {"shared-files"},
	"backend.storage.accessMode":               {"ReadWriteOnce", "ReadWriteOncePod"},

	"database.replicaCount":                    {0},
	"database.image":                           {"registry.example.com/postgres:15.14-alpine", "postgres:latest"},
	"database.resources.requests.cpu":          {"750m", 0.3},
	"database.resources.requests.memory":       {"1.25Gi", "900M"},
	"database.resources.limits.cpu":            {"4", 1.5, "none"},
	"database.resources.limits.memory":         {"8Gi", "4096Mi"},
	"database.storage.size":                    {"100Gi", "200G"},
	"database.storage.storageClassName":        {"fast.example.com"},
	"database.backup.enabled":                  {false},
	"database.backup.storage.size":             {"30Gi"},
	"database.backup.storage.storageClassName": {"slow"},

	"redis.replicaCount":              {0},
	"redis.image":                     {"redis:7.4.1-alpine", "redis:latest"},
	"redis.resources.requests.cpu":    {"200m", 0.15},
	"redis.resources.requests.memory": {"128Mi", "0.125Gi"},
	"redis.resources.limits.cpu":      {"1", 0.5, "none"},
	"redis.resources.limits.memory":   {"1Gi", "1000M", "1000000001"},
	"redis.storage.size":              {"7Gi", "2048Mi"},
	"redis.storage.storageClassName":  {"fast"},

	"ingress.host":      {"app.example.org", "*.example.org", ""},
	"ingress.className": {"internal"},
	"ingress.annotations": {map[string]any{
		"nginx.ingress.kubernetes.io/proxy-body-size": "50m", "nginx.ingress.kubernetes.io/ssl-redirect": "false", "cert-manager.io/issuer": "ours", "example.com/text": "a: \"b\"\n# c",
	}},
	"ingress.controller.profile":   {"f5-nginx", "haproxy", "traefik", "aws", "gce", "openshift"},
	"ingress.controller.namespace": {"kube-system"},
	"ingress.controller.podLabels": {map[string]any{"app": "ingress", "number": "08"}},
	"ingress.controller.cidrs":     {[]any{"10.0.0.0/8", "192.168.7.4/30", "2001:db8::/32"}, []any{"0.0.0.0/0", "::/0"}},
	"ingress.controller.redirects": {true},

	"ingress.tls.redirect":      {false},
	"ingress.tls.secretName":    {"wildcard-example-org"},
	"ingress.tls.clusterIssuer": {"company-ca", ""},

	"monitoring.enabled":                        {false},
	"monitoring.retention":                      {"90d", "14d", "730d"},
	"monitoring.storage.size":                   {"33Gi", "100G", "1.5Ti"},
	"monitoring.storage.storageClassName":       {"slow"},
	"monitoring.publicProbe.enabled":            {false},
	"monitoring.publicProbe.insecureSkipVerify": {true},
	"monitoring.images.prometheus":              {"mirror.example.com/prometheus:v3.13.6", "prometheus:latest"},
	"monitoring.images.alertmanager":            {"mirror.example.com/alertmanager:v0.35.0", "alertmanager:latest"},
	"monitoring.images.grafana":                 {"mirror.example.com/grafana:13.3.0", "grafana:latest"},
	"monitoring.images.blackboxExporter":        {"mirror.example.com/blackbox-exporter:v0.29.0", "blackbox_exporter:latest"},
	"monitoring.images.kubeStateMetrics":        {"mirror.example.com/kube-state-metrics:v2.18.0", "ksm:latest"},
	"monitoring.images.postgresExporter":        {"mirror.example.com/postgres-exporter:v0.18.0", "pge:latest"},
	"monitoring.images.redisExporter":           {"mirror.example.com/redis-exporter:v1.75.0", "redis_exporter:latest"},

	"frontend.imagePullSecrets":   {[]any{map[string]any{"name": "registry"}, map[string]any{"name": "mirror"}}},
	"frontend.nodeSelector":       {map[string]any{"disktype": "ssd", "kubernetes.io/arch": "amd64", "number": "08"}},
	"frontend.tolerations":        {[]any{map[string]any{"key": "dedicated", "operator": "Equal", "value": "web", "effect": "NoSchedule"}, map[string]any{"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60.0}}},
	"frontend.priorityClassName":  {"high"},
	"frontend.podAnnotations":     {map[string]any{"example.com/team": "web: \"a\"\nb", "z": ""}, map[string]any{"example.com/text": "two lines\nwith blank ones\n\n"}},
	"frontend.serviceAccountName": {"identity"},
	"frontend.secretEnv":          {map[string]any{"TOKEN": map[string]any{"secret": "tokens", "key": "token"}, "A.b": map[string]any{"secret": "a.b", "key": ".K-1"}}},

	"backend.imagePullSecrets":   {[]any{map[string]any{"name": "registry"}, map[string]any{"name": "mirror"}}},
	"backend.nodeSelector":       {map[string]any{"disktype": "ssd", "kubernetes.io/arch": "amd64", "number": "08"}},
	"backend.tolerations":        {[]any{map[string]any{"key": "dedicated", "operator": "Equal", "value": "web", "effect": "NoSchedule"}, map[string]any{"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60.0}}},
	"backend.priorityClassName":  {"high"},
	"backend.podAnnotations":     {map[string]any{"example.com/team": "web: \"a\"\nb", "z": ""}, map[string]any{"example.com/text": "two lines\nwith blank ones\n\n"}},
	"backend.serviceAccountName": {"identity"},
	"backend.secretEnv":          {map[string]any{"TOKEN": map[string]any{"secret": "tokens", "key": "token"}, "A.b": map[string]any{"secret": "a.b", "key": ".K-1"}}},

	"database.imagePullSecrets":   {[]any{map[string]any{"name": "registry"}, map[string]any{"name": "mirror"}}},
	"database.nodeSelector":       {map[string]any{"disktype": "ssd", "kubernetes.io/arch": "amd64", "number": "08"}},
	"database.tolerations":        {[]any{map[string]any{"key": "dedicated", "operator": "Equal", "value": "web", "effect": "NoSchedule"}, map[string]any{"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60.0}}},
	"database.priorityClassName":  {"high"},
	"database.podAnnotations":     {map[string]any{"example.com/team": "web: \"a\"\nb", "z": ""}, map[string]any{"example.com/text": "two lines\nwith blank ones\n\n"}},
	"database.serviceAccountName": {"identity"},

	"redis.imagePullSecrets":   {[]any{map[string]any{"name": "registry"}, map[string]any{"name": "mirror"}}},
	"redis.nodeSelector":       {map[string]any{"disktype": "ssd", "kubernetes.io/arch": "amd64", "number": "08"}},
	"redis.tolerations":        {[]any{map[string]any{"key": "dedicated", "operator": "Equal", "value": "web", "effect": "NoSchedule"}, map[string]any{"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60.0}}},
	"redis.priorityClassName":  {"high"},
	"redis.podAnnotations":     {map[string]any{"example.com/team": "web: \"a\"\nb", "z": ""}, map[string]any{"example.com/text": "two lines\nwith blank ones\n\n"}},
	"redis.serviceAccountName": {"identity"},

	"monitoring.imagePullSecrets":                           {[]any{map[string]any{"name": "registry"}, map[string]any{"name": "mirror"}}},
	"monitoring.nodeSelector":                               {map[string]any{"disktype": "ssd", "kubernetes.io/arch": "amd64", "number": "08"}},
	"monitoring.tolerations":                                {[]any{map[string]any{"key": "dedicated", "operator": "Equal", "value": "web", "effect": "NoSchedule"}, map[string]any{"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60.0}}},
	"monitoring.priorityClassName":                          {"high"},
	"monitoring.podAnnotations":                             {map[string]any{"example.com/team": "web: \"a\"\nb", "z": ""}, map[string]any{"example.com/text": "two lines\nwith blank ones\n\n"}},
	"monitoring.resources.prometheus.requests.cpu":          {"15m", 0.02},
	"monitoring.resources.prometheus.requests.memory":       {"20Mi", "24M"},
	"monitoring.resources.prometheus.limits.cpu":            {"2", 1.5, "none"},
	"monitoring.resources.prometheus.limits.memory":         {"2Gi", "3072Mi"},
	"monitoring.resources.alertmanager.requests.cpu":        {"15m", 0.02},
	"monitoring.resources.alertmanager.requests.memory":     {"20Mi", "24M"},
	"monitoring.resources.alertmanager.limits.cpu":          {"2", 1.5, "none"},
	"monitoring.resources.alertmanager.limits.memory":       {"2Gi", "3072Mi"},
	"monitoring.resources.grafana.requests.cpu":             {"15m", 0.02},
	"monitoring.resources.grafana.requests.memory":          {"20Mi", "24M"},
	"monitoring.resources.grafana.limits.cpu":               {"2", 1.5, "none"},
	"monitoring.resources.grafana.limits.memory":            {"2Gi", "3072Mi"},
	"monitoring.resources.blackboxExporter.requests.cpu":    {"15m", 0.02},
	"monitoring.resources.blackboxExporter.requests.memory": {"20Mi", "24M"},
	"monitoring.resources.blackboxExporter.limits.cpu":      {"2", 1.5, "none"},
	"monitoring.resources.blackboxExporter.limits.memory":   {"2Gi", "3072Mi"},
	"monitoring.resources.kubeStateMetrics.requests.cpu":    {"15m", 0.02},
	"monitoring.resources.kubeStateMetrics.requests.memory": {"20Mi", "24M"},
	"monitoring.resources.kubeStateMetrics.limits.cpu":      {"2", 1.5, "none"},
	"monitoring.resources.kubeStateMetrics.limits.memory":   {"2Gi", "3072Mi"},
	"monitoring.resources.postgresExporter.requests.cpu":    {"15m", 0.02},
	"monitoring.resources.postgresExporter.requests.memory": {"20Mi", "24M"},
	"monitoring.resources.postgresExporter.limits.cpu":      {"2", 1.5, "none"},
	"monitoring.resources.postgresExporter.limits.memory":   {"2Gi", "3072Mi"},
	"monitoring.resources.redisExporter.requests.cpu":       {"15m", 0.02},
	"monitoring.resources.redisExporter.requests.memory":    {"20Mi", "24M"},
	"monitoring.resources.redisExporter.limits.cpu":         {"2", 1.5, "none"},
	"monitoring.resources.redisExporter.limits.memory":      {"2Gi", "3072Mi"},

	"cluster.assignsUsers": {true},
	"cluster.dns":          {"openshift"},

	"cluster.networkPlugin": {"Cilium"},
	"cluster.ipFamilies":    {[]any{"IPv6"}, []any{"IPv4"}, []any{"IPv6", "IPv4"}, []any{"IPv4", "IPv6"}},

	"frontend.affinity":                      {someAffinity},
	"frontend.annotations":                   {map[string]any{"example.com/reload": "true", "z": ""}},
	"backend.affinity":                       {someAffinity},
	"backend.annotations":                    {map[string]any{"example.com/reload": "true", "z": ""}},
	"database.affinity":                      {someAffinity},
	"database.annotations":                   {map[string]any{"example.com/reload": "true", "z": ""}},
	"redis.affinity":                         {someAffinity},
	"redis.annotations":                      {map[string]any{"example.com/reload": "true", "z": ""}},
	"monitoring.affinity":                    {someAffinity},
	"monitoring.annotations":                 {map[string]any{"example.com/reload": "true", "z": ""}},
	"frontend.runtimeClassName":              {"gvisor"},
	"backend.runtimeClassName":               {"gvisor"},
	"database.runtimeClassName":              {"gvisor"},
	"redis.runtimeClassName":                 {"gvisor"},
	"monitoring.runtimeClassName":            {"gvisor"},
	"frontend.terminationGracePeriodSeconds": {90},
	"backend.terminationGracePeriodSeconds":  {90},
	"frontend.envFromSecrets":                {[]any{"settings", "a.b"}},
	"backend.envFromSecrets":                 {[]any{"settings", "a.b"}},
	"frontend.command":                       {[]any{"/bin/sh", "-c", "exec serve \"$(NAME)\" {{ a }}\n# $$(B)"}},
	"frontend.args":                          {[]any{"--verbose", "", "yes", "08", "1e3", ": #"}, []any{"--cluster=$(KUBERNETES_SERVICE_HOST)"}},
	"frontend.workingDir":                    {"/srv/app: #"},
	"frontend.healthPath":                    {"/healthz?full=1", "/"},
	"backend.command":                        {[]any{"/bin/sh", "-c", "exec serve \"$(NAME)\" {{ a }}\n# $$(B)"}},
	"backend.args":                           {[]any{"--verbose", "", "yes", "08", "1e3", ": #"}, []any{"--cluster=$(KUBERNETES_SERVICE_HOST)"}},
	"backend.workingDir":                     {"/srv/app: #"},
	"backend.healthPath":                     {"/healthz?full=1", "/"},
	"monitoring.serviceAccountName":          {"watcher"},

	"ingress.enabled":     {false},
	"ingress.tls.enabled": {false},
	"commonLabels":        {map[string]any{"team": "web", "example.com/cost-center": "08"}},

	"environment":      {"acceptance"},
	"secretName":       {"shop-secrets"},
	"namespace.create": {false},
}

var someAffinity = map[string]any{
	"nodeAffinity": map[string]any{"requiredDuringSchedulingIgnoredDuringExecution": map[string]any{"nodeSelectorTerms": []any{map[string]any{
		"matchExpressions": []any{map[string]any{"key": "disktype", "operator": "In", "values": []any{"ssd", "08"}}},
	}}}},
	"podAntiAffinity": map[string]any{"preferredDuringSchedulingIgnoredDuringExecution": []any{map[string]any{
		"weight": 100.0, "podAffinityTerm": map[string]any{"topologyKey": "zone", "labelSelector": map[string]any{"matchLabels": map[string]any{"app": "shop"}}},
	}}},
}

const someDigest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// given are the values with which another one has an effect.
func given(path string) map[string]any {
	switch {
	case strings.HasPrefix(path, "frontend.autoscaling.") && path != autoscaledFrontend:
		return map[string]any{autoscaledFrontend: true}
	case strings.HasPrefix(path, "backend.autoscaling.") && path != autoscaledBackend:
		return map[string]any{autoscaledBackend: true}
	case path == "ingress.controller.redirects":
		return map[string]any{"ingress.controller.profile": "traefik", "ingress.tls.redirect": false}
	case strings.HasSuffix(path, ".command"):
		return map[string]any{strings.TrimSuffix(path, "command") + "env": map[string]any{"NAME": "shop"}}
	case path == "backend.storage.accessMode":
		return map[string]any{"backend.replicaCount": 1}
	}
	return map[string]any{}
}

// change is one value changed, beside the values with which it has an effect.
type change struct {
	path  string
	value any
}

func (c change) before() releaseCase {
	before := releaseCase{namespace: defaultNamespace, values: given(c.path)}
	maps.Copy(before.values, withValue(c.path, c.value))
	return before
}

// withValue are the values with which a certain one is accepted.
func withValue(path string, value any) map[string]any {
	host, _ := value.(string)
	switch {
	case path == "ingress.host" && strings.HasPrefix(host, "*."):
		return map[string]any{"monitoring.publicProbe.enabled": false} // Nobody can ask a pattern.
	case path == "ingress.host" && host == "":
		return map[string]any{"monitoring.publicProbe.enabled": false, "ingress.tls.enabled": false}
	case value == "traefik", value == "gce":
		return map[string]any{"ingress.tls.redirect": false}
	case value == "aws":
		return map[string]any{"ingress.controller.cidrs": []any{"10.20.0.0/16"}}
	}
	return nil
}

func (c change) after() releaseCase {
	after := c.before()
	after.values[c.path] = c.value
	if c.path == "ingress.controller.redirects" {
		delete(after.values, "ingress.tls.redirect") // With which there is nothing to redirect.
	}
	return after
}

func allChanges() []change {
	var all []change
	for _, path := range slices.Sorted(maps.Keys(changed)) {
		for _, value := range changed[path] {
			all = append(all, change{path, value})
		}
	}
	return all
}
