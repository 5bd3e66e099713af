package platform

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/apps/ai-platform/internal/inspect"
)

func secretOfProduction(t *testing.T) map[string]any {
	t.Helper()
	manifest, err := Production().Secret()
	require.NoError(t, err)
	secret := map[string]any{}
	require.NoError(t, yaml.Unmarshal(manifest, &secret))
	return secret
}

func TestSecretHasEveryKeyThatPodsRead(t *testing.T) {
	values := inspect.At(t, secretOfProduction(t), "stringData")
	read := map[string]bool{}
	for _, o := range objectsOf(t, Staging()) { // The environment with backups reads most.
		collectSecretKeys(o, read)
	}
	require.NotEmpty(t, read)
	for key := range read {
		require.Contains(t, values, key)
	}
	require.Len(t, values, len(read), "a key that nothing reads")
}

func collectSecretKeys(value any, into map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		if ref, ok := value["secretKeyRef"].(map[string]any); ok && ref["name"] == SecretName {
			into[ref["key"].(string)] = true
		}
		for _, element := range value {
			collectSecretKeys(element, into)
		}
	case []any:
		for _, element := range value {
			collectSecretKeys(element, into)
		}
	}
}

func TestSecretPasswordsAreStrongAndNew(t *testing.T) {
	// 26 characters of 32 are 130 bits. Kubernetes puts Redis's into a URL as it is.
	strong := regexp.MustCompile(`^[A-Z2-7]{26,}$`)
	seen := map[any]bool{}
	for range 3 {
		values := inspect.At(t, secretOfProduction(t), "stringData").(map[string]any)
		for _, key := range []string{DatabasePasswordKey, RedisPasswordKey} {
			require.Regexp(t, strong, values[key])
			require.False(t, seen[values[key]], "the same password twice")
			seen[values[key]] = true
		}
	}
}

func TestDatabaseURLReachesTheDatabase(t *testing.T) {
	values := inspect.At(t, secretOfProduction(t), "stringData").(map[string]any)
	u, err := url.Parse(values[DatabaseURLKey].(string))
	require.NoError(t, err)
	password, _ := u.User.Password()

	require.Equal(t, values[DatabasePasswordKey], password)
	require.Equal(t, values[DatabaseUserKey], u.User.Username())
	require.Equal(t, "/"+values[DatabaseNameKey].(string), u.Path)
	service := object(t, "Service", u.Hostname())
	require.Equal(t, databasePort, u.Port())
	require.Equal(t, 5432.0, inspect.At(t, service, "spec", "ports", 0, "port"))
}

func TestDatabaseURLEscapesThePassword(t *testing.T) {
	for _, password := range []string{"p@ss:w/rd?#", "50% & more", "ü ñ", `\"'`, "%41"} {
		u, err := url.Parse(databaseURL(password))
		require.NoError(t, err)
		parsed, _ := u.User.Password()
		require.Equal(t, password, parsed)
		require.Equal(t, databaseHost, u.Hostname())
	}
}
