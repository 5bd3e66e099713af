package platform

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/url"

	"sigs.k8s.io/yaml"
)

// The Secret that every environment needs, and the keys that the constructs read.
const (
	SecretName          = "ai-platform-secrets"
	DatabaseNameKey     = "database-name"
	DatabaseUserKey     = "database-user"
	DatabasePasswordKey = "database-password"
	DatabaseURLKey      = "database-url"
	RedisPasswordKey    = "redis-password"
	GrafanaPasswordKey  = "grafana-admin-password"

	// SlackURLKey is not among the values of SecretValues: nobody but Slack can make one.
	SlackURLKey = "slack-url"
)

// The names within the database server.
const (
	databaseName = "ai_platform"
	databaseUser = "ai_platform"
	databaseHost = AppName + "-database"
	databasePort = "5432"
)

// Secret gives a Secret for "kubectl create -f -". Its passwords are new each time, and are nowhere else: "create" rather than
// "apply", so that it never replaces one that is in use.
func (e Environment) Secret() ([]byte, error) {
	manifest, err := yaml.Marshal(map[string]any{
		"apiVersion": "v1",
		"kind":       "Secret",
		"metadata":   map[string]any{"name": e.Names.Secret, "namespace": e.Namespace.Name, "labels": map[string]string{"app": AppName}},
		"type":       "Opaque",
		"stringData": SecretValues(rand.Text(), rand.Text(), rand.Text()),
	})
	if err != nil {
		return nil, fmt.Errorf("encode the secret: %w", err)
	}
	return manifest, nil
}

// SecretValues are what a Secret with these passwords holds, by key. Redis's has to be one that a URL carries as it is.
func SecretValues(databasePassword, redisPassword, grafanaPassword string) map[string]string {
	return map[string]string{
		DatabaseNameKey:     databaseName,
		DatabaseUserKey:     databaseUser,
		DatabasePasswordKey: databasePassword,
		DatabaseURLKey:      databaseURL(databasePassword),
		RedisPasswordKey:    redisPassword,
		GrafanaPasswordKey:  grafanaPassword,
	}
}

// databaseURL escapes what a URL gives a meaning.
func databaseURL(password string) string {
	u := url.URL{
		Scheme: "postgresql",
		User:   url.UserPassword(databaseUser, password),
		Host:   net.JoinHostPort(databaseHost, databasePort),
		Path:   "/" + databaseName,
	}
	return u.String()
}
