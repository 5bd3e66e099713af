//go:build linux

package servers

import (
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/document"
)

// TestChangingThePassword does what docs/secrets.md says: the Secret has another password, the database's pod is started with it, and within
// the pod a command tells it to PostgreSQL.
func TestChangingThePassword(t *testing.T) {
	for name, password := range map[string]string{"generated": "abcDEF123", "odd": `-p'a"s$$ #\w%o:r/d@☃`} {
		t.Run(name, func(t *testing.T) {
			p := startPostgres(t, production, newSecret(t, production, nil))
			values := map[string]string{
				"database-name": p.env["POSTGRES_DB"], "database-user": p.env["POSTGRES_USER"], "database-password": password,
			}
			values["database-url"] = databaseURL(values)
			secret := newSecret(t, production, values)
			for _, sh := range shells {
				env := maps.Clone(p.env)
				env["POSTGRES_PASSWORD"], env["PATH"] = password, sh.path()
				printed, err := output(t, env, "sh", "-c", passwordCommand(t))
				require.NoError(t, err, printed)
			}
			requireLogin(t, p, secret)
			require.NotContains(t, p.process.printed(t), password)
		})
	}
}

// passwordCommand is what the document has kubectl execute.
func passwordCommand(t *testing.T) string {
	t.Helper()
	scripts, err := document.Scripts("secrets.md", "Changing passwords")
	require.NoError(t, err)
	found := regexp.MustCompile(`(?s)sh -c \\\n\s*'(.*psql.*)'`).FindStringSubmatch(strings.Join(scripts, "\n"))
	require.NotNil(t, found)
	return found[1]
}
