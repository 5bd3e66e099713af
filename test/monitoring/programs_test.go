package monitoring

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs/monitoring"
	"github.com/ai-platform/manifests/test/tool"
)

func TestMain(m *testing.M) {
	// Without them, the options of a panel and its queries are decoded as any JSON.
	plugins.RegisterDefaultPlugins()
	os.Exit(m.Run())
}

// program is promtool or amtool in one of its versions.
type program struct {
	version string
	path    func() (string, error)
}

const debianVersion = "of Debian"

var (
	promtool = program{"of the default image", tool.BuildOnce("promtool", "promtool")}
	amtool   = program{"of the default image", tool.BuildOnce("amtool", "amtool")}

	promtools = []program{promtool, debian("promtool", "prometheus")}
	amtools   = []program{amtool, debian("amtool", "prometheus-alertmanager")}
)

func debian(name, debianPackage string) program {
	return program{debianVersion, func() (string, error) {
		path, err := exec.LookPath(name)
		if err != nil {
			return "", fmt.Errorf("%w: install Debian's package %s", err, debianPackage)
		}
		return path, nil
	}}
}

// run runs the program in a directory that holds the given files, by path. The error is the program's verdict.
func (p program) run(t *testing.T, contents map[string]string, arguments ...string) (printed string, err error) {
	t.Helper()
	path, err := p.path()
	require.NoError(t, err)
	directory := t.TempDir()
	for name, content := range contents {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(directory, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600))
	}
	command := exec.CommandContext(t.Context(), path, arguments...)
	command.Dir = directory
	output, err := command.CombinedOutput()
	return string(output), err
}

// A program that is newer than the image accepts what the image refuses.
func TestProgramsAreOfTheDefaultImages(t *testing.T) {
	version := func(image string) string { return image[strings.LastIndex(image, ":")+1:] }
	// Prometheus 3.13.5 is version 0.313.5 of its Go module.
	var major, minor, patch int
	_, err := fmt.Sscanf(version(monitoring.DefaultPrometheusImage), "v%d.%d.%d", &major, &minor, &patch)
	require.NoError(t, err)
	for name, module := range map[string]string{
		"promtool": fmt.Sprintf("github.com/prometheus/prometheus v0.%d%02d.%d", major, minor, patch),
		"amtool":   "github.com/prometheus/alertmanager " + version(monitoring.DefaultAlertmanagerImage),
	} {
		content, err := os.ReadFile(filepath.Join(tool.Folder(name), "go.mod"))
		require.NoError(t, err)
		require.Contains(t, string(content), "\t"+module+" // indirect\n", "take the version of the image, and go mod tidy")
	}
}
