package constructs_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"
)

// TestInvariants holds what is true of every object, whatever the props, in all golden files.
func TestInvariants(t *testing.T) {
	for _, c := range goldenCases {
		t.Run(c.name, func(t *testing.T) {
			_, all := c.synthesize(t)
			manifests := manifestsOf(t, all)
			for _, m := range manifests {
				t.Run(m.String(), func(t *testing.T) {
					requireMetadata(t, m)
					requireCanonicalQuantities(t, m)
					requireNoSecrets(t, m)
					if pod := podOf(m); pod != nil {
						requireRestricted(t, pod)
						requireUser(t, pod, slices.Contains(casesWithAssignedUsers, c.name))
						requireResources(t, pod, c.name == "backend-without-cpu-limit")
						requireMountsAndVolumes(t, pod)
						requireTokenOnlyIfAsked(t, pod, strings.HasSuffix(c.name, "-identity"))
						requirePolicy(t, pod, manifests)
					}
					switch m.kind() {
					case "Deployment":
						requireDeployment(t, m, slices.Contains(casesWithHooks, c.name))
						if c.name == "backend-no-probes" {
							require.NotContains(t, all, "Probe:")
						} else {
							requireProbes(t, podOf(m))
						}
					case "Service":
						requireService(t, m, manifests)
					case "NetworkPolicy":
						requirePorts(t, m, manifests)
					case "HorizontalPodAutoscaler":
						require.Nil(t, find(t, manifests, "Deployment", m.name()).at("spec", "replicas"), "the autoscaler alone decides")
					case "Role":
						requireRoleOfExporter(t, m, manifests)
					case "ServiceMonitor":
						requireServiceMonitor(t, m, manifests)
					case "Probe":
						require.Contains(t, jobsOfAlerts(t, manifests), m.text("spec", "jobName"))
					}
				})
			}
		})
	}
}

// podOf is the template of the pods that an object makes, if it does.
func podOf(m manifest) manifest {
	var template any
	switch m.kind() {
	case "Deployment", "Job":
		template = m.at("spec", "template")
	case "CronJob":
		template = m.at("spec", "jobTemplate", "spec", "template")
	}
	pod, _ := template.(map[string]any)
	return pod
}

func containersOf(t *testing.T, pod manifest) []manifest {
	t.Helper()
	containers := listOf(pod.at("spec", "containers"))
	require.NotEmpty(t, containers)
	return append(containers, listOf(pod.at("spec", "initContainers"))...)
}

func listOf(value any) []manifest {
	elements, _ := value.([]any)
	var list []manifest
	for _, element := range elements {
		fields, _ := element.(map[string]any)
		list = append(list, fields)
	}
	return list
}

var clusterScoped = []string{"Namespace", "ClusterRole", "ClusterRoleBinding"}

func requireMetadata(t *testing.T, m manifest) {
	t.Helper()
	require.NotEmpty(t, m.name())
	if slices.Contains(clusterScoped, m.kind()) {
		require.Nil(t, m.at("metadata", "namespace"))
	} else {
		require.NotEmpty(t, m.text("metadata", "namespace"))
	}
	for _, label := range []string{"app", "component", "app.kubernetes.io/name", "app.kubernetes.io/component", "app.kubernetes.io/part-of"} {
		require.NotEmpty(t, m.text("metadata", "labels", label))
	}
	require.Nil(t, m.at("status"))
}

// Canonical quantities are those that the API server gives back as they are.
func requireCanonicalQuantities(t *testing.T, m manifest) {
	t.Helper()
	walk(map[string]any(m), "", func(path string, value any) {
		if !regexp.MustCompile(`\.(requests|limits)\.[\w./-]+$|\.sizeLimit$`).MatchString(path) {
			return
		}
		text, ok := value.(string)
		require.True(t, ok, "%s is %v and no string", path, value)
		quantity, err := resource.ParseQuantity(text)
		require.NoError(t, err, path)
		// The parsed quantity remembers its text. Its amount does not.
		require.Equal(t, resource.NewMilliQuantity(quantity.MilliValue(), quantity.Format).String(), text, path)
	})
}

