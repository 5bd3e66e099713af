package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/apps/ai-platform/chart"
	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/operate"
)

// The variable names one folder: with several environments the last would win.
func TestSynthOfAllRefusesOneFolder(t *testing.T) {
	t.Chdir(repository)
	t.Setenv("CDK8S_OUTDIR", t.TempDir())
	require.ErrorContains(t, run([]string{"synth"}, &bytes.Buffer{}), "CDK8S_OUTDIR")
}

// From another folder of the repository it would write a second dist/ there.
func TestSynthRefusesAnotherFolderOfTheProject(t *testing.T) {
	root, err := filepath.Abs(repository)
	require.NoError(t, err)
	for _, args := range [][]string{{}, {"synth"}} {
		err := run(args, &bytes.Buffer{}) // In the package's folder.
		require.ErrorContains(t, err, "dist/ and deploy/ are in "+root+": run ai-platform there")
		require.Equal(t, operate.ExitUsage, operate.ExitCode(err))
		require.NoDirExists(t, "dist")
	}
}

func TestSynthReportsChanges(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(files map[string]string) func() error {
		return func() error {
			require.NoError(t, os.RemoveAll("dist"))
			require.NoError(t, os.Mkdir("dist", 0o755))
			for name, content := range files {
				require.NoError(t, os.WriteFile(filepath.Join("dist", name), []byte(content), 0o600))
			}
			return nil
		}
	}
	for _, step := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"first", map[string]string{"a": "1", "b": "1"}, "+ dist/a\n+ dist/b\nwrote dist: 2 files, 2 changed\n"},
		{"same", map[string]string{"a": "1", "b": "1"}, "wrote dist: 2 files, 0 changed\n"},
		{"each kind", map[string]string{"a": "2", "c": "1"}, "~ dist/a\n- dist/b\n+ dist/c\nwrote dist: 2 files, 3 changed\n"},
	} {
		t.Run(step.name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, report(&out, write(step.files), "dist"))
			require.Equal(t, step.want, out.String())
		})
	}
	var out bytes.Buffer
	failed := errors.New("invalid")
	require.ErrorIs(t, report(&out, func() error { return failed }, "dist"), failed)
	require.Empty(t, out.String())
}

func TestEveryFolderIsWritten(t *testing.T) {
	folders := []string{filepath.Dir(chart.Directory), filepath.Dir(platform.ApplicationsDirectory)}
	for _, e := range platform.Environments() {
		folders = append(folders, e.Directory())
	}
	requireFolders(t, "deploy", folders)
	requireFolders(t, filepath.Dir(platform.ApplicationsDirectory), []string{platform.ApplicationSetDirectory, platform.ApplicationsDirectory})
}

// requireFolders wants nothing else in a folder.
func requireFolders(t *testing.T, in string, folders []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(repository, in))
	require.NoError(t, err)
	for _, entry := range entries {
		require.Contains(t, folders, filepath.Join(in, entry.Name()))
	}
}
