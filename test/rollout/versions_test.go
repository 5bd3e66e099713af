package rollout

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// version is what tells a changed object from an unchanged one.
type version struct {
	uid             types.UID
	resourceVersion string
	generation      int64
}

func versions(objects map[string]unstructured.Unstructured) map[string]version {
	found := map[string]version{}
	for path, object := range objects {
		v := version{object.GetUID(), object.GetResourceVersion(), object.GetGeneration()}
		if object.GetKind() == "CronJob" {
			v.resourceVersion = "" // Its controller writes into the status whenever the time has come, which may be now.
		}
		found[path] = v
	}
	return found
}