// walk visits the values that are neither maps nor lists.
func walk(value any, path string, visit func(path string, value any)) {
	switch value := value.(type) {
	case map[string]any:
		for key, element := range value {
			walk(element, path+"."+key, visit)
		}
	case []any:
		for i, element := range value {
			walk(element, fmt.Sprintf("%s[%d]", path, i), visit)
		}
	default:
		visit(path, value)
	}
}

var secretName = regexp.MustCompile(`(?i)password|passwd|secret|token|api_?key|private_?key|credential`)

// urlWithPassword is a URL whose password is neither a variable, $(NAME), nor a template.
var urlWithPassword = regexp.MustCompile(`://[^\s/@:]*:[^\s/@${][^\s/@]*@`)

func requireNoSecrets(t *testing.T, m manifest) {
	t.Helper()
	require.NotEqual(t, "Secret", m.kind())
	walk(map[string]any(m), "", func(path string, value any) {
		if text, is := value.(string); is {
			require.NotRegexp(t, urlWithPassword, text, path)
		}
	})
	templates, _ := m.at("spec", "target", "template", "data").(map[string]any)
	for key, text := range templates { // Of an ExternalSecret. Names are no secrets.
		if secretName.MatchString(key) {
			require.Contains(t, text, "{{", key)
		}
	}
	pod := podOf(m)
	if pod == nil {
		return
	}
	for _, container := range containersOf(t, pod) {
		for _, variable := range listOf(container.at("env")) {
			if secretName.MatchString(variable.text("name")) {
				require.Nil(t, variable.at("value"), variable.text("name"))
				require.NotEmpty(t, variable.text("valueFrom", "secretKeyRef", "name"), variable.text("name"))
			}
		}
	}
}

// requireRestricted is the Pod Security Standard "restricted", and a root file system that is read-only.
func requireRestricted(t *testing.T, pod manifest) {
	t.Helper()
	security := pod.at("spec", "securityContext")
	require.Equal(t, true, valueAt(security, "runAsNonRoot"))
	require.Equal(t, "OnRootMismatch", valueAt(security, "fsGroupChangePolicy"))
	require.Equal(t, "RuntimeDefault", valueAt(security, "seccompProfile", "type"))
	for _, host := range []string{"hostNetwork", "hostPID", "hostIPC"} {
		require.Nil(t, pod.at("spec", host))
	}
	for _, container := range containersOf(t, pod) {
		security := container.at("securityContext")
		require.Equal(t, false, valueAt(security, "allowPrivilegeEscalation"))
		require.Equal(t, false, valueAt(security, "privileged"))
		require.Equal(t, true, valueAt(security, "readOnlyRootFilesystem"))
		require.Equal(t, true, valueAt(security, "runAsNonRoot"))
		require.Equal(t, map[string]any{"drop": []any{"ALL"}}, valueAt(security, "capabilities"))
		require.Nil(t, valueAt(security, "runAsUser"), "the pod's user is everyone's")
		for _, port := range listOf(container.at("ports")) {
			require.Nil(t, port.at("hostPort"))
		}
	}
	require.Equal(t, false, pod.at("spec", "enableServiceLinks"))
}

// casesWithAssignedUsers are those of clusters that assign users.
var casesWithAssignedUsers = []string{"backend-openshift", "postgres-openshift", "redis-ipv6"}

// requireUser wants users and groups by number, or else none: the security context constraints of OpenShift refuse others than their own.
func requireUser(t *testing.T, pod manifest, assigned bool) {
	t.Helper()
	security := pod.at("spec", "securityContext")
	if !assigned {
		require.Greater(t, valueAt(security, "runAsUser"), 0.0)
	}
	for _, id := range []string{"runAsUser", "runAsGroup", "fsGroup"} {
		if assigned {
			require.NotContains(t, security, id)
		} else {
			require.Contains(t, security, id)
		}
	}
}

