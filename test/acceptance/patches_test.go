package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/manifest"
	"github.com/ai-platform/manifests/test/cluster"
)

// What is patched, and what a program adds itself, passes synthesis exactly if the API server finds no fault with its fields and their types,
// and Pod Security none with its pods. Of values the API server knows more.
func TestPatchesAndOwnObjects(t *testing.T) {
	createNamespaces(t)
	setDefault(t, "rapid.checks", "100", checks)

	accepted, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var patched object
		_, err := constructs.Render(func(app cdk8s.App) {
			chosen := drawObject(t, app)
			for range rapid.IntRange(0, 2).Draw(t, "patches") {
				addPatch(t, chosen)
			}
			patched = chosen.ToJson().(object)
		})
		if err != nil && !strings.Contains(err.Error(), "the API server would refuse objects or their pods:\n  [") {
			t.Skip("refused for another reason: ", err) // A patch of a list's field, say, or a case that needs others beside it.
		}
		created, complaint := create(t, patched)
		if err == nil {
			accepted++
			require.Empty(t, complaint, "synthesis accepts\n%s", text(t, patched))
			return
		}
		refused++
		require.False(t, created && complaint == "", "the API server accepts what synthesis refuses: %s\n%s", err, text(t, patched))
	})
	t.Logf("%d accepted, %d refused", accepted, refused)
	if !t.Failed() {
		require.NotZero(t, accepted)
		require.NotZero(t, refused)
	}
}

// drawObject adds the objects of a construct, or one of the program's own, and takes one of them.
func drawObject(t *rapid.T, app cdk8s.App) cdk8s.ApiObject {
	chart := newChart(app, "drawn", namespace)
	if rapid.Bool().Draw(t, "own object") {
		addOwn(chart, rapid.SampledFrom(ownObjects).Draw(t, "object"))
	} else {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		rapid.SampledFrom(kind.Cases).Draw(t, "case").Add(chart)
	}
	all, _ := manifest.AllPatched(app)
	isNamespace := func(p manifest.Patched) bool { return p.Kind == "Namespace" }
	if !slices.ContainsFunc(all, isNamespace) {
		constructs.NewNamespace(newChart(app, "namespace", namespace), "namespace", constructs.NamespaceProps{})
	}
	all = slices.DeleteFunc(all, func(p manifest.Patched) bool { return isNamespace(p) || isCustom(p.Group) })
	if len(all) == 0 {
		t.Skip("nothing but custom resources")
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(t, "patched object")].Node
}

// ownObjects are what programs add themselves: apiVersion, kind, and the fields in JSON.
var ownObjects = []struct{ apiVersion, kind, fields string }{
	{"v1", "ConfigMap", `{"data": {"a": "1"}, "binaryData": {"b": "AAA="}}`},
	{"v1", "Secret", `{"stringData": {"a": "1"}, "data": {"b": "AAA="}, "type": "Opaque"}`},
	{"v1", "Service", `{"spec": {"selector": {"app": "own"}, "ports": [{"port": 80, "targetPort": "http"}], "trafficDistribution": "PreferClose"}}`},
	{"v1", "Pod", `{"spec": ` + ownPod + `}`},
	{"v1", "Pod", `{"spec": {"containers": [{"name": "own", "image": "own:1"}]}}`},
	{"apps/v1", "Deployment", `{"spec": {"selector": {"matchLabels": {"app": "own"}}, "template": ` + ownTemplate + `}}`},
	{"apps/v1", "StatefulSet", `{"spec": {"selector": {"matchLabels": {"app": "own"}}, "serviceName": "own", "template": ` + ownTemplate + `}}`},
	{"apps/v1", "DaemonSet", `{"spec": {"selector": {"matchLabels": {"app": "own"}}, "template": ` + ownTemplate + `}}`},
	{"batch/v1", "CronJob", `{"spec": {"schedule": "@daily", "jobTemplate": {"spec": {"template": {"spec": ` + ownPod + `}}}}}`},
	{"batch/v1", "Job", `{"spec": {"template": {"spec": {"restartPolicy": "Never", "hostNetwork": true, "containers": [{"name": "own", "image": "own:1"}]}}}}`},
}

const (
	ownPod = `{"restartPolicy": "Never", "containers": [{"name": "own", "image": "own:1", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
		"securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}],
		"securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}}`
	ownTemplate = `{"metadata": {"labels": {"app": "own"}}, "spec": {"containers": [{"name": "own", "image": "own:1"}]}}`
)

