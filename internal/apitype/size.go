package apitype

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

const (
	// AnnotationsLimit is how many bytes the API server accepts in all annotations of an object.
	// https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
	AnnotationsLimit = 256 * 1024

	// LastApplied is the annotation in which "kubectl apply" notes all of the object.
	LastApplied = "kubectl.kubernetes.io/last-applied-configuration"
)

// AppliedSize is how many bytes an object's annotations have once "kubectl apply" has noted it.
func AppliedSize(object map[string]any) int {
	encoded, err := json.Marshal(object)
	if err != nil {
		panic(err) // It came from JSON.
	}
	// kubectl writes a line, with annotations even if there are none.
	size := len(LastApplied) + len(encoded) + len("\n")
	metadata, _ := object["metadata"].(map[string]any)
	annotations, has := metadata["annotations"].(map[string]any)
	if !has {
		size += len(`"annotations":{},`)
	}
	for key, value := range annotations {
		size += len(key) + len(fmt.Sprint(value))
	}
	return size
}

// tooLarge finds an object that "kubectl apply" cannot note.
func tooLarge(object any) *field.Error {
	fields, isObject := object.(map[string]any)
	// A character takes 6 bytes at most (\u0000), and writing all objects as JSON takes longer than counting.
	if !isObject || textSize(object) < AnnotationsLimit/6 {
		return nil
	}
	size := AppliedSize(fields)
	if size <= AnnotationsLimit {
		return nil
	}
	problem := field.TooLong(field.NewPath("metadata", "annotations"), "", AnnotationsLimit)
	problem.Detail = fmt.Sprintf("\"kubectl apply\" would store %d bytes there, more than the limit of %d: split the object, "+
		"or always apply it with --server-side, and allow it with constructs.AllowFields", size, AnnotationsLimit)
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
