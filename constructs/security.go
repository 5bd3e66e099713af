package constructs

import (
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// identity is the numeric user and group that a container runs as. Kubelet can tell that a user is not root only by its
// number: with a name, a container under runAsNonRoot does not start.
type identity struct{ user, group int }

// nobody is the user, and the group, of the images of Prometheus, Alertmanager and kube-state-metrics.
const nobody = 65534

// firstUnprivilegedPort is the lowest port that a process without privileges may listen on, unless it is told otherwise.
const firstUnprivilegedPort = 1024

func (i identity) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		checkAtLeast(path.Child("runAsUser"), i.user, 1),
		checkAtLeast(path.Child("runAsGroup"), i.group, 0),
	)
}

// podSecurity meets the Pod Security Standard "restricted".
// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
func (i identity) podSecurity(port int) *k8s.PodSecurityContext {
	security := &k8s.PodSecurityContext{
		RunAsNonRoot: jsii.Bool(true),
		RunAsUser:    jsii.Number(i.user),
		RunAsGroup:   jsii.Number(i.group),
		FsGroup:      jsii.Number(i.group),
		// "Always" would walk through a large volume at every start, and opens PostgreSQL's directory to the group, which the
		// server refuses.
		FsGroupChangePolicy: jsii.String("OnRootMismatch"),
		SeccompProfile:      &k8s.SeccompProfile{Type: jsii.String("RuntimeDefault")},
	}
	if port < firstUnprivilegedPort {
		// The capability NET_BIND_SERVICE would not help: a process that is not root does not receive it. This is one of the
		// sysctls that "restricted" allows.
		security.Sysctls = &[]*k8s.Sysctl{{Name: jsii.String("net.ipv4.ip_unprivileged_port_start"), Value: jsii.String("0")}}
	}
	return security
}

func containerSecurity() *k8s.SecurityContext {
	return &k8s.SecurityContext{
		AllowPrivilegeEscalation: jsii.Bool(false),
		Capabilities:             &k8s.Capabilities{Drop: jsii.Strings("ALL")},
		Privileged:               jsii.Bool(false),
		ReadOnlyRootFilesystem:   jsii.Bool(true),
		RunAsNonRoot:             jsii.Bool(true),
	}
}
