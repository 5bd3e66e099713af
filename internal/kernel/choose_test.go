//go:build linux

package kernel

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/kernel/native"
)

func TestSettings(t *testing.T) {
	for value, want := range map[string]string{
		"":                    "",
		"native":              "",
		"node,explain":        "",
		"nod":                 `AI_PLATFORM_KERNEL: unknown word "nod": use native or node, and explain or check, separated by commas`,
		"native,":             `AI_PLATFORM_KERNEL: unknown word "": use native or node, and explain or check, separated by commas`,
		"native,explain,node": "AI_PLATFORM_KERNEL: native and node exclude each other",
	} {
		t.Setenv(Variable, value)
		_, err := settings()
		if want == "" {
			require.NoError(t, err, value)
			continue
		}
		require.EqualError(t, err, want)
	}
}

func TestStartRefusesSettings(t *testing.T) {
	isolate(t)
	t.Setenv("JSII_RUNTIME", "")
	t.Setenv(Variable, "nodejs")
	require.ErrorContains(t, Start(func() { t.Error("the kernel was started") }), `unknown word "nodejs"`)
}

// What changes cdk8s is for Node.js, and the user's word is the last.
func TestWhyNode(t *testing.T) {
	for _, name := range changing {
		t.Setenv(name, "")
	}
	require.Empty(t, whyNode([]string{"native"}))
	require.Equal(t, "AI_PLATFORM_KERNEL is set to it", whyNode([]string{"node"}))
	for _, name := range changing {
		t.Setenv(name, "1")
		require.Equal(t, name+" is set", whyNode([]string{"native"}))
		t.Setenv(name, "")
	}
}

// The native kernel needs no Node.js to start.
func TestStartNative(t *testing.T) {
	isolate(t)
	t.Setenv("JSII_RUNTIME", "")
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("SHELL", "/bin/zsh")
	t.Setenv(Variable, "native")
	t.Cleanup(func() { running = nil })
	before := environ()
	require.NoError(t, Start(func() {
		require.Subset(t, environ(), []string{"SHELL=/proc/self/exe", "JSII_RUNTIME=" + native.Marker, variableShell + "=/bin/zsh"})
	}))
	require.Equal(t, before, environ())
	require.Equal(t, []string{running.path}, folders(t))
}

// Node.js, and what it starts, have the user's SHELL.
func TestNodeEnvironment(t *testing.T) {
	t.Setenv("SHELL", "/bin/zsh")
	variables, err := prepareNative(false)(&folder{})
	require.NoError(t, err)
	for name, value := range variables {
		t.Setenv(name, value)
	}
	environment := nodeEnvironment("preload.js")
	require.Contains(t, environment, "SHELL=/bin/zsh")
	require.NotContains(t, environment, "SHELL="+own)
	require.NotContains(t, environment, variableShell+"=/bin/zsh")
}

// Node.js repeats what the native kernel answered, and says where the two differ.
func TestPreloadCompares(t *testing.T) {
	node := someNode(t)
	const answer = `{"ok":{"value":"a"}}`
	long := `{"ok":{"value":"` + strings.Repeat("€", 100_000) + `"}}` // In several parts, which end within characters.
	// A script stands for the runtime of jsii: it answers two requests.
	for name, test := range map[string]struct {
		recorded, answered, want string
	}{
		"the same":       {answer, answer, "next\n"},
		"a long answer":  {long, long, "next\n"},
		"same error":     {`{"error":"bad","name":"Error"}`, `{"error":"bad","name":"Error","stack":"Error: bad\n at x"}`, "next\n"},
		"another answer": {answer, `{"ok":{"value":"b"}}`, `"{\"ok\":{\"value\":\"a\"}}" instead of "{\"ok\":{\"value\":\"b\"}}" is the answer to {"api":"get"}`},
		"another error":  {`{"error":"bad","name":"Error"}`, `{"error":"worse","name":"Error"}`, "instead of"},
		"no error":       {`{"error":"bad","name":"Error"}`, answer, "instead of"},
	} {
		t.Run(name, func(t *testing.T) {
			files := &folder{path: filepath.Join(t.TempDir(), "kernel")}
			require.NoError(t, os.MkdirAll(filepath.Join(files.path, "runtime", "bin"), 0o755))
			require.NoError(t, os.MkdirAll(filepath.Join(files.path, "runtime", "lib"), 0o755))
			script, err := files.write("preload.js", preload)
			require.NoError(t, err)
			recorded, err := files.write("record", []byte(`{"api":"get"}`+"\n"+test.recorded+"\n"))
			require.NoError(t, err)
			next, err := files.write("next", []byte(`{"api":"next"}`+"\n"))
			require.NoError(t, err)
			entry, err := files.write("runtime/bin/jsii-runtime.js", nil)
			require.NoError(t, err)
			text, err := json.Marshal(test.answered)
			require.NoError(t, err)
			_, err = files.write("runtime/lib/program.js", []byte(`
				const fs = require("fs"), buffer = Buffer.alloc(1000);
				const read = () => buffer.toString("utf8", 0, fs.readSync(3, buffer, 0, 1000, null));
				const write = (line) => fs.writeSync(3, Buffer.from(line + "\n"), 0);
				write("hello");
				if (read() === '{"api":"get"}\n') write(`+string(text)+`);
				if (read() === '{"api":"next"}\n') write("next");`))
			require.NoError(t, err)

			command := exec.Command(node, entry)
			command.Env = append(environ(), "NODE_OPTIONS="+nodeOptions(script), recordVariable+"="+recorded, answeredVariable+"=1", nextVariable+"="+next, "AI_PLATFORM_KERNEL_EXIT=exit")
			command.Stdin = strings.NewReader(`{"api":"more"}` + "\n")
			out, err := command.CombinedOutput()
			require.NoError(t, err, string(out))
			require.NoDirExists(t, files.path)
			if test.want == "next\n" {
				require.Equal(t, test.want, string(out))
				return
			}
			var problem struct{ Error string }
			answers := strings.Split(strings.TrimSpace(string(out)), "\n")
			require.Len(t, answers, 2, "what was asked, and what is asked after it")
			require.Equal(t, answers[0], answers[1])
			require.NoError(t, json.Unmarshal([]byte(answers[0]), &problem), string(out))
			require.True(t, strings.HasPrefix(problem.Error, differencePrefix))
			require.Contains(t, problem.Error, test.want)
		})
	}
}
