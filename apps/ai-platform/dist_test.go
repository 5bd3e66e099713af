package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

// repository is the folder that dist/ and deploy/ are in, seen from this package.
const repository = "../.."

func TestMain(m *testing.M) {
	code := m.Run()
	constructs.Close()
	os.Exit(code)
}

// What is committed is this application's golden output.
func TestCommittedManifestsAreCurrent(t *testing.T) {
	for _, e := range environments {
		t.Run(e.name, func(t *testing.T) {
			rendered, err := constructs.Render(e.platform)
			require.NoError(t, err)
			committed := readFolder(t, filepath.Join(repository, e.folder()))
			require.Empty(t, cmp.Diff(committed, asText(rendered)), "run `make synth` and review the difference")
		})
	}
}

func TestEveryFolderBelongsToAnEnvironment(t *testing.T) {
	folders := []string{filepath.Dir(chartFolder)}
	for _, e := range environments {
		folders = append(folders, e.folder())
	}
	entries, err := os.ReadDir(filepath.Join(repository, "deploy"))
	require.NoError(t, err)
	for _, entry := range entries {
		require.Contains(t, folders, filepath.Join("deploy", entry.Name()))
	}
}

func readFolder(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	files := map[string]string{}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		require.NoError(t, err)
		files[entry.Name()] = string(content)
	}
	return files
}

func asText(files map[string][]byte) map[string]string {
	text := map[string]string{}
	for name, content := range files {
		text[name] = string(content)
	}
	return text
}
