//go:build unix

package kernel

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// supportedNode lets Start find a Node.js, without starting it: what it brings up is the test's own.
func supportedNode(t *testing.T) {
	t.Helper()
	folder := isolate(t)
	t.Setenv("JSII_RUNTIME", "")
	t.Setenv(Variable, "node")
	t.Setenv("TMPDIR", t.TempDir())
	fakeNode(t, filepath.Join(folder, "path"), "v22.0.0")
	t.Cleanup(func() { running = nil })
}

func TestNodeOptions(t *testing.T) {
	tests := map[string]struct{ options, script, want string }{
		"none":       {"", "/tmp/x.js", `--max-old-space-size=4069 --require "/tmp/x.js"`},
		"the user's": {"--trace-warnings", "/tmp/x.js", `--trace-warnings --require "/tmp/x.js"`},
		"spaces":     {"", "/my temp/x.js", `--max-old-space-size=4069 --require "/my temp/x.js"`},
		"quotes":     {"", `/a"b\c/x.js`, `--max-old-space-size=4069 --require "/a\"b\\c/x.js"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("NODE_OPTIONS", test.options)
			require.Equal(t, test.want, nodeOptions(test.script))
		})
	}
}

// Node.js itself understands the quotes.
func TestNodeOptionsRun(t *testing.T) {
	node := someNode(t)
	folder := filepath.Join(t.TempDir(), `it's a "strange" \ folder`)
	require.NoError(t, os.Mkdir(folder, 0o755))
	script := filepath.Join(folder, "preload.js")
	require.NoError(t, os.WriteFile(script, []byte(`console.log("preloaded")`), 0o666))

	command := exec.Command(node, "--eval", "0")
	command.Env = append(os.Environ(), "NODE_OPTIONS="+nodeOptions(script))
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "preloaded\n", string(out))
}

func TestStartRestoresEnvironment(t *testing.T) {
	for name, set := range map[string]func(t *testing.T){
		"unset": func(t *testing.T) { t.Helper(); unsetenv(t, "JSII_NODE"); unsetenv(t, "NODE_OPTIONS") },
		"empty": func(t *testing.T) { t.Helper(); t.Setenv("NODE_OPTIONS", "") },
		"set":   func(t *testing.T) { t.Helper(); t.Setenv("NODE_OPTIONS", "--trace-warnings") },
	} {
		t.Run(name, func(t *testing.T) {
			supportedNode(t)
			set(t)
			before := environ()
			var during []string
			require.NoError(t, Start(func() { during = environ() }))
			require.NotEqual(t, before, during)
			require.Equal(t, before, environ())
			require.Equal(t, []string{running.path}, folders(t))
		})
	}
}

func TestStartRestoresEnvironmentAfterPanic(t *testing.T) {
	supportedNode(t)
	before := environ()
	require.PanicsWithValue(t, "no kernel", func() { _ = Start(func() { panic("no kernel") }) })
	require.Equal(t, before, environ())
	require.Empty(t, folders(t))
	require.Nil(t, running)
}

func TestStartOnce(t *testing.T) {
	supportedNode(t)
	require.NoError(t, Start(func() {}))
	before := environ()
	require.NoError(t, Start(func() { require.Equal(t, before, environ(), "the running kernel needs no environment") }))
}

// A user's own runtime is none of this package's business: no Node.js is looked for, and nothing is set.
func TestStartWithOwnRuntime(t *testing.T) {
	isolate(t)
	t.Setenv("JSII_RUNTIME", "my-runtime")
	before := environ()
	started := false
	require.NoError(t, Start(func() {
		started = true
		require.Equal(t, before, environ())
	}))
	require.True(t, started)
	require.Nil(t, running)
}

// someNode is the Node.js of this machine. Without one, the test is skipped.
func someNode(t *testing.T) string {
	t.Helper()
	node, err := FindNode()
	if err != nil {
		t.Skip(err)
	}
	return node
}

func environ() []string { return slices.Sorted(slices.Values(os.Environ())) }

// unsetenv is t.Setenv for a variable that is not to be there at all.
func unsetenv(t *testing.T, name string) {
	t.Helper()
	t.Setenv(name, "")
	require.NoError(t, os.Unsetenv(name))
}

func folders(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(os.TempDir(), "ai-platform-kernel-*"))
	require.NoError(t, err)
	return found
}
