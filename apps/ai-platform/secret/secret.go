// Package secret describes the Secret of ai-platform to the command secret of the package operate.
package secret

import (
	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/operate"
)

// Of describes the Secret of an environment, and the steps that follow a new value of each password.
func Of(e platform.Environment) *operate.Secret {
	return &operate.Secret{
		Name: e.Names.Secret, Namespace: e.Namespace.Name, New: e.Secret, Fill: platform.FillSecret, Help: "docs/secrets.md",
		Rotations: map[string]operate.Rotation{
			platform.DatabasePasswordKey: {
				Derived: []string{platform.DatabaseURLKey},
				Steps:   []operate.Step{restart("database"), tellPostgres(), restart("backend")},
			},
			// The backend's pods would not get ready before Redis knows their password.
			platform.RedisPasswordKey:   {Steps: []operate.Step{restart("redis"), restart("backend")}},
			platform.GrafanaPasswordKey: {Steps: []operate.Step{restart("grafana")}},
		},
	}
}

func restart(component string) operate.Step {
	return operate.Step{Deployment: platform.AppName + "-" + component}
}

// tellPostgres changes the password of the owner, which PostgreSQL keeps in its volume, to that of the pod. On the socket of its container the owner needs
// none to log in. \password hashes it before it is sent, so that no log has it.
func tellPostgres() operate.Step {
	step := restart("database")
	step.Container, step.Purpose = "database", "have PostgreSQL take the password of its pod"
	step.Script = `printf "%s\n%s\n" "$POSTGRES_PASSWORD" "$POSTGRES_PASSWORD" | PGDATABASE="$POSTGRES_DB" psql -U "$POSTGRES_USER" -c "\password"`
	return step
}
