package argocd

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// testComponent is in no tree: enough for props to be checked, and objects to be made.
var testComponent = manifest.Component{App: "shop", ID: "production", Namespace: "shop"}

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

const repository = "https://github.com/acme/shop"

var inShop = Destination{Namespace: "shop"}

// testProject is one that was accepted, without a tree.
func testProject(props ProjectProps) *Project {
	p := &Project{construct: construct{&manifest.Node{}}, props: props.withDefaults(testComponent), valid: true}
	p.admits, _ = p.props.admitted(checktest.Prop)
	return p
}

// files are those of an application with one file.
func files(text string) map[string][]byte { return map[string][]byte{"shop.yaml": []byte(text)} }

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
`
