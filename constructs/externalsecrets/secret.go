package externalsecrets

import (
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

const (
	group      = "external-secrets.io"
	apiVersion = group + "/v1"
)

// secret is what the constructs have in common: one ExternalSecret, which fills a Secret of the same name.
type secret struct {
	node           *manifest.Node
	name           string
	externalSecret cdk8s.ApiObject
}

// Construct returns the construct's node in the tree.
func (s secret) Construct() awsconstructs.Construct { return s.node.Construct() }

// Objects returns all objects of the construct.
func (s secret) Objects() []cdk8s.ApiObject { return s.node.Objects() }

// ExternalSecret returns the ExternalSecret.
func (s secret) ExternalSecret() cdk8s.ApiObject { return s.node.Handle(s.externalSecret) }

// declare refuses a second construct that fills the Secret: they would fight for it.
func (s *secret) declare() bool {
	return s.node.Declare(s.node.Path, manifest.SecretKey(s.node.Component, s.name), "")
}

// add adds the ExternalSecret. Its spec lacks the target, which is merged with what all targets have.
func (s *secret) add(spec, target map[string]any, also composed, readElsewhere bool) {
	target["name"] = s.name
	target["deletionPolicy"] = "Retain"
	target["template"] = secretTemplate(s.node.Component, also.texts())
	spec["target"] = target
	s.externalSecret = s.node.Add(&manifest.Object{
		ID: "external-secret", APIVersion: apiVersion, Kind: "ExternalSecret", Name: s.name, Fields: map[string]any{"spec": spec},
	})
	checkKeysAtSynthesis(s, readElsewhere)
}

// secretTemplate is that of the Secret. With one, the operator takes labels from here, and not all labels and annotations of the ExternalSecret,
// which Argo CD has annotated.
func secretTemplate(at manifest.Component, templates map[string]string) map[string]any {
	labels := at.Labels()
	labels["app.kubernetes.io/managed-by"] = "external-secrets"
	made := map[string]any{
		"engineVersion": "v2",
		"mergePolicy":   "Merge", // Adds the templates to the other keys; the default replaces these.
		"type":          "Opaque",
		"metadata":      map[string]any{"labels": labels},
	}
	if len(templates) > 0 {
		made["data"] = templates
	}
	return made
}

// checkName checks the name of the Secret. That which it has by default is checked with the component.
func checkName(path *field.Path, at manifest.Component, name string) field.ErrorList {
	if name == at.Name() {
		return nil
	}
	return check.ObjectName(path, name)
}
