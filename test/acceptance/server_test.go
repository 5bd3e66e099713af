package acceptance

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/fields"
)

type object = map[string]any

func decode(t require.TestingT, manifest []byte) []object {
	var objects []object
	for _, document := range strings.Split(string(manifest), "\n---\n") {
		decoded := object{}
		require.NoError(t, yaml.Unmarshal([]byte(document+"\n"), &decoded), "cdk8s wrote YAML that does not parse:\n%s", document)
		objects = append(objects, decoded)
	}
	return objects
}

// checkAccepted applies an object, without storing it, and wants it back as it was written: a value that the server
// changes is one that GitOps tools report as a difference for ever, and so is one that it adds to a custom resource.
func checkAccepted(t require.TestingT, written object) {
	stored, warnings := apply(t, written)
	require.Empty(t, warnings, "warnings for\n%s", text(t, written))
	require.Empty(t, cmp.Diff(written, fields.Common(written, stored)), "the API server changed\n%s", text(t, written))
	if group, _, grouped := strings.Cut(written["apiVersion"].(string), "/"); grouped && isCustom(group) {
		require.Empty(t, cmp.Diff(written["spec"], stored["spec"]), "the API server filled in\n%s", text(t, written))
	}
}

// apply is a server-side apply, which is stricter than a creation: it refuses duplicates in lists as well.
func apply(t require.TestingT, written object) (stored object, warnings []string) {
	metadata := written["metadata"].(object)
	namespace, _ := metadata["namespace"].(string)
	createNamespace(t, namespace)
	path := cluster.ObjectPath(written["apiVersion"].(string), written["kind"].(string), namespace, metadata["name"].(string))
	url := server.URL() + path + "?dryRun=All&fieldManager=acceptance&fieldValidation=Strict&force=true"

	request, err := http.NewRequest(http.MethodPatch, url, bytes.NewReader(text(t, written)))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/apply-patch+yaml")
	response, err := server.Client().Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Contains(t, []int{http.StatusOK, http.StatusCreated}, response.StatusCode, "refused: %s\n%s", body, text(t, written))
	require.NoError(t, json.Unmarshal(body, &stored))
	return stored, response.Header.Values("Warning")
}

// createNamespace creates the namespace of an object that is not where its chart is, as those of Argo CD.
func createNamespace(t require.TestingT, name string) {
	if name == "" || created[name] {
		return
	}
	created[name] = true
	body := text(t, object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": name}})
	response, err := server.Client().Post(server.URL()+"/api/v1/namespaces", "application/json", bytes.NewReader(body))
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	require.Contains(t, []int{http.StatusCreated, http.StatusConflict}, response.StatusCode, "the namespace %s", name)
}

var created = map[string]bool{}

func text(t require.TestingT, written object) []byte {
	encoded, err := json.MarshalIndent(written, "", " ")
	require.NoError(t, err)
	return encoded
}
