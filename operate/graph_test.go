package operate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

const pod = `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: []}
`

// graph runs the command for an application with the environment production in a folder of files.
func graph(t *testing.T, files map[string]string, args ...string) (string, error) {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o666))
	}
	root := &cobra.Command{Use: "shop", SilenceUsage: true, SilenceErrors: true}
	root.AddCommand(Commands(Application{Environments: []Environment{{Name: "production", Directory: folder}}})...)
	root.SetArgs(append([]string{"graph"}, args...))
	var out bytes.Buffer
	root.SetOut(&out)
	err := root.Execute()
	return out.String(), err
}

func TestGraphOutputs(t *testing.T) {
	for output, want := range map[string]string{
		"mermaid": "flowchart LR\n    web[\"web\"]\n    anywhere((\"anywhere\"))\n    anywhere <-->|\"all ports\"| web\n",
		"dot": "digraph {\n\trankdir=LR\n\t\"web\" [shape=box]\n\t\"anywhere\" [shape=ellipse]\n" +
			"\t\"anywhere\" -> \"web\" [label=\"all ports\" dir=both]\n}\n",
	} {
		out, err := graph(t, map[string]string{"web.yaml": pod}, "production", "--output", output)
		require.NoError(t, err)
		require.Equal(t, want, out)
	}
}

func TestGraphJSON(t *testing.T) {
	out, err := graph(t, map[string]string{"web.yaml": pod}, "-o", "json")
	require.NoError(t, err)
	everyPort := []any{
		map[string]any{"protocol": "SCTP", "port": 1.0, "endPort": 65535.0},
		map[string]any{"protocol": "TCP", "port": 1.0, "endPort": 65535.0},
		map[string]any{"protocol": "UDP", "port": 1.0, "endPort": 65535.0},
	}
	var found any
	require.NoError(t, json.Unmarshal([]byte(out), &found))
	require.Equal(t, map[string]any{
		"nodes": []any{
			map[string]any{"id": "web", "type": "workload", "kind": "Pod", "namespace": "shop", "name": "web"},
			map[string]any{"id": "anywhere", "type": "anywhere"},
		},
		"edges": []any{
			map[string]any{"from": "web", "to": "web", "ports": everyPort},
			map[string]any{"from": "web", "to": "anywhere", "ports": everyPort},
			map[string]any{"from": "anywhere", "to": "web", "ports": everyPort},
		},
	}, found)
}

// As kubectl does, the commands read three kinds of files.
func TestGraphOfEachKindOfFile(t *testing.T) {
	files := map[string]string{}
	for _, name := range []string{"a.yaml", "b.yml", "c.json", "d.txt", "e.yaml.orig"} {
		files[name] = fmt.Sprintf(`{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": %q, "namespace": "shop"}, "spec": {"containers": []}}`, name)
	}
	out, err := graph(t, files, "-o", "json")
	require.NoError(t, err)
	var found struct{ Nodes []struct{ Name string } }
	require.NoError(t, json.Unmarshal([]byte(out), &found))
	var names []string
	for _, node := range found.Nodes {
		names = append(names, node.Name)
	}
	require.Equal(t, []string{"a.yaml", "b.yml", "c.json", ""}, names, "the last one stands for any address")
}

// A program that reads JSON finds lists, also if they are empty.
func TestGraphJSONOfNoPods(t *testing.T) {
	out, err := graph(t, map[string]string{"a.yaml": "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"}, "-o", "json")
	require.NoError(t, err)
	require.JSONEq(t, `{"nodes": [], "edges": []}`, out)
}

func TestGraphOfWrongCommandLines(t *testing.T) {
	for want, args := range map[string][]string{
		`unknown environment "prod": must be one of production`:                                 {"prod"},
		`--output=svg: must be mermaid, dot or json`:                                            {"--output", "svg"},
		`accepts at most 1 arg(s), received 2`:                                                  {"production", "staging"},
		`unknown flag: --svg`:                                                                   {"--svg"},
		`invalid argument "x" for "--dns" flag: strconv.ParseBool: parsing "x": invalid syntax`: {"--dns=x"},
	} {
		out, err := graph(t, map[string]string{"web.yaml": pod}, args...)
		require.EqualError(t, err, want)
		require.Equal(t, ExitUsage, ExitCode(err))
		require.Empty(t, out)
	}
}

func TestGraphOfUnreadableManifests(t *testing.T) {
	out, err := graph(t, map[string]string{"a.yaml": "a: b: c", "b.yaml": pod, "c.yaml": "kind: Pod"})
	require.ErrorContains(t, err, "a.yaml: document 1: ")
	require.ErrorContains(t, err, "c.yaml: document 1: must be an object")
	require.Equal(t, ExitError, ExitCode(err))
	require.Empty(t, out)
}

func TestGraphOfAMissingFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := Environment{Name: "production", Directory: "dist"}.graph()
	require.EqualError(t, err, "read the manifests of production: open dist: no such file or directory: synthesize them, and run the command in the repository's root")
}

func TestGraphOfNothing(t *testing.T) {
	_, err := graph(t, nil)
	require.ErrorContains(t, err, "synthesize them first")
	require.Equal(t, ExitError, ExitCode(err))
}

func TestGraphOfWrongPolicies(t *testing.T) {
	policy := "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}, spec: {podSelectors: {}}}"
	_, err := graph(t, map[string]string{"a.yaml": policy})
	require.EqualError(t, err, `NetworkPolicy shop/p: strict decoding error: unknown field "spec.podSelectors"`)
	require.Equal(t, ExitError, ExitCode(err))
}

// A drawing without a policy would show connections as closed that are open, or the other way round.
func TestGraphOfPoliciesThatAreNotUnderstood(t *testing.T) {
	policy := "{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: p, namespace: shop}, spec: {endpointSelector: {}, egressDeny: []}}"
	_, err := graph(t, map[string]string{"a.yaml": policy})
	require.EqualError(t, err, "CiliumNetworkPolicy shop/p: only endpointSelector, fromEntities, toEntities and their ports are supported: "+
		`strict decoding error: unknown field "spec.egressDeny"`)
	require.Equal(t, ExitError, ExitCode(err))
}
