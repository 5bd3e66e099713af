package constructs

import (
	"math"
	"testing"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

// goodPod is what PodProps need at least; the tiers give it as defaults.
var goodPod = PodProps{RunAsUser: 1, RunAsGroup: 1, TerminationGracePeriodSeconds: 1}

func TestPodPropsValidate(t *testing.T) {
	with := func(change func(p *PodProps)) PodProps {
		p := goodPod
		change(&p)
		return p
	}
	runChecks(t, map[string]expectation{
		"least":      {errs: goodPod.Validate(checktest.Prop)},
		"greatest":   {errs: PodProps{RunAsUser: math.MaxInt32, RunAsGroup: math.MaxInt32, TerminationGracePeriodSeconds: math.MaxInt32}.Validate(checktest.Prop)},
		"root group": {errs: with(func(p *PodProps) { p.RunAsGroup = 0 }).Validate(checktest.Prop)},
		"root":       {with(func(p *PodProps) { p.RunAsUser = 0 }).Validate(checktest.Prop), []string{"prop.runAsUser: Invalid value: 0: " + checktest.NotBelow1Rule}},
		"all good": {errs: with(func(p *PodProps) {
			p.ImagePullSecrets = []string{"registry", "registry.example.com"}
			p.ServiceAccountName = "api"
			p.PriorityClassName = "system-cluster-critical"
			p.NodeSelector = map[string]string{"kubernetes.io/arch": "amd64"}
			p.Tolerations = []Toleration{{Operator: TolerationExists}}
			p.Labels = map[string]string{"team": "a"}
			p.Annotations = map[string]string{"note": "b"}
		}).Validate(checktest.Prop)},
		"all wrong": {
			PodProps{
				ImagePullSecrets:              []string{"", "a b", "twice", "twice"},
				ServiceAccountName:            "A",
				PriorityClassName:             "a_b",
				NodeSelector:                  map[string]string{"a b": "c d"},
				Tolerations:                   []Toleration{{Operator: "Like"}},
				RunAsUser:                     -1,
				RunAsGroup:                    -1,
				TerminationGracePeriodSeconds: -1,
				Labels:                        map[string]string{"app": "x", "": ""},
				Annotations:                   map[string]string{"checksum/files": "x", "a b": "\xff"},
			}.Validate(checktest.Prop),
			[]string{
				`prop.serviceAccountName: Invalid value: "A": ` + checktest.SubdomainRule,
				`prop.priorityClassName: Invalid value: "a_b": ` + checktest.SubdomainRule,
				"prop.imagePullSecrets[0]: Required value",
				`prop.imagePullSecrets[1]: Invalid value: "a b": ` + checktest.SubdomainRule,
				`prop.imagePullSecrets[3]: Duplicate value: "twice": the same as prop.imagePullSecrets[2]`,
				`prop.nodeSelector[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				`prop.nodeSelector[a b]: Invalid value: "c d": ` + checktest.LabelValueRule,
				`prop.tolerations[0].operator: Unsupported value: "Like": supported values: "Equal", "Exists"`,
				"prop.tolerations[0].key: Required value: required unless operator is Exists",
				"prop.runAsUser: Invalid value: -1: " + checktest.NotBelow1Rule,
				"prop.runAsGroup: Invalid value: -1: " + checktest.NotBelow0Rule,
				"prop.terminationGracePeriodSeconds: Invalid value: -1: " + checktest.NotBelow1Rule,
				`prop.labels[]: Invalid value: "": name part must be non-empty`,
				`prop.labels[]: Invalid value: "": ` + checktest.QualifiedNameRule,
				"prop.labels[app]: Forbidden: is set by the construct",
				`prop.annotations[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				`prop.annotations[a b]: Invalid value: "` + "\ufffd" + `": must be valid UTF-8`,
				"prop.annotations[checksum/files]: Forbidden: is set by the construct",
			},
		},
	})
}

func TestTolerationValidate(t *testing.T) {
	runChecks(t, map[string]expectation{
		"value":            {errs: Toleration{Key: "example.com/gpu", Value: "a100", Effect: TaintNoSchedule}.validate(checktest.Prop)},
		"every taint":      {errs: Toleration{Operator: TolerationExists}.validate(checktest.Prop)},
		"for no time":      {errs: Toleration{Key: "a", Effect: TaintNoExecute, TolerationSeconds: new(0)}.validate(checktest.Prop)},
		"nothing":          {Toleration{}.validate(checktest.Prop), []string{"prop.key: Required value: required unless operator is Exists"}},
		"bad key":          {Toleration{Key: "a b"}.validate(checktest.Prop), []string{`prop.key: Invalid value: "a b": ` + checktest.QualifiedNameRule}},
		"bad value":        {Toleration{Key: "a", Value: "b c"}.validate(checktest.Prop), []string{`prop.value: Invalid value: "b c": ` + checktest.LabelValueRule}},
		"value and Exists": {Toleration{Key: "a", Operator: TolerationExists, Value: "b"}.validate(checktest.Prop), []string{`prop.value: Invalid value: "b": must be empty if operator is Exists`}},
		"bad effect":       {Toleration{Key: "a", Effect: "Evict"}.validate(checktest.Prop), []string{`prop.effect: Unsupported value: "Evict": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"`}},
		"seconds": {
			Toleration{Key: "a", Effect: TaintNoSchedule, TolerationSeconds: new(-1)}.validate(checktest.Prop),
			[]string{
				"prop.tolerationSeconds: Invalid value: -1: " + checktest.NotBelow0Rule,
				`prop.effect: Invalid value: "NoSchedule": must be NoExecute if tolerationSeconds is set`,
			},
		},
	})
}
