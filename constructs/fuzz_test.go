package constructs

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// fuzzed are values of every kind that props have. A fuzz test puts each of them wherever the kind fits.
type fuzzed struct {
	id, image, quantity, path, key, value, host string
	number                                      int
	choices                                     uint8
}

// chosen says whether one of eight things is to be in the props.
func (f fuzzed) chosen(choice int) bool { return f.choices&(1<<choice) != 0 }

func (f fuzzed) backend() BackendProps {
	resources := ResourceList{CPU: f.quantity, Memory: f.quantity}
	timing := ProbeTiming{InitialDelaySeconds: &f.number, PeriodSeconds: f.number, TimeoutSeconds: f.number, FailureThreshold: f.number}
	props := BackendProps{
		Image: f.image,
		Env:   map[string]string{f.key: f.value, "A": f.value},
		Files: map[string]string{f.path: f.value},
		Pod:   PodProps{Annotations: map[string]string{f.key: f.value}},
	}
	if f.chosen(0) {
		props.Port, props.Replicas, props.PreStopSeconds = f.number, &f.number, &f.number
	}
	if f.chosen(1) {
		props.Resources = Resources{Requests: resources, Limits: resources}
	}
	if f.chosen(2) {
		props.Storage = &Storage{MountPath: f.path + "-storage", Size: f.quantity, AccessMode: ReadWriteMany, StorageClassName: f.host, ClaimName: f.id}
		props.EmptyDirs = []EmptyDir{{Path: f.path + "-empty", SizeLimit: f.quantity}}
	}
	if f.chosen(3) {
		props.Command, props.Args, props.WorkingDir = []string{f.value}, []string{f.value}, f.path
		props.Startup = ExecProbe{Command: []string{f.value}, Timing: timing}
		props.Liveness = HeartbeatProbe{Path: "/tmp" + f.path, MaxAge: time.Duration(f.number) * time.Second, Timing: timing}
		props.Readiness = HTTPProbe{Path: f.path, Port: f.number, Headers: map[string]string{f.key: f.value}, Timing: timing}
	}
	if f.chosen(4) {
		props.Connections = []Server{ExternalServer{Host: f.host, Port: f.number, CIDRs: []string{f.host + "/32"}}, ExternalServer{Host: f.host, Port: 1}}
		props.Database = ExternalPostgres{Server: ExternalServer{Host: f.host, Port: 5432}, URL: SecretKeyRef{Secret: f.id, Key: f.key}}
	}
	if f.chosen(5) {
		props.Replicas = nil
		props.Autoscaling = &Autoscaling{MinReplicas: f.number, MaxReplicas: f.number, TargetCPUUtilization: f.number, TargetMemoryUtilization: f.number}
		props.Rollout = Rollout{MaxUnavailable: &f.number}
	}
	if f.chosen(6) {
		props.Pod.Tolerations = []Toleration{{Key: f.key, Value: f.value, Effect: TaintNoExecute, TolerationSeconds: &f.number}}
		props.Pod.Labels, props.Pod.NodeSelector = map[string]string{f.key: f.value}, map[string]string{f.key: f.value}
		props.Pod.RunAsUser, props.Pod.RunAsGroup, props.Pod.TerminationGracePeriodSeconds = f.number, f.number, f.number
		props.PreStopSeconds = new(0)
	}
	if f.chosen(7) {
		props.SecretEnv = map[string]SecretKeyRef{f.key + "_SECRET": {Secret: f.host, Key: f.key}}
		props.Pod.ImagePullSecrets = []string{f.host, f.id}
		props.Pod.ServiceAccountName, props.Pod.PriorityClassName = f.id, f.host
	}
	return props
}

