package manifest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/intstr"
)

type (
	named    string
	embedded struct{ Inner string }
	options  struct {
		Omitted string `json:"omitted,omitempty"`
		Kept    int    `json:"kept,omitempty"`
	}
	untagged struct {
		embedded
		Outer  string
		hidden string
	}
)

// A value is what it is as JSON, without what is not set.
func TestPlainIsJSON(t *testing.T) {
	empty, text, number := "", "text", 1.5
	for name, value := range map[string]any{
		"structs": k8s.DeploymentSpec{
			Replicas: jsii.Number(0), Paused: jsii.Bool(false), Selector: &k8s.LabelSelector{MatchLabels: StringMap(map[string]string{"a": "", "b": "<&>"})},
			Template: &k8s.PodTemplateSpec{Spec: &k8s.PodSpec{
				Containers: &[]*k8s.Container{
					{
						Resources: &k8s.ResourceRequirements{Limits: &map[string]k8s.Quantity{"cpu": Quantity("1000m"), "memory": nil}},
						Ports:     &[]*k8s.ContainerPort{{ContainerPort: jsii.Number(80)}, nil, {}},
						Command:   &[]*string{}, Args: &[]*string{&empty, nil, &text},
					},
				},
				Volumes: nil, Overhead: &map[string]k8s.Quantity{},
			}},
		},
		"scalars":  []any{Text("http"), Number(80), new(Number(80)), &[]*Scalar{nil, new(Text(""))}},
		"numbers":  []any{int32(1), int64(-1) << 62, 1 << 60, &number, 1e21, uint8(7), float32(0.5)},
		"nulls":    map[string]any{"list": []any{nil, map[string]any{"a": nil, "b": []any{nil}}}, "map": map[string]*string{"a": nil}, "no list": []string(nil), "no map": map[string]string(nil)},
		"named":    map[named][]named{"a": {"b", ""}},
		"by value": options{}, "by pointer": []*options{{Omitted: "a", Kept: 1}},
		"untagged":    untagged{embedded{"a"}, "b", "c"},
		"marshallers": []any{intstr.FromInt32(1), new(intstr.FromString("a")), time.Unix(0, 0).UTC(), json.RawMessage(`{"a":null,"b":[1,{"c":null}]}`)},
		"bytes":       []byte("bytes"), "array": [2]int{1, 2}, "integer keys": map[int]string{1: "a"},
	} {
		t.Run(name, func(t *testing.T) {
			encoded, err := json.Marshal(map[string]any{"value": value})
			require.NoError(t, err)
			var want any
			require.NoError(t, json.Unmarshal(encoded, &want))
			require.Equal(t, withoutNulls(want), any(plain(map[string]any{"value": value})))
		})
	}
}
