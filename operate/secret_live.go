package operate

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// secretCluster is a Secret in a cluster, and what reads it.
type secretCluster struct {
	*cluster
	environment string
	secret      Secret
	read        keyReaders
	renew       string // A key that gets a new value. Empty if none does.
	shell       shell
	executor    Executor
	json        bool // Whether stdout gets JSON and nothing else.

	stdout, stderr io.Writer
}

// name is what messages call the Secret.
func (c *secretCluster) name() string { return "Secret " + c.secret.Namespace + "/" + c.secret.Name }

// in is where objects are: workloads, or those of a core kind.
func (c *secretCluster) in(resource string) dynamic.ResourceInterface {
	gvr := schema.GroupVersionResource{Version: "v1", Resource: resource}
	switch resource {
	case "deployments", "statefulsets", "daemonsets":
		gvr.Group = "apps"
	}
	return c.objects.Resource(gvr).Namespace(c.secret.Namespace)
}

// find reads the Secret. It returns nil if there is none in the namespace.
func (c *secretCluster) find(ctx context.Context) (*unstructured.Unstructured, error) {
	live, err := c.in("secrets").Get(ctx, c.secret.Name, metav1.GetOptions{})
	missing := apierrors.IsNotFound(err)
	if err != nil && !missing {
		return nil, err
	}
	if err := c.requireNamespace(ctx, c.secret.Namespace); err != nil || missing {
		return nil, err
	}
	return live, nil
}

// The label by which the External Secrets Operator knows its Secrets, those that it does not own too.
const externalSecretsLabel = "reconcile.external-secrets.io/managed"

// refusal says why a Secret cannot be changed by hand, and what to do. It returns nil if it can. The plan is nil if there is none.
func (c *secretCluster) refusal(live *unstructured.Unstructured, p *secretPlan) error {
	if live.GetDeletionTimestamp() != nil {
		return c.beingDeleted(live)
	}
	immutable, _, _ := unstructured.NestedBool(live.Object, "immutable")
	_, labelled := live.GetLabels()[externalSecretsLabel]
	owner := ownerOf(live)
	external := labelled || strings.HasPrefix(owner, "ExternalSecret ")
	var why, what string
	anotherName := "give the Secret of this environment another name, synthesize and deploy"
	switch {
	case external && immutable:
		why, what = "is filled by External Secrets, and immutable", anotherName
	case external:
		why, what = "is filled by External Secrets, which would undo the change", "change the value in its store, or list the key in its ExternalSecret"
	case strings.HasPrefix(owner, "SealedSecret "):
		why, what = "is filled by Sealed Secrets, which would undo the change", "seal a new one, and apply it"
	case owner != "":
		why, what = "is owned by "+owner+", which may undo the change", "change it there"
	case deliverer(live) != "":
		why, what = "is delivered by "+deliverer(live)+", which would undo the change", "change it at its source"
	case immutable:
		why, what = "is immutable: its values cannot be changed", anotherName
	default:
		return nil
	}
	why += c.lacking(p)
	if c.secret.Help != "" {
		what += ": see " + c.secret.Help
	}
	return fmt.Errorf("%s %s: %s", c.name(), why, what)
}

// beingDeleted refuses a Secret that is gone as soon as its finalizers are, with whatever is written to it.
func (c *secretCluster) beingDeleted(live *unstructured.Unstructured) error {
	return fmt.Errorf("%s is being deleted, and a new value would be deleted with it: wait until its finalizers (%s) are removed, and create it again with --keep",
		c.name(), strings.Join(live.GetFinalizers(), ", "))
}

// lacking names the keys that a Secret would get, and those that pods wait for.
func (c *secretCluster) lacking(p *secretPlan) string {
	if p == nil {
		return ""
	}
	keys := slices.Concat(p.added, c.needed(p.absent))
	if len(keys) == 0 {
		return ""
	}
	return "; it lacks " + strings.Join(keys, ", ")
}

// ownerOf is the last owner of an object, by kind and name.
func ownerOf(live *unstructured.Unstructured) string {
	var owner string
	for _, reference := range live.GetOwnerReferences() {
		owner = reference.Kind + " " + reference.Name
	}
	return owner
}

// deliverer is the tool that applies an object again and again, if one does.
func deliverer(live *unstructured.Unstructured) string {
	switch manager := lastApplier(live); {
	case manager == argoCDManager:
		return "Argo CD"
	case manager == fluxManager:
		return "Flux"
	case live.GetLabels()["app.kubernetes.io/managed-by"] == "Helm":
		return "Helm"
	}
	return ""
}

// secretValues are the values of a Secret, by key.
func secretValues(object *unstructured.Unstructured) (map[string]string, error) {
	values, _, err := unstructured.NestedStringMap(object.Object, "stringData")
	if err != nil {
		return nil, errors.New("stringData: must be strings") // The error would print the value.
	}
	if values == nil {
		values = map[string]string{}
	}
	data, _, err := unstructured.NestedStringMap(object.Object, "data")
	if err != nil {
		return nil, errors.New("data: must be strings")
	}
	for key, encoded := range data {
		value, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return nil, fmt.Errorf("data.%s: must be base64", key)
		}
		values[key] = string(value)
	}
	return values, nil
}
