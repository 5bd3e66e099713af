package manifest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestCheckName(t *testing.T) {
	at := func(app, id string) Component { return Component{App: app, ID: id} }
	name := func(p Component) string {
		return `the objects' name "` + p.Name() + `", which begins with the chart's label app or else its id: `
	}
	longest, tooLong := at("a", strings.Repeat("b", 61)), at("a", strings.Repeat("b", 62))
	runChecks(t, map[string]expectation{
		"good":        {errs: at("shop", "api").CheckName(checktest.Prop)},
		"digits":      {errs: at("s1", "2").CheckName(checktest.Prop)},
		"longest":     {errs: longest.CheckName(checktest.Prop)},
		"too long":    {tooLong.CheckName(checktest.Prop), []string{`prop.id: Invalid value: "` + tooLong.ID + `": ` + name(tooLong) + "must be no more than 63 characters"}},
		"no id":       {at("shop", "").CheckName(checktest.Prop), []string{"prop.id: Required value: set an id: it names the component"}},
		"upper case":  {at("shop", "Api").CheckName(checktest.Prop), []string{`prop.id: Invalid value: "Api": ` + checktest.LabelRule}},
		"dot":         {at("shop", "a.b").CheckName(checktest.Prop), []string{`prop.id: Invalid value: "a.b": must not contain dots`}},
		"digit first": {at("1shop", "api").CheckName(checktest.Prop), []string{`prop.id: Invalid value: "api": ` + name(at("1shop", "api")) + checktest.ServiceNameRule}},
		"no app":      {at("", "api").CheckName(checktest.Prop), []string{`prop.id: Invalid value: "api": ` + name(at("", "api")) + checktest.ServiceNameRule}},
		"underscore":  {at("my_shop", "api").CheckName(checktest.Prop), []string{`prop.id: Invalid value: "api": ` + name(at("my_shop", "api")) + checktest.ServiceNameRule}},
	})
}

func TestNames(t *testing.T) {
	p := Component{App: "shop", ID: "api", Namespace: "store"}
	require.Equal(t, "shop-api", p.Name())
	require.Equal(t, "shop-api-data", p.Suffixed("data"))
}

// The API server lets nobody change the selector of a Deployment, so it may never be another.
func TestSelectorIsFrozen(t *testing.T) {
	p := Component{App: "shop", ID: "api", Namespace: "store"}
	require.Equal(t, map[string]string{"app": "shop", "component": "api"}, p.Selector())
	require.Equal(t, map[string]string{
		"app": "shop", "component": "api",
		"app.kubernetes.io/name": "shop-api", "app.kubernetes.io/component": "api",
		"app.kubernetes.io/part-of": "shop", "app.kubernetes.io/managed-by": "cdk8s",
	}, p.Labels())
}

func TestCheckLabels(t *testing.T) {
	runChecks(t, map[string]expectation{
		"reserved":    {CheckLabels(checktest.Prop, map[string]string{"app": "", "team": ""}), []string{"prop[app]: Forbidden: is set by the construct"}},
		"recommended": {CheckLabels(checktest.Prop, map[string]string{"app.kubernetes.io/name": ""}), []string{"prop[app.kubernetes.io/name]: Forbidden: is set by the construct"}},
	})
}
