//go:build linux

package servers

import (
	"maps"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/test/environments"
	"github.com/ai-platform/manifests/test/externalsecrets"
	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/yamldoc"
)

// delivery is the folder of an environment's manifests, in the repository if it is a relative path.
type delivery string

const (
	production delivery = "dist"
	staging    delivery = "deploy/staging"
)

// object reads an object into the type that Kubernetes has for it.
func object[T any](t *testing.T, from delivery, file, kind, name string) T {
	t.Helper()
	found := objectsIn[T](t, from.path(file), kind, name)
	require.Len(t, found, 1, "%s/%s, %s %q", from, file, kind, name)
	return found[0]
}

// objects reads all objects of a kind.
func objects[T any](t *testing.T, from delivery, kind string) []T {
	t.Helper()
	files, err := filepath.Glob(from.path("*.yaml"))
	require.NoError(t, err)
	var found []T
	for _, file := range files {
		found = append(found, objectsIn[T](t, file, kind, "")...)
	}
	require.NotEmpty(t, found, "%s has no %s", from, kind)
	return found
}

// objectsIn reads the objects of a kind in a file, with a name or with any.
func objectsIn[T any](t *testing.T, file, kind, name string) []T {
	t.Helper()
	documents, err := yamldoc.Read(file)
	require.NoError(t, err)
	var found []T
	for _, document := range documents {
		var is metav1.PartialObjectMetadata
		require.NoError(t, yaml.Unmarshal(document, &is))
		if is.Kind == kind && (is.Name == name || name == "") {
			var read T
			require.NoError(t, yaml.UnmarshalStrict(document, &read))
			found = append(found, read)
		}
	}
	return found
}

func (d delivery) path(file string) string {
	if filepath.IsAbs(string(d)) {
		return filepath.Join(string(d), file)
	}
	return repository.Path(string(d), file)
}

// renderDelivery writes the manifests of a program.
func renderDelivery(t *testing.T, program func(app cdk8s.App)) delivery {
	t.Helper()
	files, err := constructs.Render(program)
	require.NoError(t, err)
	folder := newFolder(t)
	for name, content := range files {
		writeFile(t, filepath.Join(folder, name), string(content))
	}
	return delivery(folder)
}

// productionChart is a chart of a program whose servers have the names of production's.
func productionChart(app cdk8s.App, id string) cdk8s.Chart {
	return cdk8s.NewChart(app, jsii.String(id), &cdk8s.ChartProps{
		Namespace: jsii.String("ai-platform"), Labels: &map[string]*string{"app": jsii.String("ai-platform")},
	})
}

// secrets are the Secrets of the environments. Printing one takes a second.
var secrets = map[delivery]func() (corev1.Secret, error){
	production: sync.OnceValues(printSecret),
	staging:    func() (corev1.Secret, error) { return generateSecret(nil) },
}

// newSecret returns the environment's Secret, with other values for some keys.
func newSecret(t *testing.T, of delivery, values map[string]string) corev1.Secret {
	t.Helper()
	secret, err := secrets[of]()
	require.NoError(t, err)
	secret = *secret.DeepCopy()
	for key := range values {
		require.Contains(t, secret.StringData, key)
	}
	maps.Copy(secret.StringData, values)
	return secret
}

// generateSecret makes staging's Secret as External Secrets does.
func generateSecret(values externalsecrets.Values) (corev1.Secret, error) {
	documents, err := yamldoc.Read(staging.path("05-secrets.k8s.yaml"))
	if err != nil {
		return corev1.Secret{}, err
	}
	return externalsecrets.Secret(documents, values)
}

// printSecret makes production's Secret as an operator does: it is what the application's command prints.
func printSecret() (secret corev1.Secret, err error) {
	printed, err := environments.Production.PrintSecret()
	if err != nil {
		return secret, err
	}
	err = yaml.UnmarshalStrict(printed, &secret)
	return secret, err
}

