//go:build linux

package servers

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// secrets are the Secrets of the environments. Making one takes a second.
var secrets = map[delivery]func() (corev1.Secret, error){
	production: sync.OnceValues(func() (corev1.Secret, error) { return printSecret("production") }),
	staging:    sync.OnceValues(func() (corev1.Secret, error) { return printSecret("staging") }),
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

// printSecret makes a Secret as an operator does: it is what the application's command prints.
func printSecret(environment string) (corev1.Secret, error) {
	command := exec.Command("go", "run", "./apps/ai-platform", "secret", environment)
	command.Dir = repository
	// A workspace around the repository may not list the module, and go refuses to work on one that it does not list.
	command.Env = append(os.Environ(), "GOWORK=off")
	var secret corev1.Secret
	var stderr strings.Builder
	command.Stderr = &stderr
	printed, err := command.Output()
	if err != nil {
		return secret, fmt.Errorf("%s: %w\n%s", command, err, &stderr)
	}
	err = yaml.UnmarshalStrict(printed, &secret)
	return secret, err
}
