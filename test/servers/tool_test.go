//go:build linux

package servers

import (
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

// copyProgram puts a program where the servers' user can read it, which Go's cache may be hidden from.
func copyProgram(from, name string) (string, error) {
	content, err := os.ReadFile(from)
	if err != nil {
		return "", err
	}
	to := filepath.Join(root, name)
	return to, os.WriteFile(to, content, 0o755)
}