func addOwn(chart cdk8s.Chart, own struct{ apiVersion, kind, fields string }) {
	added := cdk8s.NewApiObject(chart, jsii.String("own"), &cdk8s.ApiObjectProps{
		ApiVersion: jsii.String(own.apiVersion), Kind: jsii.String(own.kind), Metadata: &cdk8s.ApiObjectMetadata{Name: jsii.String("own")},
	})
	var fields map[string]any
	if err := json.Unmarshal([]byte(own.fields), &fields); err != nil {
		panic(fmt.Errorf("%s: %w", own.fields, err))
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		added.AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String("/"+name), fields[name]))
	}
}

// What patches set: fields that there are somewhere, or nowhere, and values of every type, some of which are right somewhere.
var (
	patchedFields = []string{
		"hostnam", "hostname", "replica", "replicas", "privileged", "securityContext", "name", "labels", "hostNetwork", "runAsNonRoot", "runAsUser", "initContainers",
		"ports", "volumes", "data", "capabilities", "seccompProfile", "immutable", "spec", "metadata", "limits", "memory", "Spec",
	}
	patchedValues = []any{
		true, false, 0, 3, 1.5, 1e12, "three", "3", "", "250m", "Always", "AAA=",
		[]any{},
		map[string]any{},
		[]any{"a"},
		[]any{1},
		map[string]any{"a": "b"},
		map[string]any{"privileged": true},
		[]any{map[string]any{"name": "init", "image": "init:1"}},
		map[string]any{"drop": []any{"ALL"}},
		[]any{map[string]any{"name": "host", "hostPath": map[string]any{"path": "/"}}},
	}
)

// addPatch sets a field that is there already, or another one of the same object.
func addPatch(t *rapid.T, to cdk8s.ApiObject) {
	fields := to.ToJson().(object)
	pointers := pointersIn(fields, "")
	pointer := rapid.SampledFrom(pointers).Draw(t, "path")
	if rapid.Bool().Draw(t, "another field") {
		pointer = pointer[:strings.LastIndex(pointer, "/")+1] + rapid.SampledFrom(patchedFields).Draw(t, "field")
	}
	value := rapid.SampledFrom(patchedValues).Draw(t, "value")
	if slices.Contains(identity, pointer) {
		return
	}
	to.AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String(pointer), value))
}

// identity are the paths of what says which object it is.
var identity = []string{"/apiVersion", "/kind", "/metadata", "/metadata/name", "/metadata/namespace"}

// pointersIn are the paths of all other fields and elements.
func pointersIn(value any, at string) []string {
	var pointers []string
	switch value := value.(type) {
	case object:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			pointer := at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
			if !slices.Contains(identity, pointer) {
				pointers = append(pointers, pointer)
			}
			pointers = append(pointers, pointersIn(value[key], pointer)...)
		}
	case []any:
		for i, element := range value {
			pointer := fmt.Sprintf("%s/%d", at, i)
			pointers = append(append(pointers, pointer), pointersIn(element, pointer)...)
		}
	}
	return pointers
}

// create creates an object, without storing it, and returns what the API server has against its fields and types, or Pod Security against its
// pods. An object whose values are refused is not created either, and Pod Security does not look at it.
func create(t require.TestingT, of object) (created bool, complaint string) {
	metadata := of["metadata"].(object)
	namespace, _ := metadata["namespace"].(string)
	createNamespace(t, namespace)
	where := cluster.ObjectPath(of["apiVersion"].(string), of["kind"].(string), namespace, metadata["name"].(string))
	url := server.URL() + path.Dir(where) + "?dryRun=All&fieldManager=acceptance&fieldValidation=Strict"
	response, err := server.Client().Post(url, "application/json", bytes.NewReader(text(t, of)))
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	warnings := strings.Join(response.Header.Values("Warning"), "\n")
	if response.StatusCode == http.StatusBadRequest || strings.Contains(string(body), "violates PodSecurity") {
		return false, string(body)
	}
	created = response.StatusCode == http.StatusCreated
	if strings.Contains(warnings, "would violate PodSecurity") {
		return created, warnings
	}
	require.Contains(t, []int{http.StatusCreated, http.StatusUnprocessableEntity, http.StatusForbidden}, response.StatusCode, string(body))
	return created, ""
}
