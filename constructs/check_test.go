package constructs

import (
	"math"
	"strings"
	"testing"
)

func TestCheckObjectName(t *testing.T) {
	long := strings.Repeat("a", 253)
	runChecks(t, map[string]check{
		"good":                 {errs: checkObjectName(prop, "my.secret-1")},
		"longest":              {errs: checkObjectName(prop, long)},
		"too long":             {checkObjectName(prop, long+"a"), []string{`prop: Invalid value: "` + long + `a": must be no more than 253 characters`}},
		"missing":              {checkObjectName(prop, ""), []string{"prop: Required value"}},
		"upper case":           {checkObjectName(prop, "Secret"), []string{`prop: Invalid value: "Secret": ` + subdomainRule}},
		"optional":             {errs: checkOptionalObjectName(prop, "")},
		"optional, underscore": {checkOptionalObjectName(prop, "a_b"), []string{`prop: Invalid value: "a_b": ` + subdomainRule}},
	})
}

func TestCheckNumbers(t *testing.T) {
	runChecks(t, map[string]check{
		"first port":      {errs: checkPort(prop, 1)},
		"last port":       {errs: checkPort(prop, 65535)},
		"no port":         {checkPort(prop, 0), []string{"prop: Invalid value: 0: " + portRule}},
		"port beyond":     {checkPort(prop, 65536), []string{"prop: Invalid value: 65536: " + portRule}},
		"negative port":   {checkPort(prop, -80), []string{"prop: Invalid value: -80: " + portRule}},
		"least":           {errs: checkAtLeast(prop, 1, 1)},
		"greatest":        {errs: checkAtLeast(prop, math.MaxInt32, 1)},
		"below the least": {checkAtLeast(prop, 0, 1), []string{"prop: Invalid value: 0: " + notBelow1Rule}},
		"beyond 32 bits":  {checkAtLeast(prop, math.MaxInt32+1, 0), []string{"prop: Invalid value: 2147483648: " + notBelow0Rule}},
	})
}

func TestCheckText(t *testing.T) {
	runChecks(t, map[string]check{
		"empty":           {errs: checkText(prop, "")},
		"several lines":   {errs: checkText(prop, "a\n\tb\n")},
		"other scripts":   {errs: checkText(prop, "Grüße, 世界 🎉")},
		"invalid UTF-8":   {checkText(prop, "a\xff"), []string{`prop: Invalid value: "a` + "\ufffd" + `": must be valid UTF-8`}},
		"carriage return": {checkText(prop, "a\r\nb"), []string{`prop: Invalid value: "a\r\nb": must not contain the character U+000D, which YAML cannot carry`}},
		"NUL":             {checkText(prop, "\x00"), []string{`prop: Invalid value: "\x00": must not contain the character U+0000, which YAML cannot carry`}},
		"escape":          {checkText(prop, "\x1b[0m"), []string{`prop: Invalid value: "\x1b[0m": must not contain the character U+001B, which YAML cannot carry`}},
		"next line":       {checkText(prop, "\u0085"), []string{`prop: Invalid value: "\u0085": must not contain the character U+0085, which YAML cannot carry`}},
		"line separator":  {checkText(prop, "\u2028"), []string{`prop: Invalid value: "\u2028": must not contain the character U+2028, which YAML cannot carry`}},
		"byte order mark": {checkText(prop, "\ufeffa"), []string{`prop: Invalid value: "\ufeffa": must not contain the character U+FEFF, which YAML cannot carry`}},
	})
}

func TestCheckLabels(t *testing.T) {
	long := strings.Repeat("a", 63)
	runChecks(t, map[string]check{
		"none":        {errs: checkLabels(prop, nil)},
		"good":        {errs: checkLabels(prop, map[string]string{"team": "a", "example.com/Tier_1": "", "longest": long})},
		"bad key":     {checkLabels(prop, map[string]string{"a b": "c"}), []string{`prop[a b]: Invalid value: "a b": ` + qualifiedNameRule}},
		"bad value":   {checkLabels(prop, map[string]string{"a": "b c"}), []string{`prop[a]: Invalid value: "b c": ` + labelValueRule}},
		"long value":  {checkLabels(prop, map[string]string{"a": long + "a"}), []string{`prop[a]: Invalid value: "` + long + `a": must be no more than 63 bytes`}},
		"line break":  {checkLabels(prop, map[string]string{"a\nb": ""}), []string{`prop["a\nb"]: Invalid value: "a\nb": ` + qualifiedNameRule}},
		"JavaScript":  {checkLabels(prop, map[string]string{"constructor": ""}), []string{`prop[constructor]: Invalid value: "constructor": cdk8s takes an object with this key for a JavaScript class and fails`}},
		"reserved":    {checkReserved(prop, map[string]string{"app": "", "team": ""}), []string{"prop[app]: Forbidden: is set by the construct"}},
		"recommended": {checkReserved(prop, map[string]string{"app.kubernetes.io/name": ""}), []string{"prop[app.kubernetes.io/name]: Forbidden: is set by the construct"}},
		"all problems": {
			checkLabels(prop, map[string]string{"a b": "c d", "e f": "g"}),
			[]string{
				`prop[a b]: Invalid value: "a b": ` + qualifiedNameRule,
				`prop[a b]: Invalid value: "c d": ` + labelValueRule,
				`prop[e f]: Invalid value: "e f": ` + qualifiedNameRule,
			},
		},
	})
}

func TestCheckAnnotations(t *testing.T) {
	most := strings.Repeat("a", maxAnnotations-len("note"))
	runChecks(t, map[string]check{
		"good":      {errs: checkAnnotations(prop, map[string]string{"Example.com/Note": "any text, of\nseveral lines: 🎉"})},
		"longest":   {errs: checkAnnotations(prop, map[string]string{"note": most})},
		"too long":  {checkAnnotations(prop, map[string]string{"note": most + "a"}), []string{"prop: Too long: may not be more than 262144 bytes"}},
		"bad key":   {checkAnnotations(prop, map[string]string{"a b": ""}), []string{`prop[a b]: Invalid value: "a b": ` + qualifiedNameRule}},
		"bad value": {checkAnnotations(prop, map[string]string{"a": "\r"}), []string{`prop[a]: Invalid value: "\r": must not contain the character U+000D, which YAML cannot carry`}},
	})
}
