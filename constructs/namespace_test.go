package constructs

import "testing"

func TestNamespacePropsValidate(t *testing.T) {
	path, in := testTier("namespace").path, testTier("namespace").place
	runChecks(t, map[string]check{
		"least": {errs: NamespaceProps{}.validate(path, in)},
		"all": {errs: NamespaceProps{
			Labels:      map[string]string{"name": "shop", "environment": "production"},
			Annotations: map[string]string{"note": "of the shop"},
		}.validate(path, in)},
		"no name": {NamespaceProps{}.validate(path, place{app: "shop", component: "namespace"}), []string{"namespace.chart.namespace: Required value: it is the name"}},
		"all wrong": {
			NamespaceProps{
				Labels:      map[string]string{"a b": "c d", "app": "x", "pod-security.kubernetes.io/enforce": "privileged"},
				Annotations: map[string]string{"e f": "\x00"},
			}.validate(path, place{}),
			[]string{
				`namespace.labels[a b]: Invalid value: "a b": ` + qualifiedNameRule,
				`namespace.labels[a b]: Invalid value: "c d": ` + labelValueRule,
				"namespace.labels[app]: Forbidden: is set by the construct",
				"namespace.labels[pod-security.kubernetes.io/enforce]: Forbidden: is set by the construct",
				"namespace.chart.namespace: Required value: it is the name",
				`namespace.annotations[e f]: Invalid value: "e f": ` + qualifiedNameRule,
				`namespace.annotations[e f]: Invalid value: "\x00": must not contain the character U+0000, which YAML cannot carry`,
			},
		},
	})
}
