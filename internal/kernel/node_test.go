//go:build unix

package kernel

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeNode writes a program named node into a folder: it prints what a Node.js prints as its version.
func fakeNode(t *testing.T, folder, prints string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(folder, 0o755))
	path := filepath.Join(folder, "node")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho '"+prints+"'\n"), 0o755))
	return path
}

// isolate lets the test see no Node.js but those that it makes, and returns an empty folder to work in.
func isolate(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	t.Chdir(folder)
	t.Setenv("JSII_NODE", "")
	t.Setenv("PATH", filepath.Join(folder, "path"))
	return folder
}

func TestFindNodeNamed(t *testing.T) {
	folder := isolate(t)
	fakeNode(t, filepath.Join(folder, "path"), "v24.1.0")
	named := fakeNode(t, filepath.Join(folder, "named"), "v22.0.0")
	t.Setenv("JSII_NODE", named)
	found, err := FindNode()
	require.NoError(t, err)
	require.Equal(t, named, found)
}

// A Node.js that the user names is the one to use or to complain about, whatever else there is.
func TestFindNodeRefusesNamed(t *testing.T) {
	folder := isolate(t)
	fakeNode(t, filepath.Join(folder, "path"), "v24.1.0")
	folders := filepath.Join(folder, "named")
	old := fakeNode(t, filepath.Join(folders, "old"), "v20.1.0")
	none := fakeNode(t, filepath.Join(folders, "none"), "Python 3.11.2")
	missing := filepath.Join(folders, "missing", "node")

	for named, want := range map[string]string{
		old:     "JSII_NODE: " + old + " is v20.1.0: set it to Node.js 22 or newer",
		none:    "JSII_NODE: " + none + " is Python 3.11.2: set it to Node.js 22 or newer",
		missing: "JSII_NODE: " + missing + " does not run (fork/exec " + missing + ": no such file or directory): set it to Node.js 22 or newer",
	} {
		t.Setenv("JSII_NODE", named)
		_, err := FindNode()
		require.EqualError(t, err, want)
	}
}

func TestFindNodeNearestFirst(t *testing.T) {
	folder := isolate(t)
	inPath := fakeNode(t, filepath.Join(folder, "path"), "v22.0.0")
	above := fakeNode(t, filepath.Join(folder, "node_modules", "node", "bin"), "v22.1.0")
	near := fakeNode(t, filepath.Join(folder, "project", "node_modules", "node", "bin"), "v20.1.0")
	nearest := fakeNode(t, filepath.Join(folder, "project", "below", "node_modules", "node", "bin"), "v24.0.0")

	for workingFolder, want := range map[string]string{
		"project/below": nearest,
		"project":       above, // The one of the project is too old.
		"":              above,
	} {
		t.Chdir(filepath.Join(folder, workingFolder))
		found, err := FindNode()
		require.NoError(t, err)
		require.Equal(t, want, found, workingFolder)
	}

	require.NoError(t, os.Remove(above))
	t.Chdir(folder)
	found, err := FindNode()
	require.NoError(t, err)
	require.Equal(t, inPath, found)
	require.NotEqual(t, near, found)
}

func TestFindNodeNowhere(t *testing.T) {
	isolate(t)
	_, err := FindNode()
	require.EqualError(t, err,
		`cdk8s requires Node.js 22 or newer (none is in PATH or node_modules): run "npm install node@24" here, or set JSII_NODE`)
}

func TestFindNodeOldOnly(t *testing.T) {
	folder := isolate(t)
	inPath := fakeNode(t, filepath.Join(folder, "path"), "v20.1.0")
	inModules := fakeNode(t, filepath.Join(folder, "node_modules", "node", "bin"), "v18.20.0")
	_, err := FindNode()
	require.EqualError(t, err, "cdk8s requires Node.js 22 or newer ("+inModules+" is v18.20.0, "+inPath+
		` is v20.1.0): run "npm install node@24" here, or set JSII_NODE`)
}

func TestStartWithoutNode(t *testing.T) {
	isolate(t)
	t.Setenv("JSII_RUNTIME", "")
	t.Setenv(Variable, "node")
	require.ErrorContains(t, Start(func() { t.Error("the kernel was started") }), "cdk8s requires Node.js 22 or newer")
}