// container does with a container of the manifests what a kubelet does.
type container struct {
	corev1.Container
	env variables
}

// newContainer resolves the environment. The PATH is the shell's.
func newContainer(t *testing.T, spec corev1.Container, secret corev1.Secret, sh shell) container {
	t.Helper()
	c := container{Container: spec, env: variables{"PATH": sh.path(), "LANG": "C.UTF-8"}}
	for _, variable := range spec.Env {
		c.env[variable.Name] = c.value(t, variable, secret)
	}
	return c
}

func (c container) value(t *testing.T, variable corev1.EnvVar, secret corev1.Secret) string {
	t.Helper()
	if variable.ValueFrom == nil {
		return expand(variable.Value, c.env)
	}
	reference := variable.ValueFrom.SecretKeyRef
	require.NotNil(t, reference, variable.Name)
	require.Equal(t, secret.Name, reference.Name, variable.Name)
	require.Contains(t, secret.StringData, reference.Key, variable.Name)
	return secret.StringData[reference.Key]
}

// rewrite replaces a variable's value on this machine, if it is the expected one in the cluster.
func (c container) rewrite(t *testing.T, name, expected, replacement string) {
	t.Helper()
	require.Equal(t, expected, c.env[name], name)
	c.env[name] = replacement
}

// dataFolder returns where the volume with the data is mounted.
func (c container) dataFolder(t *testing.T) string {
	t.Helper()
	at := slices.IndexFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool { return m.Name == "data" })
	require.NotEqual(t, -1, at)
	return c.VolumeMounts[at].MountPath
}

// clusterPort is where the container listens in the cluster.
func (c container) clusterPort() string { return strconv.Itoa(int(c.Ports[0].ContainerPort)) }

// arguments returns the command line of the container.
func (c container) arguments() []string {
	var expanded []string
	for _, argument := range slices.Concat(c.Command, c.Args) {
		expanded = append(expanded, expand(argument, c.env))
	}
	return expanded
}

// probes returns the commands of the container's probes.
func (c container) probes(t *testing.T) map[string][]string {
	t.Helper()
	// The kubelet knows nothing here but the values that the manifest has, and takes all others to be empty.
	known := variables{}
	for _, variable := range c.Env {
		known[variable.Name] = variable.Value
	}
	probes := map[string][]string{}
	for name, probe := range map[string]*corev1.Probe{
		"startup": c.StartupProbe, "liveness": c.LivenessProbe, "readiness": c.ReadinessProbe,
	} {
		require.NotNil(t, probe, name)
		require.NotNil(t, probe.Exec, name)
		for _, argument := range probe.Exec.Command {
			probes[name] = append(probes[name], expand(argument, known))
		}
	}
	return probes
}

// reference is what the kubelet expands: $(NAME). A doubled $ is a $ that it leaves alone.
var reference = regexp.MustCompile(`\$\$|\$\([^)]*\)`)

// expand replaces references to variables that are known; others stay as they are.
// https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
func expand(text string, known variables) string {
	return reference.ReplaceAllStringFunc(text, func(found string) string {
		if found == "$$" {
			return "$"
		}
		if value, exists := known[strings.TrimSuffix(strings.TrimPrefix(found, "$("), ")")]; exists {
			return value
		}
		return found
	})
}

// backendURL returns the value of a variable of the backend that holds a server's URL, with the server's port here.
func backendURL(t *testing.T, variable string, secret corev1.Secret, service string, server container, port string) *url.URL {
	t.Helper()
	deployment := object[appsv1.Deployment](t, production, "30-backend.k8s.yaml", "Deployment", "ai-platform-backend")
	backend := newContainer(t, deployment.Spec.Template.Spec.Containers[0], secret, busybox)
	address, err := url.Parse(backend.env[variable])
	require.NoError(t, err)
	require.Equal(t, net.JoinHostPort(service, server.clusterPort()), address.Host)
	address.Host = net.JoinHostPort(loopback, port)
	return address
}
