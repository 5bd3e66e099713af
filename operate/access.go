package operate

import (
	"context"
	"fmt"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// requireNamespace wants one that exists and stays. Whoever may read in a namespace may not always read the namespace itself.
func (c *cluster) requireNamespace(ctx context.Context, name string) error {
	found, err := c.objects.Resource(corev1.SchemeGroupVersion.WithResource("namespaces")).Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return missingNamespace(name)
	case isDenied(err):
		return nil
	case err != nil:
		return err
	case found.GetDeletionTimestamp() != nil:
		return exitError{fmt.Errorf("namespace %s is being deleted: wait until it is gone, and apply the manifests again", name), ExitNamespace}
	}
	return nil
}

// requireAllowed asks before anything is changed whether the user may do what there is no dry run of.
func (c *cluster) requireAllowed(ctx context.Context, namespace, verb, resource, subresource string) error {
	review := &authorizationv1.SelfSubjectAccessReview{
		TypeMeta: metav1.TypeMeta{APIVersion: authorizationv1.SchemeGroupVersion.String(), Kind: "SelfSubjectAccessReview"},
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: verb, Resource: resource, Subresource: subresource,
		}},
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(review)
	if err != nil {
		return err
	}
	answer, err := c.objects.Resource(authorizationv1.SchemeGroupVersion.WithResource("selfsubjectaccessreviews")).
		Create(ctx, &unstructured.Unstructured{Object: fields}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if allowed, _, _ := unstructured.NestedBool(answer.Object, "status", "allowed"); allowed {
		return nil
	}
	what := strings.TrimSuffix(verb+" "+resource+"/"+subresource, "/")
	return exitError{fmt.Errorf("missing permission: %s in namespace %s: nothing was changed", what, namespace), ExitForbidden}
}
