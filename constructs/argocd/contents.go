package argocd

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// content is an object of an application.
type content struct {
	manifest.Key
	at *field.Path // Of the file.
}

// mayBe says in which scope the object is. Nothing here knows that of a custom resource without a namespace: it may be
// in either.
func (c content) mayBe() (clusterScoped, namespaced bool) {
	scoped, known := manifest.ClusterScoped(c.GroupKind)
	switch {
	case known:
		return scoped, !scoped
	case c.Namespace != "":
		return false, true
	}
	return true, true
}

// read lists the objects of an application's files, and what Argo CD could not read.
func read(at *field.Path, files map[string][]byte) ([]content, field.ErrorList) {
	var all []content
	var errs field.ErrorList
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !slices.Contains(manifestSuffixes, path.Ext(name)) {
			continue
		}
		in := check.At(at, name)
		found, err := readFile(in, files[name])
		if err != nil {
			errs = append(errs, field.Invalid(in, field.OmitValueType{}, strings.ReplaceAll(err.Error(), "\n", " ")))
		}
		all = append(all, found...)
	}
	return all, errs
}

// manifestSuffixes are those of the files that Argo CD applies.
// https://argo-cd.readthedocs.io/en/stable/user-guide/directory/
var manifestSuffixes = []string{".yaml", ".yml", ".json"}

func readFile(at *field.Path, file []byte) ([]content, error) {
	var all []content
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(file)))
	for i := 1; ; i++ {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		var object map[string]any
		if err := yaml.Unmarshal(document, &object); err != nil {
			return all, fmt.Errorf("document %d: %w", i, err)
		}
		if object == nil {
			continue // Nothing but comments.
		}
		found, ok := objects(at, object)
		if !ok {
			return all, fmt.Errorf("document %d: must be an object, with apiVersion, kind and metadata.name", i)
		}
		all = append(all, found...)
	}
}

// objects are the object itself, or those of a list.
func objects(at *field.Path, object map[string]any) (found []content, ok bool) {
	key := manifest.KeyOf(object)
	if items, is := object["items"].([]any); is && strings.HasSuffix(key.Kind, "List") {
		for _, item := range items {
			fields, _ := item.(map[string]any)
			inner, ok := objects(at, fields)
			if !ok {
				return nil, false
			}
			found = append(found, inner...)
		}
		return found, true
	}
	version, _ := object["apiVersion"].(string)
	return []content{{key, at}}, version != "" && key.Kind != "" && key.Name != ""
}
