//go:build linux

package servers

import (
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/test/document"
)

// The exporter's role needs no password on the loopback interface, where everyone else needs one, and logs in from nowhere else.
func TestExporterRole(t *testing.T) {
	p := startPostgres(t, production, newSecret(t, production, nil))
	user, elsewhere := p.env["POSTGRES_USER"], outsideAddress(t)
	require.NoError(t, p.process.stop(t, os.Interrupt))
	p.run(t, "-c", "listen_addresses="+loopback+","+elsewhere)
	p.process.until(t, p.answersOn(t, elsewhere))

	for name, test := range map[string]struct{ host, user, database, refusal string }{
		"exporter":                  {loopback, constructs.PostgresExporterRole, "postgres", ""},
		"exporter elsewhere":        {elsewhere, constructs.PostgresExporterRole, "postgres", "no password supplied"},
		"exporter in the database":  {loopback, constructs.PostgresExporterRole, p.env["POSTGRES_DB"], "no password supplied"},
		"superuser":                 {loopback, user, "postgres", "no password supplied"},
		"superuser elsewhere":       {elsewhere, user, "postgres", "no password supplied"},
		"superuser over the socket": {p.folder, user, "postgres", ""},
		"someone unknown":           {loopback, "nobody", "postgres", "no password supplied"},
	} {
		printed, err := p.login(t, test.host, test.user, test.database)
		if test.refusal == "" {
			require.NoError(t, err, "%s: %s", name, printed)
			require.Equal(t, test.user, strings.TrimSpace(printed))
			continue
		}
		require.Error(t, err, name)
		require.Contains(t, printed, test.refusal, name)
	}
	require.Equal(t, "f|f|f|f|f", p.must(t, "postgres", "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = '"+
		constructs.PostgresExporterRole+"'"))
}

// outsideAddress is one of this machine that is not on the loopback interface.
func outsideAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, address := range addresses {
		if network, is := address.(*net.IPNet); is && network.IP.IsGlobalUnicast() && network.IP.To4() != nil {
			return network.IP.String()
		}
	}
	require.FailNow(t, "this machine has no address but those of the loopback interface")
	return ""
}

// login logs in without a password.
func (p *postgres) login(t *testing.T, host, user, database string) (string, error) {
	t.Helper()
	env := variables{"PATH": p.env["PATH"], "PGHOST": host, "PGPORT": p.port, "PGUSER": user, "PGDATABASE": database}
	return output(t, env, "psql", "--no-psqlrc", "--no-password", "--no-align", "--tuples-only", "--command=SELECT current_user")
}

// TestExporterOfAnOlderVolume does what docs/upgrades.md says.
func TestExporterOfAnOlderVolume(t *testing.T) {
	for _, sh := range shells {
		t.Run(string(sh), func(t *testing.T) {
			secret := newSecret(t, production, nil)
			p := newPostgres(t, production, secret)
			p.initialise(t)
			p.start(t)
			p.createDatabase(t, p.env["POSTGRES_DB"])
			exporter := newPostgresExporter(t, p, secret)
			exporter.start(t)
			exporter.untilExports(t, "pg_up", "0")
			require.Contains(t, exporter.process.printed(t), `role \"postgres_exporter\" does not exist`, "the runbook says so")

			env := maps.Clone(p.env)
			env["PATH"] = sh.path()
			var authentication []string
			for range 2 {
				printed, err := output(t, env, "sh", p.documentedScript(t))
				require.NoError(t, err, printed)
				content, err := os.ReadFile(filepath.Join(p.env["PGDATA"], "pg_hba.conf"))
				require.NoError(t, err)
				authentication = append(authentication, string(content))
			}

			requireMetrics(t, postgresName, metricsOf(exporter.untilExports(t, "pg_up", "1")))
			require.Equal(t, authentication[0], authentication[1], "the second time changes something")
			printed, err := p.login(t, loopback, p.env["POSTGRES_USER"], "postgres")
			require.Error(t, err)
			require.Contains(t, printed, "no password supplied")
			requireLogin(t, p, secret)
		})
	}
}

// documentedScript is the file that the document has kubectl execute, where it is on this machine.
func (p *postgres) documentedScript(t *testing.T) string {
	t.Helper()
	scripts := document.Scripts(t, "upgrades.md", "Giving the exporter a role of its own")
	found := regexp.MustCompile(`-c database -- sh (\S+)\n`).FindStringSubmatch(strings.Join(scripts, ""))
	require.NotNil(t, found)
	require.Equal(t, "/docker-entrypoint-initdb.d/exporter.sh", found[1])
	return p.initSh
}

// A superuser whom everyone in the pod may be is refused; the database works all the same.
func TestExporterRoleIsTheUsers(t *testing.T) {
	secret := newSecret(t, production, map[string]string{"database-user": constructs.PostgresExporterRole})
	p := newPostgres(t, production, secret)
	p.initialise(t)
	p.startForInit(t)
	p.createDatabase(t, p.env["POSTGRES_DB"])

	printed, err := output(t, p.env, "bash", "-e", "-c", `. "$0"; echo "$- continues"`, p.initSh)

	require.NoError(t, err, printed)
	require.Regexp(t, `^no metrics: postgres_exporter is the exporter's role: .*\n\w+ continues\n$`, printed)
}
