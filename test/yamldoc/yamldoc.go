// Package yamldoc takes files of Kubernetes objects apart, as kubectl does.
package yamldoc

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"k8s.io/apimachinery/pkg/util/yaml"
)

// Split returns the YAML documents of a file.
func Split(file []byte) ([][]byte, error) {
	var found [][]byte
	for reader := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(file))); ; {
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
