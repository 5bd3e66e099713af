package constructs

import (
	"encoding/json"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
)

// scalar is a value of one of the API's types that are written as a number or a string. The factories of cdk8s-plus
// (k8s.IntOrString_FromNumber) give the same for a call into the kernel each.
type scalar struct{ value any }

var (
	_ k8s.Quantity    = scalar{}
	_ k8s.IntOrString = scalar{}
)

// Value implements k8s.Quantity and k8s.IntOrString.
func (s scalar) Value() any { return s.value }

// MarshalJSON implements json.Marshaler.
func (s scalar) MarshalJSON() ([]byte, error) { return json.Marshal(s.value) }

func ptr[T any](value T) *T { return &value }
