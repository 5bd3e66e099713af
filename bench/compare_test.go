package main

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

const written = `apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  namespace: ai-platform
  annotations:
    argocd.argoproj.io/sync-wave: "1"
data: {key: value}
---
apiVersion: v1
kind: Namespace
metadata: {name: ai-platform}
`

// prints is a row whose program prints a text.
func prints(key, text string) *row {
	return &row{key: key, name: key, command: []string{"printf", "%s", text}}
}

func TestCompare(t *testing.T) {
	folder := t.TempDir()
	fromHelm := "apiVersion: v1\nkind: Namespace\nmetadata: {name: ai-platform, annotations: {helm.sh/resource-policy: keep}}\n" +
		"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: ai-platform}\ndata: {key: value}\n"
	program := filepath.Join(folder, "program")
	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\nmkdir out\ncat > out/a.yaml <<'END'\n"+written+"END\n"), 0o755))
	toFolder := func() *row {
		return &row{key: application, name: "application", command: []string{program}, dir: folder, output: filepath.Join(folder, "out")}
	}

	rows := []*row{toFolder(), prints(helm, fromHelm)}
	require.NoError(t, (&build{}).compare(rows))
	require.Equal(t, 2, rows[0].objects)
	require.Equal(t, 2, rows[1].objects)

	for name, other := range map[string]*row{
		"a value":   prints(helm, written[:len(written)-len("ai-platform}\n")]+"other}\n"),
		"an object": prints(kustomize, written[:len(written)/2]),
		"nothing":   prints(javaScript, ""),
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, (&build{}).compare([]*row{toFolder(), other}), "does not write the objects of the application")
		})
	}
}

func TestCompareCopies(t *testing.T) {
	want := byName([]object{{"kind": "Namespace", "metadata": object{"name": "ai-platform"}}, {"kind": "Service", "metadata": object{"name": "a"}}})
	var copies []object
	for i := range 2 {
		namespace := "platform-" + strconv.Itoa(i)
		copies = append(copies, object{"kind": "Namespace", "metadata": object{"name": namespace}},
			object{"kind": "Service", "metadata": object{"name": "a", "namespace": namespace}})
	}
	require.NoError(t, compareCopies(want, copies))
	require.ErrorContains(t, compareCopies(want, copies[:3]), "namespace platform-1 has not the objects of the application")
}
