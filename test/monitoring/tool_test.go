package monitoring

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

// tools is the folder of the judges that are built: a module for each.
const tools = "../judges/tools"

// tool is a program in one of its versions.
type tool struct {
	version string
	path    func() (string, error)
}

const (
	defaultVersion = "of the default image"
	debianVersion  = "of Debian"
)

var (
	promtool = tool{defaultVersion, buildOnce("promtool")}
	amtool   = tool{defaultVersion, buildOnce("amtool")}

	promtools = []tool{promtool, debian("promtool")}
	amtools   = []tool{amtool, debian("amtool")}
)

func debian(name string) tool {
	return tool{debianVersion, func() (string, error) { return exec.LookPath(name) }}
}

// buildOnce returns a function that returns the path of a program of the module tools/<name>. Its first call builds the
// program, unless Go has it in its cache.
func buildOnce(name string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		// -n builds the tool, and prints its path instead of running it.
		command := exec.Command("go", "-C", filepath.Join(tools, name), "tool", "-n", name)
		// A workspace around the repository would not list the module, and go refuses to work on a module it does not list.
		command.Env = append(os.Environ(), "GOWORK=off")
		var stderr bytes.Buffer
		command.Stderr = &stderr
		path, err := command.Output()
		if err != nil {
			return "", fmt.Errorf("%s: %w\n%s", command, err, &stderr)
		}
		return strings.TrimSpace(string(path)), nil
	})
}

// run runs the program in a folder and returns what it prints; the error is the program's verdict.
func (t tool) run(tb testing.TB, folder string, arguments ...string) (string, error) {
	tb.Helper()
	path, err := t.path()
	require.NoError(tb, err)
	command := exec.CommandContext(tb.Context(), path, arguments...)
	command.Dir = folder
	printed, err := command.CombinedOutput()
	return string(printed), err
}

// eachTool runs a test with each version of a program.
func eachTool(t *testing.T, versions []tool, test func(t *testing.T, judge tool)) {
	t.Helper()
	for _, judge := range versions {
		t.Run(judge.version, func(t *testing.T) { test(t, judge) })
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
		"promtool": "github.com/prometheus/prometheus " + prometheusModule(t, tag(constructs.DefaultPrometheusImage)),
		"amtool":   "github.com/prometheus/alertmanager " + tag(constructs.DefaultAlertmanagerImage),
	} {
		content, err := os.ReadFile(filepath.Join(tools, name, "go.mod"))
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