func requireResources(t *testing.T, pod manifest, withoutCPULimit bool) {
	t.Helper()
	for _, container := range containersOf(t, pod) {
		for _, name := range []string{"cpu", "memory"} {
			request, err := resource.ParseQuantity(container.text("resources", "requests", name))
			require.NoError(t, err)
			require.Positive(t, request.Sign())
			if name == "cpu" && withoutCPULimit {
				require.NotContains(t, container.at("resources", "limits"), name)
				continue
			}
			limit, err := resource.ParseQuantity(container.text("resources", "limits", name))
			require.NoError(t, err)
			require.LessOrEqual(t, request.Cmp(limit), 0)
		}
		require.Contains(t, []string{"Always", "IfNotPresent", "Never"}, container.text("imagePullPolicy"))
		require.Regexp(t, `[:@]`, container.text("image"), "a tag or a digest")
	}
}

// Every volume is mounted, and every mount has a volume and a place of its own.
func requireMountsAndVolumes(t *testing.T, pod manifest) {
	t.Helper()
	volumes := map[string]bool{}
	for _, volume := range listOf(pod.at("spec", "volumes")) {
		require.Len(t, volume, 2, "a name and a source")
		require.NotContains(t, volumes, volume.text("name"))
		volumes[volume.text("name")] = false
		if emptyDir, ok := volume["emptyDir"]; ok {
			require.NotEmpty(t, valueAt(emptyDir, "sizeLimit"))
		}
	}
	for _, container := range containersOf(t, pod) {
		paths := map[string]bool{}
		for _, mount := range listOf(container.at("volumeMounts")) {
			require.Contains(t, volumes, mount.text("name"))
			volumes[mount.text("name")] = true
			require.NotContains(t, paths, mount.text("mountPath"))
			paths[mount.text("mountPath")] = true
		}
	}
	for name, mounted := range volumes {
		require.True(t, mounted, "volume %s", name)
	}
}

// requireTokenOnlyIfAsked relies on the props of the golden files: those that ask for a token name a ServiceAccount too. Those that add one do not ask.
func requireTokenOnlyIfAsked(t *testing.T, pod manifest, addsAccount bool) {
	t.Helper()
	require.Equal(t, pod.at("spec", "serviceAccountName") != nil && !addsAccount, pod.at("spec", "automountServiceAccountToken"))
}

// Pods of which no policy speaks would be open within a namespace that is not closed itself.
func requirePolicy(t *testing.T, pod manifest, manifests []manifest) {
	t.Helper()
	require.True(t, slices.ContainsFunc(manifests, func(m manifest) bool {
		return m.kind() == "NetworkPolicy" && selects(m.at("spec", "podSelector", "matchLabels"), pod) &&
			slices.Contains(listOfText(m.at("spec", "policyTypes")), "Egress") && slices.Contains(listOfText(m.at("spec", "policyTypes")), "Ingress")
	}), "a policy of the pod's own for both directions")
}

func listOfText(value any) []string {
	elements, _ := value.([]any)
	var texts []string
	for _, element := range elements {
		text, _ := element.(string)
		texts = append(texts, text)
	}
	return texts
}

// selects says whether labels select the pods of a template.
func selects(selector any, pod manifest) bool {
	wanted, _ := selector.(map[string]any)
	for key, value := range wanted {
		if pod.at("metadata", "labels", key) != value {
			return false
		}
	}
	return true
}

func requireDeployment(t *testing.T, m manifest, hooks bool) {
	t.Helper()
	if !hooks {
		requireNoPrograms(t, m)
	}
	pod := podOf(m)
	requireSelector(t, m.at("spec", "selector", "matchLabels"), m)
	require.True(t, selects(m.at("spec", "selector", "matchLabels"), pod))
	requireSelector(t, m.at("spec", "selector", "matchLabels"), pod)
	require.Contains(t, []any{"RollingUpdate", "Recreate"}, m.at("spec", "strategy", "type"))
	for _, spread := range listOf(pod.at("spec", "topologySpreadConstraints")) {
		if spread.text("topologyKey") != "example.com/rack" { // Which the cases require.
			require.Equal(t, "ScheduleAnyway", spread.text("whenUnsatisfiable"))
		}
		requireSelector(t, spread.at("labelSelector", "matchLabels"), pod)
	}
}

// casesWithHooks are those that ask for programs before the end of a container.
var casesWithHooks = []string{"worker-full", "scheduler-full"}

func requireNoPrograms(t *testing.T, m manifest) {
	t.Helper()
	for _, container := range containersOf(t, podOf(m)) {
		require.Nil(t, container.at("lifecycle", "preStop", "exec"), "an image may have no programs but its server")
	}
}

