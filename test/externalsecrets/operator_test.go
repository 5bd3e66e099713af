package externalsecrets

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/yamldoc"
)

// documents are those of a file, seen from the repository.
func documents(t *testing.T, file string) [][]byte {
	t.Helper()
	found, err := yamldoc.Read(repository.Path(file))
	require.NoError(t, err)
	return found
}

const committed = "deploy/staging/05-secrets.k8s.yaml"

// requireAddress wants the URL of a database to hold a password, whatever it consists of.
func requireAddress(t *testing.T, password string, secret corev1.Secret) {
	t.Helper()
	u, err := url.Parse(secret.StringData["database-url"])
	require.NoError(t, err)
	found, _ := u.User.Password()
	require.Equal(t, password, found)
	require.Equal(t, secret.StringData["database-user"], u.User.Username())
}

func TestGenerated(t *testing.T) {
	secret, err := Secret(documents(t, committed), nil)
	require.NoError(t, err)
	require.True(t, *secret.Immutable)
	require.Equal(t, "ai-platform-staging/ai-platform-secrets", secret.Namespace+"/"+secret.Name)
	require.Equal(t, "external-secrets", secret.Labels["app.kubernetes.io/managed-by"])

	passwords := map[string]bool{}
	for _, key := range []string{"database-password", "redis-password", "grafana-admin-password"} {
		password := secret.StringData[key]
		// Kubernetes puts Redis's into a URL as it is.
		require.Regexp(t, "^[A-Za-z0-9]{32}$", password)
		require.False(t, passwords[password], "the same password twice")
		passwords[password] = true
	}
	require.Len(t, secret.StringData, len(passwords)+3)
	requireAddress(t, secret.StringData["database-password"], secret)
	require.Equal(t, "ai_platform", secret.StringData["database-name"])

	again, err := Secret(documents(t, committed), nil)
	require.NoError(t, err)
	require.NotEqual(t, secret.StringData, again.StringData)
}

// A store may hold anything.
func TestTemplatesOfAnyPassword(t *testing.T) {
	for _, file := range []string{committed, "constructs/externalsecrets/testdata/generated-secret-full.yaml", "constructs/externalsecrets/testdata/store-secret-full.yaml"} {
		for _, password := range []string{`@/:%+"'$`, "a b+c d", "%41&?#", "{{ .a }}", `\`, "pässwörd☃", "\n", strings.Repeat("x", 1000)} {
			t.Run(fmt.Sprintf("%s %.9q", filepath.Base(file), password), func(t *testing.T) {
				secret, err := Secret(documents(t, file), func(string) (string, error) { return password, nil })
				require.NoError(t, err)
				require.Equal(t, password, secret.StringData["database-password"])
				requireAddress(t, password, secret)
			})
		}
	}
}

// Nothing that the operator would fail at passes here.
func TestFailures(t *testing.T) {
	generated := string(documents(t, committed)[0])
	external := string(documents(t, committed)[1])
	for name, c := range map[string]struct{ documents, want string }{
		"no generator":     {external, "there is no generator"},
		"no such key":      {generated + "---\n" + strings.Replace(external, `index . "database-password"`, ".password", 1), `map has no entry for key "password"`},
		"no such function": {generated + "---\n" + strings.Replace(external, "urlquery", "toTheMoon", 1), `function "toTheMoon" not defined`},
		"unknown field":    {generated + "---\n" + strings.Replace(external, "mergePolicy", "mergePolitics", 1), `unknown field "mergePolitics"`},
		"another encoding": {strings.Replace(generated, "raw", "base64", 1) + "---\n" + external, "encoding"},
		"no store":         {string(documents(t, "constructs/externalsecrets/testdata/store-secret-full.yaml")[0]), "there is no store"},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := yamldoc.Split([]byte(c.documents))
			require.NoError(t, err)
			_, err = Secret(found, nil)
			require.ErrorContains(t, err, c.want)
		})
	}
}
