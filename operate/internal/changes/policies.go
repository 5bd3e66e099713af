package changes

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ai-platform/manifests/operate/internal/connectivity"
)

// markPolicies finds connections of pods that run which are open before and closed afterwards, and the change that closes each: of a policy,
// or of labels and ports that policies name. The changes are taken one after another, as they are applied.
func (c *Comparison) markPolicies() {
	state := slices.Clone(c.Others)
	for _, change := range c.Changes {
		state = append(state, change.Before)
	}
	states := [][]unstructured.Unstructured{decisive(state)}
	var steps []*Change
	for i, change := range c.Changes {
		if change.Before == change.remains() {
			continue
		}
		state[len(c.Others)+i] = change.remains()
		if change.Action != None && len(decisive([]*unstructured.Unstructured{change.Before, change.remains()})) > 0 {
			steps = append(steps, change)
			states = append(states, decisive(state))
		}
	}
	for i, closings := range connectivity.Closed(states...) {
		for _, closing := range closings {
			steps[i].warn(Danger{Kind: "policy", Message: closing.String()})
		}
	}
}

// decisive are the objects that decide about connections. Those that are not there are left out.
func decisive(objects []*unstructured.Unstructured) []unstructured.Unstructured {
	var found []unstructured.Unstructured
	for _, object := range objects {
		if object != nil && connectivity.Decides(object.GroupVersionKind().GroupKind()) {
			found = append(found, *object)
		}
	}
	return found
}
