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

// DefaultNamespace is where Argo CD is: its installation and its Helm chart suggest it.
const DefaultNamespace = "argocd"

// construct is what all constructs have in common.
type construct struct{ node *manifest.Node }

// Construct is the node of the tree, to be given to what takes one (dependencies, aspects). That of a construct whose id
// the tree refused is outside of it.
func (c construct) Construct() awsconstructs.Construct { return c.node.Construct() }

// Objects returns all objects in the order in which they are written.
func (c construct) Objects() []cdk8s.ApiObject { return c.node.Objects() }
