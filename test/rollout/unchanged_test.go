package rollout

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func testDiff(t *testing.T, m mode) {
	for _, e := range environments {
		// It ends with 1 where there is a difference.
		require.Empty(t, kubectl(t, append([]string{"diff", "--filename=" + e.path()}, m.flags...)...))
	}
}

func testApplyAgain(t *testing.T, m mode) {
	for _, e := range environments {
		before := versions(t, e.path())
		m.apply(t, e.path())
		require.Equal(t, before, versions(t, e.path()))
	}
}

// version is what a change of an object changes.
type version struct {
	UID             string
	ResourceVersion string
	Generation      int64
}

// versions are those of the objects of a folder.
func versions(t *testing.T, folder string) map[string]version {
	t.Helper()
	var list struct {
		Items []metav1.PartialObjectMetadata
	}
	require.NoError(t, json.Unmarshal([]byte(kubectl(t, "get", "--filename="+folder, "--output=json")), &list))
	found := map[string]version{}
	for _, item := range list.Items {
		found[item.Kind+" "+item.Name] = version{string(item.UID), item.ResourceVersion, item.Generation}
	}
	return found
}
