package constructs

import "testing"

func TestCheckEnvironment(t *testing.T) {
	key := SecretKey{Secret: "shop-secrets", Key: "token"}
	connected := environment{plainVariable("DATABASE_URL", "postgres://db")}
	type (
		plain   = map[string]string
		secrets = map[string]SecretKey
	)
	runChecks(t, map[string]check{
		"none":        {errs: checkEnvironment(prop, nil, nil, nil)},
		"good":        {errs: checkEnvironment(prop, connected, secrets{"TOKEN": key}, plain{"LEVEL": "debug", "_x.y-Z1": "", "EMPTY": ""})},
		"empty name":  {checkEnvironment(prop, nil, nil, plain{"": "x"}), []string{`prop.env[]: Invalid value: "": ` + variableRule}},
		"digit first": {checkEnvironment(prop, nil, nil, plain{"1A": "x"}), []string{`prop.env[1A]: Invalid value: "1A": ` + variableRule}},
		"equals sign": {checkEnvironment(prop, nil, nil, plain{"A=B": "x"}), []string{`prop.env[A=B]: Invalid value: "A=B": ` + variableRule}},
		"line break":  {checkEnvironment(prop, nil, nil, plain{"A\nB": "x"}), []string{`prop.env["A\nB"]: Invalid value: "A\nB": ` + variableRule}},
		"bad value":   {checkEnvironment(prop, nil, nil, plain{"A": "\x00"}), []string{`prop.env[A]: Invalid value: "\x00": must not contain the character U+0000, which YAML cannot carry`}},
		"set by a connection": {
			checkEnvironment(prop, connected, nil, plain{"DATABASE_URL": "x"}),
			[]string{`prop.env[DATABASE_URL]: Duplicate value: "DATABASE_URL": a connection sets it`},
		},
		"set twice": {
			checkEnvironment(prop, connected, secrets{"TOKEN": key, "DATABASE_URL": key}, plain{"TOKEN": "x"}),
			[]string{
				`prop.secretEnv[DATABASE_URL]: Duplicate value: "DATABASE_URL": a connection sets it`,
				`prop.env[TOKEN]: Duplicate value: "TOKEN": secretEnv sets it`,
			},
		},
		"all wrong": {
			checkEnvironment(prop, nil, secrets{"A B": {}, "TOKEN": {Secret: "A_B", Key: "a/b"}}, plain{"C D": "\r"}),
			[]string{
				`prop.secretEnv[A B]: Invalid value: "A B": ` + variableRule,
				"prop.secretEnv[A B].secret: Required value",
				"prop.secretEnv[A B].key: Required value",
				`prop.secretEnv[TOKEN].secret: Invalid value: "A_B": ` + subdomainRule,
				`prop.secretEnv[TOKEN].key: Invalid value: "a/b": ` + keyRule,
				`prop.env[C D]: Invalid value: "C D": ` + variableRule,
				`prop.env[C D]: Invalid value: "\r": must not contain the character U+000D, which YAML cannot carry`,
			},
		},
	})
}

func TestSecretKeyValidate(t *testing.T) {
	runChecks(t, map[string]check{
		"good":         {errs: SecretKey{Secret: "a.b", Key: "._-aZ0"}.validate(prop)},
		"parent's key": {SecretKey{Secret: "a", Key: ".."}.validate(prop), []string{`prop.key: Invalid value: "..": must not be '..'`}},
	})
}
