package check

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestCheckObjectName(t *testing.T) {
	long := strings.Repeat("a", 253)
	runChecks(t, map[string]expectation{
		"good":                 {errs: ObjectName(checktest.Prop, "my.secret-1")},
		"longest":              {errs: ObjectName(checktest.Prop, long)},
		"too long":             {ObjectName(checktest.Prop, long+"a"), []string{`prop: Invalid value: "` + long + `a": must be no more than 253 characters`}},
		"missing":              {ObjectName(checktest.Prop, ""), []string{"prop: Required value"}},
		"upper case":           {ObjectName(checktest.Prop, "Secret"), []string{`prop: Invalid value: "Secret": ` + checktest.SubdomainRule}},
		"optional":             {errs: OptionalObjectName(checktest.Prop, "")},
		"optional, underscore": {OptionalObjectName(checktest.Prop, "a_b"), []string{`prop: Invalid value: "a_b": ` + checktest.SubdomainRule}},
	})
}

func TestCheckNumbers(t *testing.T) {
	runChecks(t, map[string]expectation{
		"first port":      {errs: Port(checktest.Prop, 1)},
		"last port":       {errs: Port(checktest.Prop, 65535)},
		"no port":         {Port(checktest.Prop, 0), []string{"prop: Invalid value: 0: " + checktest.PortRule}},
		"port beyond":     {Port(checktest.Prop, 65536), []string{"prop: Invalid value: 65536: " + checktest.PortRule}},
		"negative port":   {Port(checktest.Prop, -80), []string{"prop: Invalid value: -80: " + checktest.PortRule}},
		"least":           {errs: AtLeast(checktest.Prop, 1, 1)},
		"greatest":        {errs: AtLeast(checktest.Prop, math.MaxInt32, 1)},
		"below the least": {AtLeast(checktest.Prop, 0, 1), []string{"prop: Invalid value: 0: " + checktest.NotBelow1Rule}},
		"beyond 32 bits":  {AtLeast(checktest.Prop, math.MaxInt32+1, 0), []string{"prop: Invalid value: 2147483648: " + checktest.NotBelow0Rule}},
	})
}

func TestCheckText(t *testing.T) {
	runChecks(t, map[string]expectation{
		"empty":          {errs: Text(checktest.Prop, "")},
		"several lines":  {errs: Text(checktest.Prop, "a\n\tb\n")},
		"other scripts":  {errs: Text(checktest.Prop, "Grüße, 世界 🎉")},
		"invalid UTF-8":  {Text(checktest.Prop, "a\xff"), []string{`prop: Invalid value: "a` + "\ufffd" + `": must be valid UTF-8`}},
		"what is quoted": {errs: Text(checktest.Prop, "a\r\n\x00\x1b[0m \u2028 \ufeff")},
	})
}

func TestCheckVariable(t *testing.T) {
	runChecks(t, map[string]expectation{
		"several lines": {errs: Variable(checktest.Prop, "a\r\nb\x1b")},
		"invalid UTF-8": {Variable(checktest.Prop, "a\xff"), []string{`prop: Invalid value: "a` + "\ufffd" + `": must be valid UTF-8`}},
		"NUL":           {Variable(checktest.Prop, "a\x00\xff"), []string{`prop: Invalid value: "a\x00` + "\ufffd" + `": must not contain NUL: the container would not start`}},
	})
}

func TestCheckLabels(t *testing.T) {
	long := strings.Repeat("a", 63)
	runChecks(t, map[string]expectation{
		"none":       {errs: Labels(checktest.Prop, nil)},
		"good":       {errs: Labels(checktest.Prop, map[string]string{"team": "a", "example.com/Tier_1": "", "longest": long})},
		"bad key":    {Labels(checktest.Prop, map[string]string{"a b": "c"}), []string{`prop[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule}},
		"bad value":  {Labels(checktest.Prop, map[string]string{"a": "b c"}), []string{`prop[a]: Invalid value: "b c": ` + checktest.LabelValueRule}},
		"long value": {Labels(checktest.Prop, map[string]string{"a": long + "a"}), []string{`prop[a]: Invalid value: "` + long + `a": must be no more than 63 bytes`}},
		"line break": {Labels(checktest.Prop, map[string]string{"a\nb": ""}), []string{`prop["a\nb"]: Invalid value: "a\nb": ` + checktest.QualifiedNameRule}},
		"JavaScript": {Labels(checktest.Prop, map[string]string{"constructor": ""}), []string{`prop[constructor]: Invalid value: "constructor": not supported by cdk8s, which takes an object with this key for a JavaScript class`}},
		"all problems": {
			Labels(checktest.Prop, map[string]string{"a b": "c d", "e f": "g"}),
			[]string{
				`prop[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule,
				`prop[a b]: Invalid value: "c d": ` + checktest.LabelValueRule,
				`prop[e f]: Invalid value: "e f": ` + checktest.QualifiedNameRule,
			},
		},
	})
}

func TestCheckAnnotations(t *testing.T) {
	most := strings.Repeat("a", maxAnnotations-len("note"))
	runChecks(t, map[string]expectation{
		"good":      {errs: Annotations(checktest.Prop, map[string]string{"Example.com/Note": "any text, of\nseveral lines: 🎉"})},
		"longest":   {errs: Annotations(checktest.Prop, map[string]string{"note": most})},
		"too long":  {Annotations(checktest.Prop, map[string]string{"note": most + "a"}), []string{"prop: Too long: may not be more than 262144 bytes"}},
		"bad key":   {Annotations(checktest.Prop, map[string]string{"a b": ""}), []string{`prop[a b]: Invalid value: "a b": ` + checktest.QualifiedNameRule}},
		"bad value": {Annotations(checktest.Prop, map[string]string{"a": "\xff"}), []string{`prop[a]: Invalid value: "` + "\ufffd" + `": must be valid UTF-8`}},
	})
}

func TestWholeSeconds(t *testing.T) {
	const rule = "must be in whole seconds between 1s and 1h"
	check := func(value time.Duration) field.ErrorList {
		return WholeSeconds(checktest.Prop, value, time.Second, time.Hour)
	}
	runChecks(t, map[string]expectation{
		"least":       {errs: check(time.Second)},
		"most":        {errs: check(time.Hour)},
		"too little":  {check(0), []string{`prop: Invalid value: "0s": ` + rule}},
		"too much":    {check(time.Hour + time.Second), []string{`prop: Invalid value: "1h0m1s": ` + rule}},
		"a fraction":  {check(1500 * time.Millisecond), []string{`prop: Invalid value: "1.5s": ` + rule}},
		"nanoseconds": {check(3600), []string{`prop: Invalid value: "3.6µs": ` + rule}},
	})
}

func TestDuration(t *testing.T) {
	for want, value := range map[string]time.Duration{
		"10s": 10 * time.Second, "10m": 10 * time.Minute, "1m30s": 90 * time.Second, "20h": 20 * time.Hour, "1h30m": 90 * time.Minute, "1h0m5s": time.Hour + 5*time.Second,
	} {
		require.Equal(t, want, Duration(value))
	}
}
