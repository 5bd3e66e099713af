package constructs

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestServiceAccountValidate(t *testing.T) {
	runChecks(t, map[string]expectation{
		"least": {errs: BackendProps{Image: "api:1", ServiceAccount: &ServiceAccount{}}.Validate(field.NewPath("backend"))},
		"all wrong": {
			BackendProps{
				Image: "api:1", ServiceAccount: &ServiceAccount{Name: "A_B", Annotations: map[string]string{"a b": ""}}, Pod: PodProps{ServiceAccountName: "other"},
				Labels: map[string]string{"app": "x", "a b": ""}, Annotations: map[string]string{"c d": ""},
			}.Validate(field.NewPath("backend")),
			[]string{
				`backend.labels[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				"backend.labels[app]: Forbidden: is set by the construct",
				`backend.annotations[c d]: Invalid value: "c d": ` + checktest.QualifiedNameRule,
				`backend.serviceAccount.name: Invalid value: "A_B": ` + checktest.SubdomainRule,
				`backend.serviceAccount.annotations[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				"backend.serviceAccount: Forbidden: pod.serviceAccountName names another one: remove one of them",
			},
		},
	})
}
