package apitype

import (
	"fmt"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// evaluator is the one that the API server has.
var evaluator = sync.OnceValue(func() policy.Evaluator {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	utilruntime.Must(err)
	return evaluator
})

// enforced is what a namespace asks of its pods. The API server refuses a namespace with other labels.
func enforced(namespace *corev1.Namespace) (api.LevelVersion, field.ErrorList) {
	privileged := api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()}
	levels, errs := api.PolicyToEvaluate(namespace.Labels, api.Policy{Enforce: privileged, Audit: privileged, Warn: privileged})
	return levels.Enforce, errs
}

// pods are what an object makes pods from.
type pods struct {
	of        Problem
	template  *corev1.PodTemplateSpec // Nil for an object that makes none.
	path      *field.Path
	namespace string
}

func podsOf(object runtime.Object, at *field.Path) pods {
	template, path := template(object, at)
	p := pods{template: template, path: path}
	if object, is := object.(metav1.Object); is {
		p.namespace = object.GetNamespace()
	}
	return p
}

// forbidden is why Pod Security would forbid the pods; empty if it would not.
func (p pods) forbidden(level api.LevelVersion) field.ErrorList {
	result := policy.AggregateCheckResults(evaluator().EvaluatePod(level, &p.template.ObjectMeta, &p.template.Spec))
	if result.Allowed {
		return nil
	}
	return field.ErrorList{field.Forbidden(p.path, fmt.Sprintf("namespace %s enforces the Pod Security level %s: %s", p.namespace, level, result.ForbiddenDetail()))}
}

// template is what an object's pods are made from, and where it is.
func template(object runtime.Object, at *field.Path) (*corev1.PodTemplateSpec, *field.Path) {
	inSpec := at.Child("spec", "template", "spec")
	switch o := object.(type) {
	case *corev1.Pod:
		return &corev1.PodTemplateSpec{ObjectMeta: o.ObjectMeta, Spec: o.Spec}, at.Child("spec")
	case *corev1.PodTemplate:
		return &o.Template, at.Child("template", "spec")
	case *corev1.ReplicationController:
		return o.Spec.Template, inSpec
	case *appsv1.ReplicaSet:
		return &o.Spec.Template, inSpec
	case *appsv1.Deployment:
		return &o.Spec.Template, inSpec
	case *appsv1.DaemonSet:
		return &o.Spec.Template, inSpec
	case *appsv1.StatefulSet:
		return &o.Spec.Template, inSpec
	case *batchv1.Job:
		return &o.Spec.Template, inSpec
	case *batchv1.CronJob:
		return &o.Spec.JobTemplate.Spec.Template, at.Child("spec", "jobTemplate", "spec", "template", "spec")
	default:
		return nil, nil
	}
}
