package monitoring

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs/monitoring"
	"github.com/ai-platform/manifests/test/tool"
)

// judge is a program in one of its versions.
type judge struct {
	version string
	path    func() (string, error)
}

const (
	defaultVersion = "of the default image"
	debianVersion  = "of Debian"
)

var (
	promtool = judge{defaultVersion, tool.BuildOnce("promtool", "promtool")}
	amtool   = judge{defaultVersion, tool.BuildOnce("amtool", "amtool")}

	promtools = []judge{promtool, debian("promtool")}
	amtools   = []judge{amtool, debian("amtool")}
)

func debian(name string) judge {
	return judge{debianVersion, func() (string, error) { return exec.LookPath(name) }}
}

// run runs the program in a folder and returns what it prints; the error is the program's verdict.
func (j judge) run(tb testing.TB, folder string, arguments ...string) (string, error) {
	tb.Helper()
	path, err := j.path()
	require.NoError(tb, err)
	command := exec.CommandContext(tb.Context(), path, arguments...)
	command.Dir = folder
	printed, err := command.CombinedOutput()
	return string(printed), err
}

// eachVersion runs a test with each version of a program.
func eachVersion(t *testing.T, versions []judge, test func(t *testing.T, j judge)) {
	t.Helper()
	for _, j := range versions {
		t.Run(j.version, func(t *testing.T) { test(t, j) })
	}
}

// write puts a file into a new folder, which it returns.
func write(t *testing.T, name, content string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600))
	return folder
}

// A tool that is newer than the image takes what the image refuses.
func TestToolsAreOfTheDefaultImages(t *testing.T) {
	for name, module := range map[string]string{
		"promtool": "github.com/prometheus/prometheus " + prometheusModule(t, tag(monitoring.DefaultPrometheusImage)),
		"amtool":   "github.com/prometheus/alertmanager " + tag(monitoring.DefaultAlertmanagerImage),
	} {
		content, err := os.ReadFile(filepath.Join(tool.Folder(name), "go.mod"))
		require.NoError(t, err)
		require.Contains(t, string(content), "\t"+module+" // indirect\n", "take the version of the image, and go mod tidy")
	}
}

func tag(image string) string { return image[strings.LastIndex(image, ":")+1:] }

// prometheusModule is the version of the Go module that belongs to one of the server: v0.313.5 for v3.13.5.
func prometheusModule(t *testing.T, server string) string {
	t.Helper()
	var major, minor, patch int
	_, err := fmt.Sscanf(server, "v%d.%d.%d", &major, &minor, &patch)
	require.NoError(t, err, server)
	return fmt.Sprintf("v0.%d%02d.%d", major, minor, patch)
}
