package constructs

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

func TestCheckEnvironment(t *testing.T) {
	key := SecretKeyRef{Secret: "shop-secrets", Key: "token"}
	connected := []*k8s.EnvVar{manifest.Variable("DATABASE_URL", "postgres://db")}
	type (
		plain   = map[string]string
		secrets = map[string]SecretKeyRef
	)
	runChecks(t, map[string]expectation{
		"none":        {errs: checkEnvironment(checktest.Prop, nil, nil, nil)},
		"good":        {errs: checkEnvironment(checktest.Prop, connected, secrets{"TOKEN": key}, plain{"LEVEL": "debug", "_x.y-Z1": "", "EMPTY": ""})},
		"empty name":  {checkEnvironment(checktest.Prop, nil, nil, plain{"": "x"}), []string{`prop.env[]: Invalid value: "": ` + checktest.VariableRule}},
		"digit first": {checkEnvironment(checktest.Prop, nil, nil, plain{"1A": "x"}), []string{`prop.env[1A]: Invalid value: "1A": ` + checktest.VariableRule}},
		"equals sign": {checkEnvironment(checktest.Prop, nil, nil, plain{"A=B": "x"}), []string{`prop.env[A=B]: Invalid value: "A=B": ` + checktest.VariableRule}},
		"line break":  {checkEnvironment(checktest.Prop, nil, nil, plain{"A\nB": "x"}), []string{`prop.env["A\nB"]: Invalid value: "A\nB": ` + checktest.VariableRule}},
		"bad value":   {checkEnvironment(checktest.Prop, nil, nil, plain{"A": "\x00"}), []string{`prop.env[A]: Invalid value: "\x00": must not contain NUL: the container would not start`}},
		"set by a connection": {
			checkEnvironment(checktest.Prop, connected, nil, plain{"DATABASE_URL": "x"}),
			[]string{`prop.env[DATABASE_URL]: Duplicate value: "DATABASE_URL": already set by a connection`},
		},
		"set twice": {
			checkEnvironment(checktest.Prop, connected, secrets{"TOKEN": key, "DATABASE_URL": key}, plain{"TOKEN": "x"}),
			[]string{
				`prop.secretEnv[DATABASE_URL]: Duplicate value: "DATABASE_URL": already set by a connection`,
				`prop.env[TOKEN]: Duplicate value: "TOKEN": already set by prop.secretEnv`,
			},
		},
		"all wrong": {
			checkEnvironment(checktest.Prop, nil, secrets{"A B": {}, "TOKEN": {Secret: "A_B", Key: "a/b"}}, plain{"C D": "\x00"}),
			[]string{
				`prop.secretEnv[A B]: Invalid value: "A B": ` + checktest.VariableRule,
				"prop.secretEnv[A B].secret: Required value",
				"prop.secretEnv[A B].key: Required value",
				`prop.secretEnv[TOKEN].secret: Invalid value: "A_B": ` + checktest.SubdomainRule,
				`prop.secretEnv[TOKEN].key: Invalid value: "a/b": ` + checktest.KeyRule,
				`prop.env[C D]: Invalid value: "C D": ` + checktest.VariableRule,
				`prop.env[C D]: Invalid value: "\x00": must not contain NUL: the container would not start`,
			},
		},
	})
}

func TestSecretKeyValidate(t *testing.T) {
	runChecks(t, map[string]expectation{
		"good":         {errs: SecretKeyRef{Secret: "a.b", Key: "._-aZ0"}.Validate(checktest.Prop)},
		"parent's key": {SecretKeyRef{Secret: "a", Key: ".."}.Validate(checktest.Prop), []string{`prop.key: Invalid value: "..": must not be '..'`}},
	})
}
