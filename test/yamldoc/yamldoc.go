// Package yamldoc splits files of Kubernetes objects as kubectl does.
package yamldoc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"
)

// Read returns the YAML documents of a file.
func Read(name string) ([][]byte, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	documents, err := Split(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return documents, nil
}

// Split returns the YAML documents of a file's content.
func Split(content []byte) ([][]byte, error) {
	var found [][]byte
	for reader := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content))); ; {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		found = append(found, document)
	}
}

// Objects returns the objects of a file's content, with whole numbers as such. A key that is there twice is an error.
func Objects(content []byte) ([]*unstructured.Unstructured, error) {
	documents, err := Split(content)
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	for _, document := range documents {
		encoded, err := sigsyaml.YAMLToJSONStrict(document)
		if err != nil {
			return nil, err
		}
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(encoded); err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
	return objects, nil
}
