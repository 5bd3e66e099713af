package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/url"

	"sigs.k8s.io/yaml"
)

// The Secret that every environment needs, and the keys that the constructs read.
const (
	secretName       = "ai-platform-secrets"
	databaseNameKey  = "database-name"
	databaseUserKey  = "database-user"
	databasePassKey  = "database-password"
	databaseURLKey   = "database-url"
	redisPasswordKey = "redis-password"
	grafanaPassKey   = "grafana-admin-password"

	// slackURLKey is not among the printed values: nobody but Slack can make one.
	slackURLKey = "slack-url"
)

// The names within the database server.
const (
	databaseName = "ai_platform"
	databaseUser = "ai_platform"
	databaseHost = appName + "-database"
	databasePort = "5432"
)

// printSecret prints a Secret for "kubectl create -f -". Its passwords are new each time, and are nowhere else: "create"
// rather than "apply", so that it never replaces one that is in use.
func printSecret(to io.Writer, e environment) error {
	manifest, err := yaml.Marshal(map[string]any{
		"apiVersion": "v1",
		"kind":       "Secret",
		"metadata":   map[string]any{"name": e.names.secret, "namespace": e.namespace.name, "labels": map[string]string{"app": appName}},
		"type":       "Opaque",
		"stringData": secretValues(rand.Text(), rand.Text(), rand.Text()),
	})
	if err != nil {
		return fmt.Errorf("encode the secret: %w", err)
	}
	_, err = to.Write(manifest)
	return err
}

func secretValues(databasePassword, redisPassword, grafanaPassword string) map[string]string {
	return map[string]string{
		databaseNameKey:  databaseName,
		databaseUserKey:  databaseUser,
		databasePassKey:  databasePassword,
		databaseURLKey:   databaseURL(databasePassword),
		redisPasswordKey: redisPassword,
		grafanaPassKey:   grafanaPassword,
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
