package main

import (
	"bytes"
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

func secretOf(t *testing.T, args ...string) map[string]any {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(append([]string{"secret"}, args...), nil, &out))
	secret := map[string]any{}
	require.NoError(t, yaml.Unmarshal(out.Bytes(), &secret))
	return secret
}

func TestSecretHasEveryKeyThatPodsRead(t *testing.T) {
	values := at(t, secretOf(t), "stringData")
	read := map[string]bool{}
	for _, o := range objectsOf(t, staging) { // The environment with backups reads most.
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
		if ref, ok := value["secretKeyRef"].(map[string]any); ok && ref["name"] == secretName {
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

func TestSecretIsOfItsEnvironment(t *testing.T) {
	require.Equal(t, "ai-platform", at(t, secretOf(t), "metadata", "namespace"))
	require.Equal(t, "ai-platform-staging", at(t, secretOf(t, "staging"), "metadata", "namespace"))
}

func TestSecretPasswordsAreStrongAndNew(t *testing.T) {
	// 26 characters of 32 are 130 bits. Kubernetes puts Redis's into a URL as it is.
	strong := regexp.MustCompile(`^[A-Z2-7]{26,}$`)
	seen := map[any]bool{}
	for range 3 {
		values := at(t, secretOf(t), "stringData").(map[string]any)
		for _, key := range []string{databasePassKey, redisPasswordKey} {
			require.Regexp(t, strong, values[key])
			require.False(t, seen[values[key]], "the same password twice")
			seen[values[key]] = true
		}
	}
}

func TestDatabaseURLReachesTheDatabase(t *testing.T) {
	values := at(t, secretOf(t), "stringData").(map[string]any)
	u, err := url.Parse(values[databaseURLKey].(string))
	require.NoError(t, err)
	password, _ := u.User.Password()

	require.Equal(t, values[databasePassKey], password)
	require.Equal(t, values[databaseUserKey], u.User.Username())
	require.Equal(t, "/"+values[databaseNameKey].(string), u.Path)
	service := object(t, "Service", u.Hostname())
	require.Equal(t, databasePort, u.Port())
	require.Equal(t, 5432.0, at(t, service, "spec", "ports", 0, "port"))
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
