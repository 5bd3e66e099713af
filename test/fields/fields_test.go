package fields

import (
	"testing"

	"github.com/stretchr/testify/require"
)

type object = map[string]any

var written = object{"replicas": 2.0, "volumes": []any{object{"name": "tmp", "emptyDir": object{}}}}

func TestCommon(t *testing.T) {
	for name, c := range map[string]struct{ stored, common any }{
		"a default is left out": {
			object{"replicas": 2.0, "paused": false, "volumes": []any{object{"name": "tmp", "emptyDir": object{"medium": ""}}}}, written,
		},
		"a change stays":            {object{"replicas": 3.0}, object{"replicas": 3.0}},
		"an added element stays":    {object{"volumes": []any{object{}, object{}}}, object{"volumes": []any{object{}, object{}}}},
		"a value in place of a map": {object{"volumes": []any{nil}}, object{"volumes": []any{nil}}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.common, Common(written, c.stored)) })
	}
}

func TestCount(t *testing.T) {
	require.Equal(t, 3, Count(written), "replicas, name and emptyDir")
}
