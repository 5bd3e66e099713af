package constructs_test

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

func TestOnePathOfAHostHasOneIngress(t *testing.T) {
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1"})
		constructs.NewIngress(chart, "one", constructs.IngressProps{Host: "shop.example.com", Backend: api, API: api, APIPath: "/api"})
		constructs.NewIngress(chart, "two", constructs.IngressProps{Host: "shop.example.com", Backend: api, Path: "/api/"})
		constructs.NewIngress(chart, "three", constructs.IngressProps{Host: "other.example.com", Backend: api, Path: "/api"})
	}))
	require.EqualError(t, err, "Validation failed with the following errors:\n"+
		`  [shop/two] ingress: Duplicate value: "Ingress path shop.example.com/api": declared by shop/one already`)
}
