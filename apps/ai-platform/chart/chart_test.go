package chart

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/internal/inspect"
	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/chart"
)

// repository is the folder that dist/ and deploy/ are in, seen from this package.
const repository = "../../.."

func TestMain(m *testing.M) {
	code := m.Run()
	constructs.Close()
	os.Exit(code)
}

func TestCommittedChartIsCurrent(t *testing.T) {
	files, err := Files()
	require.NoError(t, err)
	committed := inspect.Files(t, filepath.Join(repository, Directory))
	require.Empty(t, cmp.Diff(committed, inspect.Text(files)), "run `make synth` and review the difference")
	for name, content := range files {
		require.True(t, chart.IsGenerated(name, content), "%s: synthesis would refuse to replace it", name)
	}
}

func TestChartBeginsWithTheTiers(t *testing.T) {
	var paths []string
	for _, s := range settings() {
		paths = append(paths, s.Path)
	}
	tier := []string{
		"replicaCount", "image", "resources.requests.cpu", "resources.requests.memory", "resources.limits.cpu", "resources.limits.memory",
	}
	for _, name := range []string{"frontend", "backend"} {
		first := slices.Index(paths, name+".replicaCount")
		for i, path := range tier {
			require.Equal(t, name+"."+path, paths[first+i])
		}
	}
	require.Equal(t, "frontend.replicaCount", paths[0])
}

// The chart refuses variables that connections set, as the constructs do.
func TestVariablesOfConnectionsAreTaken(t *testing.T) {
	for _, tier := range []string{"frontend", "backend"} {
		var want []string
		deployment := inspect.Find(t, production(t), "Deployment", "ai-platform-"+tier)
		for name := range inspect.Variables(t, inspect.Container(t, deployment)) {
			want = append(want, name)
		}
		all := settings()
		at := slices.IndexFunc(all, func(s setting) bool { return s.Path == tier+".env" })
		slices.Sort(want)
		given := []string{valueAt(tier + ".env"), ".Values." + tier + ".secretEnv", ".Values." + tier + ".envFromSecrets"}
		require.Contains(t, all[at].checks[0], strings.Join(append(given, quoted(want)...), " ")+")")
	}
}

func production(t *testing.T) []inspect.Object {
	t.Helper()
	return inspect.Objects(t, filepath.Join(repository, platform.Production().Directory()))
}

// The notes tell how to make a Secret with every key that the command secret gives one.
func TestNotesMakeTheSecret(t *testing.T) {
	for key, value := range platform.SecretValues("$database_password", "$(openssl rand -hex 24)", "$(openssl rand -hex 24)") {
		value = strings.ReplaceAll(value, "%24database_password", "$database_password")
		require.Contains(t, notes, "\n"+key+"="+value+"\n")
	}
	require.Contains(t, notes, platform.SlackURLKey)
}
