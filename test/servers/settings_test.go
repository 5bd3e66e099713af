//go:build linux

package servers

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"

	"github.com/ai-platform/manifests/constructs"
)

var (
	postgresSettings = map[string]string{"max_connections": "37", "log_line_prefix": "it's $(HOME) $$ \"%m\" ", "search_path": ""}
	redisSettings    = map[string]string{"save": "900 1 300 10", "notify-keyspace-events": "xE", "proc-title-template": "it's $(HOME) $HOME \"{title}\"", "oom-score-adj": "no"}
)

// settingsShop has the names of production's servers.
func settingsShop(app cdk8s.App) {
	const secret = "ai-platform-secrets"
	constructs.NewPostgres(productionChart(app, "10-database"), "database", constructs.PostgresProps{
		Credentials: constructs.PostgresCredentials{Secret: secret}, InitSQL: "SELECT 1;", Exporter: &constructs.Exporter{}, Settings: postgresSettings,
	})
	constructs.NewRedis(productionChart(app, "20-redis"), "redis", constructs.RedisProps{
		Password: constructs.SecretKeyRef{Secret: secret, Key: redisPasswordKey}, Settings: redisSettings,
	})
}

// The servers have the settings as they were written, also those that a shell or a kubelet could change.
func TestSettingsReachTheServers(t *testing.T) {
	secret, rendered := newSecret(t, production, nil), renderDelivery(t, settingsShop)

	database := startPostgres(t, rendered, secret)
	for name, value := range postgresSettings {
		require.Equal(t, "["+value+"]", database.must(t, "postgres", "SELECT '['||current_setting('"+name+"')||']'"), name)
	}

	spec := object[appsv1.Deployment](t, rendered, redisFile, "Deployment", redisName).Spec.Template.Spec.Containers[0]
	for _, sh := range shells {
		r := &redis{container: newContainer(t, spec, secret, sh), port: freePort(t), data: newFolder(t)}
		r.start(t)
		r.process.until(t, r.answers(t))
		for name, value := range redisSettings {
			require.Equal(t, value, r.setting(t, name), name)
		}
	}
}
