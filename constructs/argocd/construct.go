package argocd

import (
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/internal/manifest"
)

const (
	group      = "argoproj.io"
	apiVersion = group + "/v1alpha1"
)

// DefaultNamespace is the namespace of Argo CD in its installation instructions and its Helm chart.
const DefaultNamespace = "argocd"

// construct is what all constructs have in common.
type construct struct{ node *manifest.Node }

// Construct returns the construct's node in the tree.
func (c construct) Construct() awsconstructs.Construct { return c.node.Construct() }

// Objects returns all objects of the construct.
func (c construct) Objects() []cdk8s.ApiObject { return c.node.Objects() }
