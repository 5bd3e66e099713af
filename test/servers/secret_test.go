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

	"github.com/ai-platform/manifests/test/externalsecrets"
	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/yamldoc"
)

// secrets are the Secrets of the environments. Printing one takes a second.
var secrets = map[delivery]func() (corev1.Secret, error){
	production: sync.OnceValues(func() (corev1.Secret, error) { return printSecret("production") }),
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
	documents, err := yamldoc.Read(repository.Path(string(staging), "05-secrets.k8s.yaml"))
	if err != nil {
		return corev1.Secret{}, err
	}
	return externalsecrets.Secret(documents, values)
}

// printSecret makes a Secret as an operator does: it is what the application's command prints.
func printSecret(environment string) (corev1.Secret, error) {
	command := exec.Command("go", "run", "./apps/ai-platform", "secret", environment)
	command.Dir = repository.Path()
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
