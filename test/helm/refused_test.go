package helm

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the chart refuses, and the path that the message names.
func TestWrongValuesAreRefused(t *testing.T) {
	for _, wrong := range []struct {
		path  string
		value any
		says  string
	}{
		{"frontend.replicaCount", "two", "at '/frontend/replicaCount': got string, want integer"},
		{"frontend.replicaCount", 1.5, "at '/frontend/replicaCount': got number, want integer"},
		{"frontend.replicaCount", -1, "at '/frontend/replicaCount': minimum"},
		{"frontend.replicaCount", nil, "at '/frontend': missing property 'replicaCount'"},
		{"frontend.replicas", 2, "at '/frontend': additional properties 'replicas' not allowed"},
		{"frontnd.image", "a:b", "additional properties 'frontnd' not allowed"},
		{"monitoring.images.promtheus", "a:b", "at '/monitoring/images': additional properties 'promtheus' not allowed"},
		{"frontend.autoscaling.enabled", "yes", "at '/frontend/autoscaling/enabled': got string, want boolean"},
		{"frontend.autoscaling.minReplicas", 0, "at '/frontend/autoscaling/minReplicas': minimum"},
		{"monitoring", false, "at '/monitoring': got boolean, want object"},

		{"backend.resources.limits.cpu", "half", "at '/backend/resources/limits/cpu': 'half' does not match pattern '^([0-9]+(m|[.][0-9]{1,3})?|none)$'"},
		{"backend.resources.limits.cpu", "None", "at '/backend/resources/limits/cpu'"},
		{"backend.resources.requests.cpu", "none", "at '/backend/resources/requests/cpu'"},
		{"backend.resources.limits.memory", "none", "at '/backend/resources/limits/memory'"},
		{"backend.resources.limits.cpu", "500Mi", "at '/backend/resources/limits/cpu'"},
		{"backend.resources.limits.cpu", "1.5m", "at '/backend/resources/limits/cpu'"},
		{"backend.resources.limits.cpu", "0.0005", "at '/backend/resources/limits/cpu'"},
		{"backend.resources.limits.cpu", "99999999", "at '/backend/resources/limits/cpu': maxLength"},
		{"backend.resources.limits.cpu", 0, "at '/backend/resources/limits/cpu': minimum"},
		{"backend.resources.limits.cpu", 1.0005, "at '/backend/resources/limits/cpu': multipleOf: got 1.0005, want 0.001"},
		{"backend.resources.limits.cpu", true, "at '/backend/resources/limits/cpu'"},
		{"backend.resources.limits.memory", "1Gg", "at '/backend/resources/limits/memory': '1Gg' does not match pattern '^[0-9]+([.][0-9]{1,3})?(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$'"},
		{"backend.resources.limits.memory", "1 Gi", "at '/backend/resources/limits/memory'"},
		{"backend.resources.limits.memory", "512m", "at '/backend/resources/limits/memory'"},
		{"backend.resources.limits.memory", "-1Gi", "at '/backend/resources/limits/memory'"},
		{"backend.resources.limits.memory", 1073741824, "at '/backend/resources/limits/memory': got number, want string"},
		{"database.storage.size", "ten", "at '/database/storage/size'"},
		{"database.storage.size", "9999999999999999999", "at '/database/storage/size': maxLength"},

		{"frontend.image", "web v1", "at '/frontend/image': 'web v1' does not match pattern '^[a-zA-Z0-9._:/@-]+$'"},
		{"frontend.image", "web:v1\n", "at '/frontend/image'"},
		{"frontend.image", strings.Repeat("a", 253) + ":v1", "at '/frontend/image': maxLength"},
		{"frontend.image", "", "at '/frontend/image'"},
		{"ingress.host", "https://example.com", "at '/ingress/host'"},
		{"ingress.host", "App.example.com", "at '/ingress/host'"},
		{"ingress.host", `x" }}`, "at '/ingress/host'"},
		{"ingress.host", "*.example.com", `monitoring.publicProbe.enabled: ingress.host is "*.example.com", which is no single host that can be asked: disable it`},
		{"ingress.className", "Internal", "at '/ingress/className'"},
		{"ingress.controller.profile", "nginx", "at '/ingress/controller/profile': value must be one of 'ingress-nginx', 'f5-nginx', 'traefik', 'haproxy', 'aws', 'gce', 'openshift'"},
		{"ingress.controller.namespace", "a.b", "at '/ingress/controller/namespace'"},
		{"ingress.controller.cidrs", []any{"10.0.0.0"}, "at '/ingress/controller/cidrs/0'"},
		{"ingress.controller.cidrs", []any{"10.0.0.0/8", "10.0.0.0/8"}, "at '/ingress/controller/cidrs': items at 0 and 1 are equal"},
		{"ingress.tls.redirect", "no", "at '/ingress/tls/redirect': got string, want boolean"},
		{"ingress.tls.clusterIssuer", "my issuer", "at '/ingress/tls/clusterIssuer'"},
		{"secretName", "My_Secret", "at '/secretName'"},
		{"environment", "a b", "at '/environment'"},
		{"monitoring.retention", "30", "at '/monitoring/retention'"},
		{"monitoring.retention", "6h", "at '/monitoring/retention'"},
		{"backend.storage.accessMode", "ReadOnlyMany", "at '/backend/storage/accessMode': value must be one of"},
		{"backend.env", map[string]any{"PORT": 8000}, "at '/backend/env/PORT': got number, want null or string"},
		{"backend.imagePullSecrets", []any{"registry"}, "at '/backend/imagePullSecrets/0': got string, want object"},
		{"backend.imagePullSecrets", []any{map[string]any{"name": "a"}, map[string]any{"name": "a"}}, "at '/backend/imagePullSecrets': items at 0 and 1 are equal"},
		{"database.nodeSelector", map[string]any{"disk type": "ssd"}, "at '/database/nodeSelector': additional properties 'disk type' not allowed"},
		{"database.nodeSelector", map[string]any{"arch": "a b"}, "at '/database/nodeSelector/arch'"},
		{"redis.tolerations", []any{map[string]any{"key": "a"}}, "at '/redis/tolerations/0': missing property 'operator'"},
		{"redis.tolerations", []any{map[string]any{"operator": "Equal", "value": "a"}}, "at '/redis/tolerations/0': missing property 'key'"},
		{"redis.tolerations", []any{map[string]any{"operator": "Exists", "value": "a"}}, "at '/redis/tolerations/0/value'"},
		{"redis.tolerations", []any{map[string]any{"operator": "Exists", "effect": "Evict"}}, "at '/redis/tolerations/0/effect'"},
		{"redis.tolerations", []any{map[string]any{"operator": "Exists", "key": "a..b/c"}}, "at '/redis/tolerations/0/key'"},
		{"redis.tolerations", []any{map[string]any{"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 2147483648}}, "at '/redis/tolerations/0/tolerationSeconds': maximum"},
		{"redis.tolerations", []any{map[string]any{"operator": "Exists", "tolerationSeconds": 5}}, "at '/redis/tolerations/0': missing property 'effect'"},
		{"frontend.podAnnotations", map[string]any{"number": 8}, "at '/frontend/podAnnotations/number': got number, want string"},
		{"frontend.serviceAccountName", "My", "at '/frontend/serviceAccountName'"},
		{"frontend.envFromSecrets", []any{"a", "a"}, "at '/frontend/envFromSecrets': items at 0 and 1 are equal"},
		{"frontend.envFromSecrets", []any{"A_B"}, "at '/frontend/envFromSecrets/0': 'A_B' does not match pattern"},
		{"frontend.runtimeClassName", "A_B", "at '/frontend/runtimeClassName': 'A_B' does not match pattern"},
		{"frontend.terminationGracePeriodSeconds", 5, "at '/frontend/terminationGracePeriodSeconds': minimum: got 5, want 6"},
		{"frontend.secretEnv", map[string]any{"TOKEN": "a"}, "at '/frontend/secretEnv/TOKEN': got string, want object"},
		{"frontend.secretEnv", map[string]any{"TOKEN": map[string]any{"secret": "a"}}, "at '/frontend/secretEnv/TOKEN': missing property 'key'"},
		{"frontend.secretEnv", map[string]any{"TOKEN": map[string]any{"secret": "a", "key": "."}}, "at '/frontend/secretEnv/TOKEN/key'"},
		{"frontend.secretEnv", map[string]any{"TOKEN": map[string]any{"secret": "a", "key": "..a"}}, "at '/frontend/secretEnv/TOKEN/key'"},
		{"frontend.podAnnotations", map[string]any{"a..b/c": "d"}, "at '/frontend/podAnnotations': additional properties 'a..b/c' not allowed"},
		{"commonLabels", map[string]any{"a.-b/c": "d"}, "at '/commonLabels': additional properties 'a.-b/c' not allowed"},
		{"monitoring.resources.grafana.limits.memory", "1GB", "at '/monitoring/resources/grafana/limits/memory'"},

		{"cluster.networkPlugin", "cilium", "at '/cluster/networkPlugin': value must be one of '', 'Cilium'"},
		{"cluster.ipFamilies", "IPv4", "at '/cluster/ipFamilies': got string, want null or array"},
		{"cluster.ipFamilies", []any{"IPv5"}, "at '/cluster/ipFamilies/0': value must be one of 'IPv4', 'IPv6'"},
		{"cluster.ipFamilies", []any{"IPv4", "IPv4"}, "at '/cluster/ipFamilies': items at 0 and 1 are equal"},

		{"backend.affinity", map[string]any{"podAffinityy": nil}, "at '/backend/affinity': additional properties 'podAffinityy' not allowed"},
		{"backend.affinity", map[string]any{"podAffinity": map[string]any{"requiredDuringSchedulingIgnoredDuringExecution": []any{map[string]any{"namespaces": []any{"a"}}}}}, "missing property 'topologyKey'"},
		{"backend.affinity", map[string]any{"nodeAffinity": map[string]any{"preferredDuringSchedulingIgnoredDuringExecution": []any{map[string]any{"weight": 0, "preference": map[string]any{}}}}}, "weight': minimum"},
		{"backend.annotations", map[string]any{"number": 8}, "at '/backend/annotations/number': got number, want string"},
		{"backend.command", "serve", "at '/backend/command': got string, want null or array"},
		{"backend.args", []any{8}, "at '/backend/args/0': got number, want string"},
		{"backend.workingDir", "app", "at '/backend/workingDir'"},
		{"backend.healthPath", "health", "at '/backend/healthPath'"},
		{"backend.healthPath", "/a b", "at '/backend/healthPath'"},

		// What no schema says.
		{"frontend.podAnnotations", map[string]any{"checksum/files": "a"}, `frontend.podAnnotations: "checksum/files" is set by the chart itself: choose another name`},
		{"commonLabels", map[string]any{"component": "a"}, `commonLabels: "component" is set by the chart itself: choose another name`},
		{"commonLabels", map[string]any{"app.kubernetes.io/name": "a"}, `commonLabels: "app.kubernetes.io/name" is set by the chart itself: choose another name`},
		{"commonLabels", map[string]any{"kubernetes.io/metadata.name": "a"}, `commonLabels: "kubernetes.io/metadata.name" is set by the chart itself: choose another name`},
		{"commonLabels", map[string]any{strings.Repeat("a.", 127) + "a/b": "c"}, `a.a.a/b" must have at most 253 characters before the slash`},
		{"redis.nodeSelector", map[string]any{strings.Repeat("a.", 127) + "a/b": "c"}, `a.a.a/b" must have at most 253 characters before the slash`},
		{"redis.tolerations", []any{map[string]any{"operator": "Exists", "key": strings.Repeat("a.", 127) + "a/b"}}, "at '/redis/tolerations/0/key'"},
		{"ingress.host", "", "ingress.host: is empty, and no certificate is for every host: set it, or set ingress.tls.enabled to false\n- monitoring.publicProbe.enabled: ingress.host is empty, so that there is no single host to probe: disable it"},
		{"ingress.controller.profile", "traefik", "ingress.controller.redirects: must be true with the profile traefik, which cannot redirect one Ingress by annotations"},
		{"ingress.controller.profile", "gce", "ingress.tls.redirect: must be false with the profile gce, which redirects by a FrontendConfig only"},
		{"ingress.controller.profile", "aws", "ingress.controller.cidrs: is required, as requests of aws come from addresses: list the blocks, such as the subnets of the load balancer"},
		{"ingress", map[string]any{"controller": map[string]any{"profile": "openshift"}, "tls": map[string]any{"redirect": false}}, "ingress.tls.redirect: must be true with the profile openshift, which redirects all hosts with TLS"},
		{"ingress.controller.redirects", true, "ingress.controller.redirects: is for the profile traefik only: remove it, as ingress-nginx redirects by annotations"},
		{"ingress.controller", map[string]any{"profile": "aws", "namespace": "a"}, "ingress.controller.podLabels: is required with namespace: without labels all pods there would be let in"},
		{"ingress.controller", map[string]any{"profile": "aws", "podLabels": map[string]any{"a": "b"}}, "ingress.controller.namespace: is required with podLabels"},
		{"ingress", map[string]any{"host": "", "tls": map[string]any{"enabled": false}, "controller": map[string]any{"profile": "f5-nginx"}}, "ingress.host: is empty, and f5-nginx serves no Ingress without a host: set it"},
		{"ingress.annotations", map[string]any{"kubernetes.io/ingress.class": "a"}, `ingress.annotations: "kubernetes.io/ingress.class" is set by the chart itself`},
		{"ingress.annotations", map[string]any{"alb.ingress.kubernetes.io/scheme": "a"}, `ingress.annotations: "alb.ingress.kubernetes.io/scheme" is for aws, and ingress-nginx ignores it: remove it, or set ingress.controller.profile`},
		{"ingress", map[string]any{"annotations": map[string]any{"cert-manager.io/issuer": "a"}, "tls": map[string]any{"enabled": false}}, `ingress.annotations: "cert-manager.io/issuer" asks for a certificate, which no Secret of this Ingress holds: remove it`},
		{"ingress.controller.cidrs", []any{"10.0.0.1/8"}, `ingress.controller.cidrs: "10.0.0.1/8" must begin with the first address of the block`},
		{"ingress.controller.cidrs", []any{"10.0.0.256/32"}, `ingress.controller.cidrs: "10.0.0.256/32" must be an address block such as "10.20.0.0/16"`},
		{"ingress.controller.cidrs", []any{"10.0.0.0/33"}, `ingress.controller.cidrs: "10.0.0.0/33" must be an address block`},
		{"ingress.controller.cidrs", []any{"2001:db8:::/32"}, `ingress.controller.cidrs: "2001:db8:::/32" must be an address block such as "2001:db8::/32"`},
		{"ingress.controller.cidrs", []any{"1:2:3:4::5:6:7:8/64"}, `ingress.controller.cidrs: "1:2:3:4::5:6:7:8/64" must be an address block`},
		{"ingress.controller.cidrs", []any{"2001:0db8::/32"}, `ingress.controller.cidrs: "2001:0db8::/32" must be an address block`},
		{"ingress.controller.cidrs", []any{"::/129"}, `ingress.controller.cidrs: "::/129" must be an address block`},
		{"", map[string]any{"cluster": map[string]any{"ipFamilies": []any{"IPv6"}}, "ingress": map[string]any{"controller": map[string]any{"cidrs": []any{"10.0.0.0/8"}}}}, `ingress.controller.cidrs: "10.0.0.0/8" is of IPv4, which cluster.ipFamilies does not have: remove one of them`},
		{"nameOverride", "shop", "nameOverride: objects have the same names in every release"},
		{"fullnameOverride", "shop", "fullnameOverride: objects have the same names in every release"},
		{"frontend.secretEnv", map[string]any{"VITE_API_BASE_URL": map[string]any{"secret": "a", "key": "b"}}, `frontend.secretEnv: "VITE_API_BASE_URL" is set by a connection`},
		{"frontend.secretEnv", map[string]any{"a b": map[string]any{"secret": "a", "key": "b"}}, `frontend.secretEnv: "a b" must consist of letters`},
		{"frontend.secretEnv", map[string]any{"true": map[string]any{"secret": "a", "key": "b"}}, `frontend.secretEnv: "true" is what YAML makes of names such as y`},
		{"frontend", map[string]any{"env": map[string]any{"A": "b"}, "secretEnv": map[string]any{"A": map[string]any{"secret": "a", "key": "b"}}}, `frontend.env: "A" is also in secretEnv`},
		{"monitoring.resources.grafana.requests.cpu", "2", `monitoring.resources.grafana.requests.cpu: "2" must not exceed monitoring.resources.grafana.limits.cpu`},
		{"frontend.image", "web", `frontend.image: "web" must be [registry/]path:tag or [registry/]path@digest, with the path in lower case`},
		{"frontend.image", "Web:v1", `frontend.image: "Web:v1" must be`},
		{"frontend.image", "web:", `frontend.image: "web:" must be`},
		{"frontend.image", "web@sha256:0", `frontend.image: "web@sha256:0" must be`},
		{"monitoring.images.grafana", "a//b:v1", `monitoring.images.grafana: "a//b:v1" must be`},
		{"backend.resources.limits.cpu", "0", `backend.resources.limits.cpu: "0" must be at least 1m`},
		{"backend.resources.limits.cpu", "0.000", `backend.resources.limits.cpu: "0.000" must be at least 1m`},
		{"backend.resources.requests.cpu", "2", `backend.resources.requests.cpu: "2" must not exceed backend.resources.limits.cpu, which is "500m"`},
		{"backend.resources.requests.cpu", 0.501, `backend.resources.requests.cpu: "0.501" must not exceed`},
		{"backend.resources.requests.memory", "2Gi", `backend.resources.requests.memory: "2Gi" must not exceed`},
		{"backend.resources.requests.memory", "999999Pi", `backend.resources.requests.memory: "999999Pi" must not exceed`},
		{"frontend.resources.requests.memory", "1Mi", `frontend.resources.requests.memory: "1Mi" must be at least 4Mi`},
		{"frontend.resources.limits.memory", "999999999.5", `frontend.resources.limits.memory: "999999999.5" must be whole bytes`},
		{"database.storage.size", "0Gi", `database.storage.size: "0Gi" must be at least 1Mi and at most 1Pi`},
		{"redis.storage.size", "999999Ti", `redis.storage.size: "999999Ti" must be at least 1Mi and at most 1Pi`},
		{"redis.storage.size", "1.001Pi", `redis.storage.size: "1.001Pi" must be at least 1Mi and at most 1Pi`},
		{"backend.autoscaling", map[string]any{"enabled": true, "minReplicas": 12}, "backend.autoscaling.maxReplicas: 9 must not be below minReplicas, which is 12"},
		{"backend.storage.accessMode", "ReadWriteOnce", `backend.storage.accessMode: "ReadWriteOnce" must be ReadWriteMany for several replicas`},
		{"backend.env", map[string]any{"TEXT": "a\x00"}, `backend.env.TEXT: "a\x00" must not contain NUL: the container would not start`},
		{"backend.env", map[string]any{"CALLBACK": "https://$(HOST)/"}, `backend.env.CALLBACK: "https://$(HOST)/" refers to $(HOST), which the container does not have: add it to env or secretEnv, or write $$(HOST) for the text itself`},
		{"backend.args", []any{"a\u0085"}, `backend.args[0]: "a\u0085" must not contain U+0085, which Helm would turn into a space`},
		{"backend.podAnnotations", map[string]any{"a": "b\u0085"}, `backend.podAnnotations.a: "b\u0085" must not contain U+0085`},
		{"backend.workingDir", "/\u0085", `backend.workingDir: "/\u0085" must not contain U+0085`},
		{"backend.command", []any{""}, "backend.command[0]: must be the program to run"},
		{"backend.command", []any{"a", "$(HOST)"}, `backend.command[1]: "$(HOST)" refers to $(HOST), which the container does not have: add it to env or secretEnv, or write $$(HOST) for the text itself`},
		{"backend.args", []any{"a\x00"}, `backend.args[0]: "a\x00" must not contain NUL: the container would not start`},
		{"frontend.args", []any{"$(DATABASE_URL)"}, `frontend.args[0]: "$(DATABASE_URL)" refers to $(DATABASE_URL)`},
		{"backend.workingDir", "/$(HOME)", `backend.workingDir: "/$(HOME)" must not refer to variables: Kubernetes resolves none here`},
		{"backend.env", map[string]any{"A": "$(B)", "B": "$(A)"}, `backend.env.B: "$(A)" refers to $(A), which leads back to this variable: remove one of the references, or write $$(A) for the text itself`},
		{"backend.env", map[string]any{"A": "$(A)"}, `backend.env.A: "$(A)" refers to $(A), which leads back`},
		{"backend.env", map[string]any{"not a name": "a"}, `backend.env: "not a name" must consist of letters, digits`},
		{"backend.env", map[string]any{"1A": "a", "..a": "b"}, "backend.env: \"..a\" must consist of letters, digits, '_', '-' and '.', and not begin with a digit or two dots\n- backend.env: \"1A\" must"},
		{"backend.env", map[string]any{"true": "a"}, `backend.env: "true" is what YAML makes of names such as y`},
		{"backend.env", map[string]any{"DATABASE_URL": "mine"}, `backend.env: "DATABASE_URL" is set by a connection`},
		{"frontend.env", map[string]any{"VITE_API_BASE_URL": "mine"}, `frontend.env: "VITE_API_BASE_URL" is set by a connection`},
		{"ingress.host", "10.0.0.1", `ingress.host: "10.0.0.1" must be a DNS name`},
	} {
		t.Run(fmt.Sprintf("%s=%v", wrong.path, wrong.value), func(t *testing.T) {
			values := nested(map[string]any{wrong.path: wrong.value})
			if wrong.path == "" {
				values = wrong.value.(map[string]any)
			}
			_, err := template(t, defaultNamespace, values)
			require.ErrorContains(t, err, wrong.says)
		})
	}
}

// A request may equal its limit, whatever its unit.
func TestRequestsOfTheLimitAreAccepted(t *testing.T) {
	for path, value := range map[string]any{"backend.resources.requests.cpu": 0.5, "backend.resources.requests.memory": "1024Mi"} {
		_, err := template(t, defaultNamespace, nested(map[string]any{path: value}))
		require.NoError(t, err, path)
	}
}

// The namespace would be closed to all that is in it.
func TestNamespacesOfTheClusterAreRefused(t *testing.T) {
	for _, namespace := range []string{"default", "kube-system"} {
		_, err := template(t, namespace, nil)
		require.ErrorContains(t, err, fmt.Sprintf("namespace.create: %q must not be one of the cluster's own namespaces", namespace))
		_, err = template(t, namespace, nested(map[string]any{"namespace.create": false}))
		require.NoError(t, err)
	}
}

// There is no certificate to skip.
func TestProbeWithoutTLSVerifiesNothing(t *testing.T) {
	_, err := template(t, defaultNamespace, nested(map[string]any{"ingress.tls.enabled": false, "monitoring.publicProbe.insecureSkipVerify": true}))
	require.ErrorContains(t, err, "monitoring.publicProbe.insecureSkipVerify: there is no certificate, as ingress.tls.enabled is false: set it to false")
}

// Everything that is wrong is said at once.
func TestAllProblemsAreNamed(t *testing.T) {
	_, err := template(t, defaultNamespace, nested(map[string]any{
		"frontend.image": "web", "redis.storage.size": "1k", "ingress.host": "10.0.0.1", "database.resources.requests.cpu": "3",
	}))
	require.ErrorContains(t, err, `values are refused:
- frontend.image: "web" must be [registry/]path:tag or [registry/]path@digest, with the path in lower case
- database.resources.requests.cpu: "3" must not exceed database.resources.limits.cpu, which is "1"
- redis.storage.size: "1k" must be at least 1Mi and at most 1Pi
- ingress.host: "10.0.0.1" must be a DNS name, not an IP address`)

	_, err = template(t, defaultNamespace, nested(map[string]any{
		"frontend.replicaCount": "two", "redis.storage.size": "ten", "ingress.hostname": "a",
	}))
	for _, path := range []string{"/frontend/replicaCount", "/redis/storage/size", "/ingress"} {
		require.ErrorContains(t, err, "at '"+path+"'")
	}
}
