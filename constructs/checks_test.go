package constructs

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// check is what a check found, and the messages that are wanted of it: none for a good value.
type check struct {
	errs field.ErrorList
	want []string
}

// runChecks compares whole messages. None of the checks needs Node.js.
func runChecks(t *testing.T, checks map[string]check) {
	t.Helper()
	for name, c := range checks {
		t.Run(name, func(t *testing.T) {
			t.Helper()
			if diff := cmp.Diff(c.want, messages(c.errs)); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

// prop is where the checked values stand.
var prop = field.NewPath("prop")

// What the API's own rules say of a name that breaks them.
var (
	labelRule         = validation.IsDNS1123Label("?")[0]
	subdomainRule     = validation.IsDNS1123Subdomain("?")[0]
	serviceNameRule   = validation.IsDNS1035Label("?")[0]
	qualifiedNameRule = validation.IsQualifiedName("?")[0]
	labelValueRule    = validation.IsValidLabelValue("?")[0]
	variableRule      = validation.IsEnvVarName("?")[0]
	keyRule           = validation.IsConfigMapKey("?")[0]
)

const (
	portRule      = "must be between 1 and 65535, inclusive"
	notBelow0Rule = "must be between 0 and 2147483647, inclusive"
	notBelow1Rule = "must be between 1 and 2147483647, inclusive"
)

// testTier is a tier outside of any tree: enough for props to be checked, and objects to be made.
func testTier(kind string) *tier {
	return &tier{
		place: place{app: "shop", component: "api", namespace: "shop"},
		path:  field.NewPath(kind),
	}
}
