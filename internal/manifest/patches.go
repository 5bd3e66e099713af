package manifest

import (
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/internal/kernel"
)

// Patches are the JSON patches of an object.
type Patches struct {
	Object cdk8s.ApiObject
	Remove string // A path. Nothing is removed if it is empty.
	Add    []Addition
}

// Addition is a JSON patch that adds a value at a path.
type Addition struct {
	Path  string
	Value any // As encoding/json gives it.
}

// AddPatches adds patches to objects: Object.AddJsonPatch for each, with fewer requests to the kernel.
func AddPatches(all ...Patches) {
	var objects []any
	var calls [][][]any
	for _, p := range all {
		if c := p.calls(); len(c) > 0 {
			objects, calls = append(objects, p.Object), append(calls, c)
		}
	}
	if len(objects) == 0 || kernel.AddPatches(objects, calls) {
		return
	}
	for _, p := range all {
		if operations := p.operations(); len(operations) > 0 {
			p.Object.AddJsonPatch(operations...)
		}
	}
}

// calls are the methods of JsonPatch and their arguments.
func (p Patches) calls() [][]any {
	var calls [][]any
	if p.Remove != "" {
		calls = append(calls, []any{"remove", p.Remove})
	}
	for _, a := range p.Add {
		calls = append(calls, []any{"add", a.Path, a.Value})
	}
	return calls
}

func (p Patches) operations() []cdk8s.JsonPatch {
	var operations []cdk8s.JsonPatch
	if p.Remove != "" {
		operations = append(operations, cdk8s.JsonPatch_Remove(&p.Remove))
	}
	for _, a := range p.Add {
		operations = append(operations, cdk8s.JsonPatch_Add(&a.Path, a.Value))
	}
	return operations
}
