package constructs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlaceValidate(t *testing.T) {
	at := func(app, component string) place { return place{app: app, component: component} }
	name := func(p place) string {
		return `the objects' name "` + p.name() + `", which begins with the chart's label app or else its id: `
	}
	longest, tooLong := at("a", strings.Repeat("b", 61)), at("a", strings.Repeat("b", 62))
	runChecks(t, map[string]check{
		"good":        {errs: at("shop", "api").validate(prop)},
		"digits":      {errs: at("s1", "2").validate(prop)},
		"longest":     {errs: longest.validate(prop)},
		"too long":    {tooLong.validate(prop), []string{`prop.id: Invalid value: "` + tooLong.component + `": ` + name(tooLong) + "must be no more than 63 characters"}},
		"no id":       {at("shop", "").validate(prop), []string{"prop.id: Required value: it names the component"}},
		"upper case":  {at("shop", "Api").validate(prop), []string{`prop.id: Invalid value: "Api": ` + labelRule}},
		"dot":         {at("shop", "a.b").validate(prop), []string{`prop.id: Invalid value: "a.b": must not contain dots`}},
		"digit first": {at("1shop", "api").validate(prop), []string{`prop.id: Invalid value: "api": ` + name(at("1shop", "api")) + serviceNameRule}},
		"no app":      {at("", "api").validate(prop), []string{`prop.id: Invalid value: "api": ` + name(at("", "api")) + serviceNameRule}},
		"underscore":  {at("my_shop", "api").validate(prop), []string{`prop.id: Invalid value: "api": ` + name(at("my_shop", "api")) + serviceNameRule}},
	})
}

func TestNames(t *testing.T) {
	p := place{app: "shop", component: "api", namespace: "store"}
	require.Equal(t, "shop-api", p.name())
	require.Equal(t, "shop-api-data", p.suffixed("data"))
}

// The API server lets nobody change the selector of a Deployment, so it may never be another.
func TestSelectorIsFrozen(t *testing.T) {
	p := place{app: "shop", component: "api", namespace: "store"}
	require.Equal(t, map[string]string{"app": "shop", "component": "api"}, p.selector())
	require.Equal(t, map[string]string{
		"app": "shop", "component": "api",
		"app.kubernetes.io/name": "shop-api", "app.kubernetes.io/component": "api",
		"app.kubernetes.io/part-of": "shop", "app.kubernetes.io/managed-by": "cdk8s",
	}, p.labels())
}

// The name of a policy tells its client from all others that may open the same server.
func TestSeenFrom(t *testing.T) {
	server := place{app: "shop", component: "api", namespace: "store"}
	for want, client := range map[string]place{
		"pages":          {app: "shop", component: "pages", namespace: "store"},
		"blog.pages":     {app: "blog", component: "pages", namespace: "store"},
		"cms.shop.pages": {app: "shop", component: "pages", namespace: "cms"},
		"cms.blog.pages": {app: "blog", component: "pages", namespace: "cms"},
	} {
		require.Equal(t, want, client.seenFrom(server))
	}
}
