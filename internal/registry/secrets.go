package registry

import (
	"time"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/externalsecrets"
)

// secrets are the constructs that fill Secrets.
func secrets() []Construct {
	return []Construct{
		{
			Kind: "generatedSecret", New: externalsecrets.NewGeneratedSecret,
			Full: func(cdk8s.Chart) []any { return []any{fullGeneratedSecret()} },
			Cases: []Case{
				{"generated-secret-minimal", func(chart cdk8s.Chart) any {
					readSecrets(chart, "redis-password")
					return externalsecrets.NewGeneratedSecret(chart, "secrets", externalsecrets.GeneratedSecretProps{Passwords: []string{"redis-password"}})
				}},
				{"generated-secret-full", func(chart cdk8s.Chart) any {
					return externalsecrets.NewGeneratedSecret(chart, "secrets", fullGeneratedSecret())
				}},
			},
		},
		{
			Kind: "storeSecret", New: externalsecrets.NewStoreSecret,
			Full: func(cdk8s.Chart) []any { return []any{fullStoreSecret()} },
			Cases: []Case{
				{"store-secret-minimal", func(chart cdk8s.Chart) any {
					readSecrets(chart, "redis-password")
					return externalsecrets.NewStoreSecret(chart, "secrets", externalsecrets.StoreSecretProps{
						Store: externalsecrets.Store{Name: "vault"},
						Keys:  map[string]externalsecrets.RemoteKey{"redis-password": {Key: "shop/redis"}},
					})
				}},
				{"store-secret-full", func(chart cdk8s.Chart) any {
					return externalsecrets.NewStoreSecret(chart, "secrets", fullStoreSecret())
				}},
			},
		},
	}
}

// readSecrets adds a tier that reads a key of the Secret.
func readSecrets(chart cdk8s.Chart, key string) {
	constructs.NewBackend(elsewhere(chart), "reader", constructs.BackendProps{
		Image: "reader:1", SecretEnv: map[string]constructs.SecretKeyRef{"PASSWORD": {Secret: "shop-secrets", Key: key}},
	})
}

func fullGeneratedSecret() externalsecrets.GeneratedSecretProps {
	return externalsecrets.GeneratedSecretProps{
		Passwords:     []string{"database-password", "session_key"},
		Length:        64,
		Templates:     someTemplates(),
		PostgresURLs:  someURLs(),
		ReadElsewhere: true,
		Name:          "the-secrets",
	}
}

func fullStoreSecret() externalsecrets.StoreSecretProps {
	return externalsecrets.StoreSecretProps{
		Store: externalsecrets.Store{Name: "vault", Kind: externalsecrets.StoreCluster},
		Keys: map[string]externalsecrets.RemoteKey{
			"database-password": {Key: "shop/production", Property: "database-password", Version: "7"},
			"session_key":       {Key: "shop/session-key"},
		},
		Templates:       someTemplates(),
		PostgresURLs:    someURLs(),
		RefreshInterval: 90 * time.Second,
		ReadElsewhere:   true,
		Name:            "the-secrets",
	}
}

func someTemplates() map[string]string {
	return map[string]string{"database-user": "shop@eu", "cookies": `{"key": "{{ .session_key }}"}`}
}

func someURLs() map[string]externalsecrets.PostgresURL {
	return map[string]externalsecrets.PostgresURL{
		"database-url": {Host: "db.example.com", Port: 5432, Database: "shop", User: "shop@eu", PasswordKey: "database-password"},
	}
}
