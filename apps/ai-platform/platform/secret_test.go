package platform

import (
	"maps"
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/apps/ai-platform/internal/inspect"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/externalsecrets"
)

// byHand is production, whatever fills its Secret, with a Secret that a person creates.
func byHand() Environment {
	e := Production()
	e.Secrets = SecretSource{}
	for i := range e.Monitoring.Receivers {
		e.Monitoring.Receivers[i].Secret = constructs.SecretKeyRef{}
	}
	return e
}

func secretOfProduction(t *testing.T) map[string]any {
	t.Helper()
	manifest, err := byHand().Secret()
	require.NoError(t, err)
	secret := map[string]any{}
	require.NoError(t, yaml.Unmarshal(manifest, &secret))
	return secret
}

func TestSecretHasEveryKeyThatPodsRead(t *testing.T) {
	values := inspect.At(t, secretOfProduction(t), "stringData")
	read := map[string]bool{}
	files, _ := render(t, byHand().Tiers())
	for _, o := range inspect.Parse(t, inspect.Text(files)) {
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
	require.Equal(t, "5432", u.Port())
	require.Equal(t, 5432.0, inspect.At(t, service, "spec", "ports", 0, "port"))
}

func TestDatabaseURLEscapesThePassword(t *testing.T) {
	for _, password := range []string{"p@ss:w/rd?#", "50% & more", "ü ñ", `\"'`, "%41"} {
		u, err := url.Parse(databaseURL(databaseUser, password, databaseName))
		require.NoError(t, err)
		parsed, _ := u.User.Password()
		require.Equal(t, password, parsed)
		require.Equal(t, databaseHost, u.Hostname())
	}
}

// What External Secrets makes is complete: synthesis refuses an environment in which a tier reads a key that nothing fills, or nothing
// reads a key.
func TestSecretSources(t *testing.T) {
	stored := externalsecrets.StoreSecretProps{
		Store: externalsecrets.Store{Name: "vault", Kind: externalsecrets.StoreCluster},
		Keys: map[string]externalsecrets.RemoteKey{
			DatabasePasswordKey: {Key: "platform", Property: "database"},
			RedisPasswordKey:    {Key: "platform", Property: "redis"},
			GrafanaPasswordKey:  {Key: "platform", Property: "grafana"},
			SlackURLKey:         {Key: "slack"},
		},
	}
	ownURL := stored
	ownURL.Keys = maps.Clone(stored.Keys)
	ownURL.Keys[DatabaseURLKey] = externalsecrets.RemoteKey{Key: "managed"}
	ownUser := stored
	ownUser.Keys = maps.Clone(stored.Keys)
	ownUser.Keys[DatabaseUserKey] = externalsecrets.RemoteKey{Key: "managed"}
	for name, c := range map[string]struct {
		environment Environment
		source      SecretSource
		want        string
	}{
		"generated":                    {Development(), SecretSource{Generated: true}, ""},
		"generated, with monitoring":   {Staging(), SecretSource{Generated: true}, ""},
		"stored":                       {byHand(), SecretSource{Store: &stored}, ""},
		"stored with a URL of its own": {byHand(), SecretSource{Store: &ownURL}, ""},
		"generated, and a key that people put in": {byHand(), SecretSource{Generated: true}, `Validation failed with the following errors:
  [05-secrets/generated-secret] generatedSecret: Invalid value: "ai-platform-secrets": has no key slack-url, which the Deployment ai-platform/ai-platform-alertmanager reads: add the key, or change the Secret that is read`},
		"stored, with a user that no address has": {byHand(), SecretSource{Store: &ownUser}, `Validation failed with the following errors:
  [05-secrets/store-secret] storeSecret: Invalid value: "ai-platform-secrets": has no key database-url, which the Deployment ai-platform/ai-platform-backend reads: add the key, or change the Secret that is read`},
		"stored, and keys that nothing reads": {Development(), SecretSource{Store: &stored}, `Validation failed with the following errors:
  [05-secrets/store-secret] storeSecret: Invalid value: "ai-platform-secrets": has the key grafana-admin-password, which no object of the application reads: remove the key, correct its name, or set ReadElsewhere
  [05-secrets/store-secret] storeSecret: Invalid value: "ai-platform-secrets": has the key slack-url, which no object of the application reads: remove the key, correct its name, or set ReadElsewhere`},
		"both": {Staging(), SecretSource{Generated: true, Store: &ownURL}, `Validation failed with the following errors:
  [05-secrets/store-secret] storeSecret: Duplicate value: "Secret ai-platform-staging/ai-platform-secrets": already declared by 05-secrets/generated-secret`},
	} {
		t.Run(name, func(t *testing.T) {
			c.environment.Secrets = c.source
			_, err := constructs.Render(c.environment.Compose)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, c.want)
		})
	}
}

func TestNoSecretIsPrintedWhereOneIsMade(t *testing.T) {
	_, err := Staging().Secret()
	require.EqualError(t, err, "the Secret ai-platform-secrets of staging is filled in the cluster by External Secrets: do not create it (if it is lost, see docs/secrets.md)")
}

// Existing values are kept, and missing ones are derived from them.
func TestFillSecret(t *testing.T) {
	own := map[string]string{DatabaseUserKey: "me", DatabasePasswordKey: "p@ss", DatabaseNameKey: "mine", SlackURLKey: "https://hooks.slack.com"}
	values := maps.Clone(own)
	require.NoError(t, FillSecret(values))
	require.Equal(t, "postgresql://me:p%40ss@ai-platform-database:5432/mine", values[DatabaseURLKey])
	require.Regexp(t, `^[A-Z2-7]{26}$`, values[RedisPasswordKey])
	require.Subset(t, values, own)

	complete := maps.Clone(values)
	require.NoError(t, FillSecret(values))
	require.Equal(t, complete, values)

	for _, key := range []string{DatabaseUserKey, DatabasePasswordKey, DatabaseNameKey} {
		delete(values, key)
	}
	require.NoError(t, FillSecret(values), "the address has them")
	require.Equal(t, complete, values)

	values = map[string]string{}
	require.NoError(t, FillSecret(values))
	require.Equal(t, databaseURL(databaseUser, values[DatabasePasswordKey], databaseName), values[DatabaseURLKey])
}

// Whatever the address is, the error does not print it: it has a password.
func TestFillSecretOfAnAddressWithoutPassword(t *testing.T) {
	for _, address := range []string{"postgresql://me@host/mine", "postgresql://me:hunter2%@host/mine", "postgresql://:hunter2@host/mine", ""} {
		err := FillSecret(map[string]string{DatabaseURLKey: address, DatabaseNameKey: "mine"})
		require.ErrorContains(t, err, "is missing, and cannot be taken from database-url: add the value that the database has")
		require.NotContains(t, err.Error(), "hunter2")
	}
}