// requireProbes wants every container of a server to be probed, except for those that a program adds.
func requireProbes(t *testing.T, pod manifest) {
	t.Helper()
	for i, container := range listOf(pod.at("spec", "containers")) {
		if !listens(t, pod) {
			break // Who does not listen cannot be asked.
		}
		probes := []string{"livenessProbe", "readinessProbe"}
		if i > 0 {
			// Readiness is the server's: nobody is to lose it because its exporter is not well.
			probes = probes[:1]
			require.Nil(t, container.at("readinessProbe"))
		}
		for _, probe := range probes {
			require.GreaterOrEqual(t, container.at(probe, "timeoutSeconds"), 1.0, probe)
			require.GreaterOrEqual(t, container.at(probe, "periodSeconds"), 1.0, probe)
		}
		require.NotEmpty(t, listOf(container.at("ports")))
	}
}

// listens says whether any container of a pod has a port for others than Prometheus.
func listens(t *testing.T, pod manifest) bool {
	t.Helper()
	return slices.ContainsFunc(containersOf(t, pod), func(container manifest) bool {
		return slices.ContainsFunc(listOf(container.at("ports")), func(port manifest) bool { return port.text("name") != "metrics" })
	})
}

// requireSelector wants exactly the labels app and component, of the values that the object has.
func requireSelector(t *testing.T, selector any, m manifest) {
	t.Helper()
	fields, _ := selector.(map[string]any)
	require.Equal(t, []string{"app", "component"}, slices.Sorted(maps.Keys(fields)))
	for key, value := range fields {
		require.Equal(t, m.at("metadata", "labels", key), value)
	}
}

// requireService wants the Service's pods to have the ports that it leads to, by name or by number.
func requireService(t *testing.T, m manifest, manifests []manifest) {
	t.Helper()
	requireSelector(t, m.at("spec", "selector"), m)
	pod := podOf(find(t, manifests, "Deployment", m.text("metadata", "labels", "app.kubernetes.io/name")))
	require.True(t, selects(m.at("spec", "selector"), pod))
	for _, port := range listOf(m.at("spec", "ports")) {
		var ports []any
		for _, container := range containersOf(t, pod) {
			for _, open := range listOf(container.at("ports")) {
				ports = append(ports, open.at("name"), open.at("containerPort"))
			}
		}
		require.Contains(t, ports, port.at("targetPort"))
	}
}

// requirePorts wants a policy's ports to be those of the containers, as far as the pods are in the same application.
func requirePorts(t *testing.T, m manifest, manifests []manifest) {
	t.Helper()
	for _, rule := range listOf(m.at("spec", "ingress")) {
		if rule.at("from") == nil && !ofGatewayProxy(m) {
			requireSendersHidden(t, m, manifests)
		}
		requireBothFamilies(t, listOf(rule.at("from")))
		requireOpenPorts(t, rule, m.at("spec", "podSelector", "matchLabels"), manifests)
	}
	for _, rule := range listOf(m.at("spec", "egress")) {
		if rule.at("to") == nil {
			requirePortsOfNodes(t, rule)
			continue
		}
		requireBothFamilies(t, listOf(rule.at("to")))
		for _, peer := range listOf(rule.at("to")) {
			require.NotEmpty(t, peer)
			if peer.at("namespaceSelector") == nil && peer.at("ipBlock") == nil {
				requireOpenPorts(t, rule, peer.at("podSelector", "matchLabels"), manifests)
			}
		}
	}
}

// requireSendersHidden allows a rule without peers, which lets everyone in, for a Service whose clients' addresses pods do not see.
func requireSendersHidden(t *testing.T, m manifest, manifests []manifest) {
	t.Helper()
	service := find(t, manifests, "Service", strings.TrimSuffix(m.name(), "-service"))
	require.Equal(t, service.at("spec", "selector"), m.at("spec", "podSelector", "matchLabels"))
	require.Equal(t, "Cluster", service.text("spec", "externalTrafficPolicy"))
}

