package platform

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/externalsecrets"
)

// The Secret that every environment needs, and its keys.
const (
	SecretName          = "ai-platform-secrets"
	DatabaseNameKey     = "database-name"
	DatabaseUserKey     = "database-user"
	DatabasePasswordKey = "database-password"
	DatabaseURLKey      = "database-url"
	RedisPasswordKey    = "redis-password"
	GrafanaPasswordKey  = "grafana-admin-password"

	// The credentials of other services are not among SecretValues: they cannot be generated.
	SlackURLKey     = "slack-url"
	PagerDutyKey    = "pagerduty-routing-key"
	WebhookURLKey   = "webhook-url"
	HeartbeatURLKey = "heartbeat-url"
)

// The names within the database server.
const (
	databaseName = "ai_platform"
	databaseUser = "ai_platform"
	databaseHost = AppName + "-database"
)

// SecretSource is the origin of the Secret, Names.Secret. The zero value stands for a person, who creates the Secret
// that the method Secret returns. If the source of a running environment changes, the name of its Secret must change
// too, except from a person to Generated.
type SecretSource struct {
	// Generated has the External Secrets Operator generate the passwords in the cluster, once.
	Generated bool

	// Store has the operator read the passwords from a store. The name, user and URL of the database follow from them,
	// unless they are among the Keys; if the name or the user is, the URL must be too.
	Store *externalsecrets.StoreSecretProps
}

// Secret returns a Secret for "kubectl create -f -". Its passwords are new each time, and stored nowhere else. Use
// "create", not "apply", so that it never replaces a Secret in use.
func (e Environment) Secret() ([]byte, error) {
	if e.Secrets != (SecretSource{}) {
		return nil, fmt.Errorf("the Secret %s of %s is filled in the cluster by External Secrets: do not create it (if it is lost, see docs/secrets.md)", e.Names.Secret, e.Name)
	}
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

// SecretValues returns the values of a Secret with these passwords, by key. Redis's password must need no escaping in a
// URL.
func SecretValues(databasePassword, redisPassword, grafanaPassword string) map[string]string {
	return map[string]string{
		DatabaseNameKey:     databaseName,
		DatabaseUserKey:     databaseUser,
		DatabasePasswordKey: databasePassword,
		DatabaseURLKey:      databaseURL(databaseUser, databasePassword, databaseName),
		RedisPasswordKey:    redisPassword,
		GrafanaPasswordKey:  grafanaPassword,
	}
}

// FillSecret adds the values that are missing, and changes none. A missing name, user or password of the database is
// taken from its URL, if that exists: clients use it.
func FillSecret(values map[string]string) error {
	if err := readDatabaseURL(values); err != nil {
		return err
	}
	made := SecretValues(rand.Text(), rand.Text(), rand.Text())
	maps.Copy(made, values)
	if _, has := values[DatabaseURLKey]; !has {
		made[DatabaseURLKey] = databaseURL(made[DatabaseUserKey], made[DatabasePasswordKey], made[DatabaseNameKey])
	}
	maps.Copy(values, made)
	return nil
}

// readDatabaseURL takes missing values from the URL. Its error does not print the URL, which contains the password.
func readDatabaseURL(values map[string]string) error {
	address, has := values[DatabaseURLKey]
	if !has {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil {
		u = &url.URL{}
	}
	password, _ := u.User.Password()
	for _, part := range []struct{ key, value string }{
		{DatabaseNameKey, strings.TrimPrefix(u.Path, "/")}, {DatabaseUserKey, u.User.Username()}, {DatabasePasswordKey, password},
	} {
		if _, has := values[part.key]; has {
			continue
		}
		if part.value == "" {
			return fmt.Errorf("%s is missing, and cannot be taken from %s: add the value that the database has", part.key, DatabaseURLKey)
		}
		values[part.key] = part.value
	}
	return nil
}

// databaseURL escapes what a URL gives a meaning.
func databaseURL(user, password, database string) string {
	u := url.URL{
		Scheme: "postgresql",
		User:   url.UserPassword(user, password),
		Host:   net.JoinHostPort(databaseHost, strconv.Itoa(constructs.DefaultPostgresPort)),
		Path:   "/" + database,
	}
	return u.String()
}

// fillSecret adds what fills the Secret, with all keys that the tiers read.
func (e Environment) fillSecret(t *Tiers) {
	if e.Secrets.Generated {
		props := externalsecrets.GeneratedSecretProps{
			Name: e.Names.Secret, Passwords: []string{DatabasePasswordKey, RedisPasswordKey}, Templates: databaseTemplates(), PostgresURLs: databaseURLs(),
		}
		if e.Monitoring.Enabled {
			props.Passwords = append(props.Passwords, GrafanaPasswordKey)
		}
		t.GeneratedSecret = &props
	}
	if e.Secrets.Store != nil {
		props := *e.Secrets.Store
		props.Name = e.Names.Secret
		props.Templates, props.PostgresURLs = databaseTemplates(), databaseURLs()
		stored := func(key string) bool { _, is := props.Keys[key]; return is }
		maps.DeleteFunc(props.Templates, func(key, _ string) bool { return stored(key) })
		if stored(DatabaseNameKey) || stored(DatabaseUserKey) || stored(DatabaseURLKey) {
			clear(props.PostgresURLs)
		}
		maps.Copy(props.Templates, e.Secrets.Store.Templates)
		maps.Copy(props.PostgresURLs, e.Secrets.Store.PostgresURLs)
		t.StoreSecret = &props
	}
}

func databaseTemplates() map[string]string {
	return map[string]string{DatabaseNameKey: databaseName, DatabaseUserKey: databaseUser}
}

func databaseURLs() map[string]externalsecrets.PostgresURL {
	return map[string]externalsecrets.PostgresURL{DatabaseURLKey: {
		Host: databaseHost, Port: constructs.DefaultPostgresPort, Database: databaseName, User: databaseUser, PasswordKey: DatabasePasswordKey,
	}}
}

func (t Tiers) composeSecret(app cdk8s.App, c *Constructs) {
	if t.GeneratedSecret == nil && t.StoreSecret == nil {
		return
	}
	chart := t.Chart(app, "05-secrets")
	if t.GeneratedSecret != nil {
		c.GeneratedSecret = externalsecrets.NewGeneratedSecret(chart, "generated-secret", *t.GeneratedSecret)
	}
	if t.StoreSecret != nil {
		c.StoreSecret = externalsecrets.NewStoreSecret(chart, "store-secret", *t.StoreSecret)
	}
}
