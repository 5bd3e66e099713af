package manifest

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// claimUse is a construct whose pods mount a PersistentVolumeClaim.
type claimUse struct {
	node   *Node
	shared bool // Pods on several nodes can mount it.
}

// UseClaim notes, for a prop, that pods of the construct mount a claim. Those of a second one may only if several nodes can: Kubernetes
// would start them on one node if it could, and otherwise never.
func (n *Node) UseClaim(prop *field.Path, claim string, shared bool) {
	key := Key{GroupKind: schema.GroupKind{Kind: "PersistentVolumeClaim"}, Namespace: n.Component.Namespace, Name: claim}
	uses := n.Component.tree.claims
	for _, other := range uses[key] {
		if other.node != n && (!shared || !other.shared) {
			n.refuse(field.ErrorList{field.Invalid(prop, claim, fmt.Sprintf(
				"also mounted by %s, but only one node can mount the claim: use a claim with ReadWriteMany for both, or one each", *other.node.Construct().Node().Path()))})
			break
		}
	}
	uses[key] = append(uses[key], claimUse{n, shared})
}