// ofGatewayProxy reports whether a policy is for the proxy of a Gateway, to which everybody may connect: pods that are not of the application.
func ofGatewayProxy(m manifest) bool {
	labels, _ := m.at("spec", "podSelector", "matchLabels").(map[string]any)
	_, ours := labels["app"]
	return len(labels) > 0 && !ours
}

// requireBothFamilies wants all addresses to be all of them.
func requireBothFamilies(t *testing.T, peers []manifest) {
	t.Helper()
	all := map[string]bool{}
	for _, peer := range peers {
		all[peer.text("ipBlock", "cidr")] = true
	}
	require.Equal(t, all["0.0.0.0/0"], all["::/0"], "everywhere, except one of IPv4 and IPv6")
}

// requirePortsOfNodes allows a rule without peers, which lets out to everywhere, for what cannot be named: the API server and
// kubelets.
func requirePortsOfNodes(t *testing.T, rule manifest) {
	t.Helper()
	for _, port := range listOf(rule.at("ports")) {
		require.Contains(t, []any{443.0, 6443.0, 10250.0, 16443.0}, port.at("port"))
	}
	require.NotEmpty(t, listOf(rule.at("ports")))
}

func requireOpenPorts(t *testing.T, rule manifest, selector any, manifests []manifest) {
	t.Helper()
	ports := listOf(rule.at("ports"))
	require.NotEmpty(t, ports, "a rule without ports means all")
	for _, m := range manifests {
		pod := podOf(m)
		if pod == nil || !selects(selector, pod) {
			continue
		}
		open := []any{}
		for _, container := range containersOf(t, pod) {
			for _, port := range listOf(container.at("ports")) {
				open = append(open, port.at("containerPort"))
			}
		}
		for _, port := range ports {
			require.Contains(t, open, port.at("port"))
			require.NotEmpty(t, port.text("protocol"))
		}
	}
}

// requireRoleOfExporter wants kube-state-metrics to be allowed to list and watch exactly the resources that it exports.
func requireRoleOfExporter(t *testing.T, m manifest, manifests []manifest) {
	t.Helper()
	var resources []string
	for _, rule := range listOf(m.at("rules")) {
		require.Equal(t, []string{"list", "watch"}, listOfText(rule.at("verbs")))
		resources = append(resources, listOfText(rule.at("resources"))...)
	}
	slices.Sort(resources)
	exporter := containersOf(t, podOf(find(t, manifests, "Deployment", m.name())))[0]
	require.Contains(t, listOfText(exporter.at("args")), "--resources="+strings.Join(resources, ","))
}

// requireServiceMonitor wants one Service with the port, and a job by which alerts select the samples.
func requireServiceMonitor(t *testing.T, m manifest, manifests []manifest) {
	t.Helper()
	endpoints := listOf(m.at("spec", "endpoints"))
	require.Len(t, endpoints, 1)
	var jobs []string
	for _, service := range manifests {
		if service.kind() != "Service" || service.at("metadata", "namespace") != m.at("metadata", "namespace") ||
			!selects(m.at("spec", "selector", "matchLabels"), service) {
			continue
		}
		for _, port := range listOf(service.at("spec", "ports")) {
			if port.text("name") == endpoints[0].text("port") {
				jobs = append(jobs, service.text("metadata", "labels", m.text("spec", "jobLabel")))
			}
		}
	}
	require.Len(t, jobs, 1, "Services with the port")
	require.Contains(t, jobsOfAlerts(t, manifests), jobs[0])
}

// jobsOfAlerts are the jobs that the alerts of PrometheusRules select.
func jobsOfAlerts(t *testing.T, manifests []manifest) []string {
	t.Helper()
	var jobs []string
	for _, m := range manifests {
		if m.kind() != "PrometheusRule" {
			continue
		}
		walk(m.at("spec"), "", func(path string, value any) {
			if !strings.HasSuffix(path, ".expr") {
				return
			}
			expr, err := parser.NewParser(parser.Options{}).ParseExpr(value.(string))
			require.NoError(t, err)
			for _, matcher := range slices.Concat(parser.ExtractSelectors(expr)...) {
				if matcher.Name == "job" && matcher.Type == labels.MatchEqual {
					jobs = append(jobs, matcher.Value)
				}
			}
		})
	}
	slices.Sort(jobs)
	return slices.Compact(jobs)
}
