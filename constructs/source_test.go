package constructs

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestSourcesValidate(t *testing.T) {
	web := map[string]string{"app": "web"}
	runChecks(t, map[string]expectation{
		"none":          {errs: Sources(nil).Validate(checktest.Prop)},
		"anywhere":      {errs: Sources{{Anywhere: true}}.Validate(checktest.Prop)},
		"all addresses": {errs: Sources{{CIDRs: AllAddresses()}}.Validate(checktest.Prop)},
		"each": {errs: Sources{
			{Namespace: "a", PodLabels: web},
			{Namespace: "a", PodLabels: map[string]string{"app": "cli"}},
			{Namespace: "b", AllPods: true},
			{CIDRs: []string{"10.0.0.0/16"}},
			{CIDRs: []string{"10.1.0.0/16", "fd00::/8"}},
		}.Validate(checktest.Prop)},
		"empty": {Sources{{}}.Validate(checktest.Prop), []string{"prop[0]: Required value: set namespace, cidrs or anywhere"}},
		"several kinds": {Sources{{Namespace: "a", PodLabels: web, CIDRs: []string{"10.0.0.0/16"}}}.Validate(checktest.Prop), []string{
			"prop[0]: Forbidden: namespace, cidrs and anywhere exclude each other: use a source for each",
		}},
		"labels without a namespace": {Sources{{PodLabels: web}}.Validate(checktest.Prop), []string{"prop[0].namespace: Required value"}},
		"a namespace without labels": {Sources{{Namespace: "a"}}.Validate(checktest.Prop), []string{
			"prop[0].podLabels: Required value: set labels of the pods, or allPods to admit all pods of the namespace",
		}},
		"labels of all pods": {Sources{{Namespace: "a", PodLabels: web, AllPods: true}}.Validate(checktest.Prop), []string{
			"prop[0].podLabels: Forbidden: allPods is set: remove one of them",
		}},
		"wrong pods": {Sources{{Namespace: "A", PodLabels: map[string]string{"app": "a b"}}}.Validate(checktest.Prop), []string{
			`prop[0].namespace: Invalid value: "A": ` + checktest.LabelRule, `prop[0].podLabels[app]: Invalid value: "a b": ` + checktest.LabelValueRule,
		}},
		"wrong addresses": {Sources{{CIDRs: []string{"10.0.0.1/8", "x"}}}.Validate(checktest.Prop), []string{
			`prop[0].cidrs[0]: Invalid value: "10.0.0.1/8": must be written as 10.0.0.0/8`,
			`prop[0].cidrs[1]: Invalid value: "x": must be an address block such as "10.20.0.0/16"`,
		}},
		"anywhere and others": {Sources{{Namespace: "a", AllPods: true}, {Anywhere: true}}.Validate(checktest.Prop), []string{
			"prop[1].anywhere: Forbidden: contains the other sources: remove them, or this one",
		}},
		"the same pods": {Sources{{Namespace: "a", PodLabels: web}, {Namespace: "a", PodLabels: web}}.Validate(checktest.Prop), []string{
			`prop[1]: Duplicate value: "app=web in a": overlaps prop[0]: remove one of them`,
		}},
		"pods among others": {Sources{{Namespace: "a", PodLabels: map[string]string{"app": "web", "tier": "x"}}, {Namespace: "a", PodLabels: web}}.Validate(checktest.Prop), []string{
			`prop[1]: Duplicate value: "app=web in a": overlaps prop[0]: remove one of them`,
		}},
		"pods and all pods": {Sources{{Namespace: "a", PodLabels: web}, {Namespace: "a", AllPods: true}}.Validate(checktest.Prop), []string{
			`prop[1]: Duplicate value: "all pods of a": overlaps prop[0]: remove one of them`,
		}},
		"addresses within others": {Sources{{CIDRs: []string{"10.0.0.0/8"}}, {CIDRs: []string{"10.1.0.0/16"}}}.Validate(checktest.Prop), []string{
			`prop[1].cidrs[0]: Duplicate value: "10.1.0.0/16": overlaps prop[0].cidrs[0] (10.0.0.0/8): remove one of them`,
		}},
		"addresses twice": {Sources{{CIDRs: []string{"10.0.0.0/8", "10.0.0.0/8"}}}.Validate(checktest.Prop), []string{
			`prop[0].cidrs[1]: Duplicate value: "10.0.0.0/8": overlaps prop[0].cidrs[0] (10.0.0.0/8): remove one of them`,
		}},
	})
}

// A rule without peers admits everyone. An empty list of peers would not be written, and mean the same: no other sources may lead to one.
func TestSourcesPolicy(t *testing.T) {
	from := func(sources Sources) *[]*k8s.NetworkPolicyPeer {
		return (*sources.Policy(testComponent, 80).Fields["spec"].(k8s.NetworkPolicySpec).Ingress)[0].From
	}
	require.Nil(t, Sources(nil).Policy(testComponent, 80))
	require.Nil(t, from(Sources{{Anywhere: true}}))
	require.Len(t, *from(Sources{{CIDRs: AllAddresses()}, {Namespace: "a", AllPods: true}}), 3)
	require.Equal(t, testComponent.Name()+"-sources", Sources{{Anywhere: true}}.Policy(testComponent, 80).Name)
}
