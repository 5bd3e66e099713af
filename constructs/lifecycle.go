package constructs

import (
	"fmt"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// lifecycle are programs that Kubernetes runs in a container at its start and before its end. Its fields are those of the
// props.
// https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
type lifecycle struct{ postStart, preStop []string }

func (l lifecycle) validate(path *field.Path, environment *ordering) field.ErrorList {
	return append(
		checkHook(path.Child("postStart"), l.postStart, environment),
		checkHook(path.Child("preStop"), l.preStop, environment)...,
	)
}

// checkHook refuses references to variables of the container: Kubernetes runs the command as it is written.
// https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/kubelet/lifecycle/handlers.go
func checkHook(path *field.Path, command []string, environment *ordering) field.ErrorList {
	errs := checkCommand(path, command)
	for i, word := range command {
		for _, name := range referencesIn(&word) {
			if environment.variables[name] != nil {
				errs = append(errs, field.Invalid(path.Index(i), word,
					fmt.Sprintf("refers to $(%s), which Kubernetes does not resolve here: have sh -c read \"$%[1]s\"", name)))
			}
		}
	}
	return errs
}

func (l lifecycle) addTo(container *k8s.Container) {
	if len(l.postStart) == 0 && len(l.preStop) == 0 {
		return
	}
	container.Lifecycle = &k8s.Lifecycle{PostStart: hook(l.postStart), PreStop: hook(l.preStop)}
}

func hook(command []string) *k8s.LifecycleHandler {
	if len(command) == 0 {
		return nil
	}
	return &k8s.LifecycleHandler{Exec: &k8s.ExecAction{Command: jsii.Strings(command...)}}
}

// validatePreStop compares what an HTTP tier does before its end with the time that it has.
func (s httpServer) validatePreStop(path *field.Path) field.ErrorList {
	if len(s.lifecycle.preStop) > 0 && *s.preStopSeconds != 0 {
		return field.ErrorList{field.Forbidden(path.Child("preStop"), "Kubernetes either runs a program or waits: remove preStop or preStopSeconds")}
	}
	most := check.OrDefault(s.pod.TerminationGracePeriodSeconds, DefaultGracePeriodSeconds)
	problem := "must be below pod.terminationGracePeriodSeconds (" + most + "), so that the server has time to stop"
	switch seconds := *s.preStopSeconds; {
	case seconds < 0:
		problem = "must not be negative, and " + problem
	case seconds < s.pod.TerminationGracePeriodSeconds:
		return nil
	case seconds == DefaultPreStopSeconds:
		problem = "the default " + problem + ": set it too"
	}
	return field.ErrorList{field.Invalid(path.Child("preStopSeconds"), *s.preStopSeconds, problem)}
}