// FuzzProps looks for props that make the code panic, and for such as it accepts and does not write as they are. It needs
// no Node.js. To look further than its seeds: go test -run '^$' -fuzz FuzzProps ./constructs
func FuzzProps(f *testing.F) {
	good := fuzzed{id: "api", image: "api:1", quantity: "1Gi", path: "/etc/app", key: "KEY", value: "value", host: "10.0.0.1", number: 2}
	seed := func(s fuzzed) { f.Add(s.id, s.image, s.quantity, s.path, s.key, s.value, s.host, s.number, s.choices) }
	for _, choices := range []uint8{0, 1, 2, 4, 8, 16, 32, 64, 128, 255} {
		s := good
		s.choices = choices
		seed(s)
		require.Empty(f, checktest.Messages(s.backend().server(checktest.Prop, testComponent).validate(checktest.Prop)), "props that are accepted, to begin with")
	}
	for _, hostile := range []string{
		"", " ", "\x00", "\xff\xfe", "\n", "a\r\nb", "a\tb", "/", "//", "/..", "../a", "//\n", ":", "@", "a:b@c", "a@sha256:", "%", "$(A)", "__proto__", "constructor", "null",
		"yes", "1e3", "1_000", "12:30:45", "-1", "9223372036854775808", "2E02000000000000000000", "1e-1000000000", "1e400", "1Ki", "0.0000001", "00000000000000000001Gi", "日本", "🎉", "\u2028", "fe80::1%eth0",
		"::ffff:10.0.0.1", "10.0.0.0/8", "a/b/c", "A", "-", ".", "..", "_", "{", "[", "'", "\"", "\\", strings.Repeat("a", 300), strings.Repeat("/a", 300), "---\n",
	} {
		for _, position := range []func(s *fuzzed){
			func(s *fuzzed) { s.id = hostile }, func(s *fuzzed) { s.image = hostile }, func(s *fuzzed) { s.quantity = hostile },
			func(s *fuzzed) { s.path = hostile }, func(s *fuzzed) { s.key = hostile }, func(s *fuzzed) { s.value = hostile }, func(s *fuzzed) { s.host = hostile },
		} {
			s := good
			position(&s)
			seed(s)
			s.choices = 255
			seed(s)
		}
	}
	for _, number := range []int{0, -1, 1, 65535, 65536, 1<<31 - 1, 1 << 31, -1 << 63, 1<<63 - 1} {
		s := good
		s.number, s.choices = number, 255
		seed(s)
	}
	f.Fuzz(func(t *testing.T, id, image, quantity, path, key, value, host string, number int, choices uint8) {
		values := fuzzed{id: id, image: image, quantity: quantity, path: path, key: key, value: value, host: host, number: number, choices: choices}
		prop, at := field.NewPath("backend"), testComponent
		at.ID = id
		server := values.backend().server(prop, at)
		errs := append(at.CheckName(prop), server.validate(prop)...)
		for _, err := range errs {
			require.NotContains(t, err.Error(), "\n", "an error is one line")
		}
		if len(errs) == 0 {
			requireWritten(t, values, server)
		}

		namespace := NamespaceProps{Labels: map[string]string{key: value}, Annotations: map[string]string{key: value}}
		if len(namespace.validate(prop, at)) == 0 {
			written := textsIn(plain(t, namespace.object(at).Annotations))
			require.Contains(t, written, value)
		}
	})
}

// requireWritten finds the texts in the objects as they were given.
func requireWritten(t *testing.T, values fuzzed, server httpServer) {
	t.Helper()
	var written []string
	for _, o := range objectsOf(server) {
		require.Empty(t, validation.IsDNS1123Subdomain(o.Name))
		written = append(written, textsIn(plain(t, o.Fields))...)
	}
	want := []string{values.id, values.image, values.path, values.key}
	if values.value != "" {
		want = append(want, values.value)
	}
	if values.chosen(2) {
		want = append(want, values.path+"-storage", values.path+"-empty")
	}
	if values.chosen(4) || values.chosen(7) {
		want = append(want, values.host)
	}
	for _, text := range want {
		require.True(t, slices.ContainsFunc(written, func(w string) bool { return strings.Contains(w, text) }), "%q is not in %q", text, written)
	}
	if values.chosen(1) && values.quantity != "" {
		amount := resource.MustParse(values.quantity)
		amount.Add(resource.Quantity{}) // Without, it is the text that it was parsed from.
		require.Contains(t, written, amount.String())
	}
}

// objectsOf are the objects that addObjects adds.
func objectsOf(server httpServer) []*manifest.Object {
	objects := []*manifest.Object{
		server.workload().Deployment(),
		manifest.Service(server.Component, manifest.HTTPPort, server.port),
		server.budget.object(server.Component),
		manifest.ClientPolicy(server.Component, server.connections),
	}
	objects = append(objects, manifest.Openings(server.Component, server.connections)...)
	if server.metrics != nil {
		objects = append(objects, manifest.MetricsService(server.Component, server.metricsPortName(), server.metrics.Port))
	}
	if len(server.files) > 0 {
		objects = append(objects, manifest.FileConfigMap(server.Component, server.files))
	}
	if server.autoscaling != nil {
		objects = append(objects, server.autoscaling.autoscaler(server.Component))
	}
	if server.storage != nil {
		objects = append(objects, server.storage.Claim())
	}
	return objects
}

// plain is a value as JSON has it.
func plain(t *testing.T, value any) any {
	t.Helper()
	encoded, err := json.Marshal(value)
	require.NoError(t, err)
	var decoded any
	require.NoError(t, json.Unmarshal(encoded, &decoded))
	return decoded
}

// textsIn are all texts of a JSON value, keys and values.
func textsIn(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case map[string]any:
		var texts []string
		for key, element := range value {
			texts = append(append(texts, key), textsIn(element)...)
		}
		return texts
	case []any:
		var texts []string
		for _, element := range value {
			texts = append(texts, textsIn(element)...)
		}
		return texts
	}
	return nil
}
