package constructs

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// ServiceAccount is an identity of a tier's pods, such as for a cloud's IAM. It does not mount a token for the Kubernetes
// API by itself: see Pod.AutomountServiceAccountToken. Where pods get credentials from a server of the cloud, such as
// sts.eu-west-1.amazonaws.com or a metadata server, add that to the Connections.
// https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
// https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
// https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html
type ServiceAccount struct {
	// Name is the name of the ServiceAccount. Defaults to <app>-<component>.
	Name string

	// Annotations are those that the cloud reads, such as "eks.amazonaws.com/role-arn". Defaults to none.
	Annotations map[string]string
}

func (s *ServiceAccount) withDefaults(c manifest.Component) *ServiceAccount {
	if s == nil {
		return nil
	}
	return &ServiceAccount{Name: cmp.Or(s.Name, c.Name()), Annotations: s.Annotations}
}

// validate expects the defaults to be filled in.
func (s *ServiceAccount) validate(path *field.Path, pod PodProps) field.ErrorList {
	if s == nil {
		return nil
	}
	errs := slices.Concat(
		check.ObjectName(path.Child("name"), s.Name),
		check.Annotations(path.Child("annotations"), s.Annotations),
	)
	if pod.ServiceAccountName != "" {
		errs = append(errs, field.Forbidden(path, "pod.serviceAccountName names another one: remove one of them"))
	}
	return errs
}

// object is nil without a ServiceAccount.
func (s *ServiceAccount) object(path *field.Path) *manifest.Object {
	if s == nil {
		return nil
	}
	return &manifest.Object{
		ID: "service-account", APIVersion: "v1", Kind: "ServiceAccount", Name: s.Name, Annotations: s.Annotations,
		Fields: map[string]any{"automountServiceAccountToken": false},
		Prop:   path.Child("name"),
		Remedy: ": choose another name, or let one tier add it and name it in Pod.ServiceAccountName of the other",
	}
}
