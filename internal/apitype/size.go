package apitype

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

const (
	// annotationsLimit is how many bytes the API server accepts in all annotations of an object.
	// https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
	annotationsLimit = 256 * 1024

	// lastApplied is the annotation in which "kubectl apply" notes all of the object.
	lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
)

// tooLarge finds an object that "kubectl apply" cannot note in an annotation.
func tooLarge(object any) *field.Error {
	if textSize(object) < annotationsLimit/6 {
		return nil // A character takes 6 bytes at most (\\u0000), and writing all objects as JSON takes longer than counting.
	}
	encoded, err := json.Marshal(object)
	if err != nil {
		panic(err) // It came from JSON.
	}
	// kubectl writes a line, with annotations even if there are none.
	size := len(lastApplied) + len(encoded) + len("\n")
	fields, _ := object.(map[string]any)
	metadata, _ := fields["metadata"].(map[string]any)
	annotations, has := metadata["annotations"].(map[string]any)
	if !has {
		size += len(`"annotations":{},`)
	}
	for key, value := range annotations {
		size += len(key) + len(fmt.Sprint(value))
	}
	if size <= annotationsLimit {
		return nil
	}
	problem := field.TooLong(field.NewPath("metadata", "annotations"), "", annotationsLimit)
	problem.Detail = fmt.Sprintf("\"kubectl apply\" notes the object there, which takes %d bytes, and %d are allowed: split the object, "+
		"or always apply it with --server-side and allow this with constructs.AllowFields", size, annotationsLimit)
	return problem
}

// textSize is the length of all keys and texts of a value.
func textSize(value any) int {
	size := 0
	switch value := value.(type) {
	case string:
		return len(value)
	case map[string]any:
		for key, below := range value {
			size += len(key) + textSize(below)
		}
	case []any:
		for _, below := range value {
			size += textSize(below)
		}
	}
	return size
}
