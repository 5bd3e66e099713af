package externalsecrets

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// testComponent is in no tree: enough for props to be checked, and objects to be made.
var testComponent = manifest.Component{App: "shop", ID: "secrets", Namespace: "shop"}

// expectation is what a check found, and the messages that are wanted of it: none for a good value.
type expectation struct {
	errs field.ErrorList
	want []string
}

func runChecks(t *testing.T, checks map[string]expectation) {
	t.Helper()
	for name, c := range checks {
		t.Run(name, func(t *testing.T) { checktest.Equal(t, c.want, c.errs) })
	}
}
