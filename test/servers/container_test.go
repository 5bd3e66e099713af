//go:build linux

package servers

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

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

func TestExpand(t *testing.T) {
	known := variables{"NAME": "value", "EMPTY": "", "DOLLARS": "$$(NAME)"}
	for text, expanded := range map[string]string{
		"redis://:$(NAME)@host": "redis://:value@host",
		"[$(EMPTY)]":            "[]",
		"$(UNKNOWN)":            "$(UNKNOWN)",
		"$$(NAME)":              "$(NAME)",
		"$$$(NAME)":             "$value",
		"$NAME ${NAME}":         "$NAME ${NAME}",
		"$(DOLLARS)":            "$$(NAME)",
		"$(open":                "$(open",
		"$((1 + 1))":            "$((1 + 1))",
		"$":                     "$",
	} {
		require.Equal(t, expanded, expand(text, known), text)
	}
}
