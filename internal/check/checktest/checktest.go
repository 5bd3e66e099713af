// Package checktest compares whole messages of errors in the tests of several packages.
package checktest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Prop is where the checked values stand.
var Prop = field.NewPath("prop")

// What the API's own rules say of a name that breaks them.
var (
	LabelRule         = validation.IsDNS1123Label("?")[0]
	SubdomainRule     = validation.IsDNS1123Subdomain("?")[0]
	ServiceNameRule   = validation.IsDNS1035Label("?")[0]
	QualifiedNameRule = validation.IsQualifiedName("?")[0]
	LabelValueRule    = validation.IsValidLabelValue("?")[0]
	VariableRule      = validation.IsEnvVarName("?")[0]
	KeyRule           = validation.IsConfigMapKey("?")[0]
)

// What this library's rules say.
const (
	PortRule      = "must be between 1 and 65535, inclusive"
	NotBelow0Rule = "must be between 0 and 2147483647, inclusive"
	NotBelow1Rule = "must be between 1 and 2147483647, inclusive"
	CoresRule     = `must be a quantity such as "500m" or "2"`
	QuantityRule  = `must be a quantity such as "512Mi" or "1Gi"`
	CPURule       = "must be whole thousandths of a core, at least 1m"
	LeastRule     = "must be at least 4Mi and at most 1Pi"
)

// Messages are what a user reads of errors.
func Messages(errs field.ErrorList) []string {
	var all []string
	for _, err := range errs {
		all = append(all, err.Error())
	}
	return all
}

// Equal compares the messages of errors: there are none for a good value.
func Equal(t *testing.T, want []string, errs field.ErrorList) {
	t.Helper()
	if diff := cmp.Diff(want, Messages(errs)); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}
