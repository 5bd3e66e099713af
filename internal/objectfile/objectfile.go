// Package objectfile reads files of Kubernetes objects, as kubectl and Argo CD do.
package objectfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// IsRead reports whether a file of that name holds objects: kubectl and Argo CD leave out others in a directory.
// https://argo-cd.readthedocs.io/en/stable/user-guide/directory/
func IsRead(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name))
}

// Read returns the objects of a file in their order, those of lists one by one. If it cannot read a document, it also returns the objects
// before.
func Read(file []byte) ([]map[string]any, error) {
	var all []map[string]any
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
		found, ok := single(object)
		if !ok {
			return all, fmt.Errorf("document %d: must be an object, with apiVersion, kind and metadata.name", i)
		}
		all = append(all, found...)
	}
}

// single are the object itself, or those of a list.
func single(object map[string]any) (found []map[string]any, ok bool) {
	kind, _ := object["kind"].(string)
	if items, is := object["items"].([]any); is && strings.HasSuffix(kind, "List") {
		for _, item := range items {
			fields, _ := item.(map[string]any)
			inner, ok := single(fields)
			if !ok {
				return nil, false
			}
			found = append(found, inner...)
		}
		return found, true
	}
	version, _ := object["apiVersion"].(string)
	metadata, _ := object["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	return []map[string]any{object}, version != "" && kind != "" && name != ""
}
