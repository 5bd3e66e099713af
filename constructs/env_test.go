package constructs

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

func TestVariablesValidate(t *testing.T) {
	key := SecretKeyRef{Secret: "shop-secrets", Key: "token"}
	connected := []*k8s.EnvVar{manifest.Variable("DATABASE_URL", "postgres://db")}
	type (
		plain   = map[string]string
		secrets = map[string]SecretKeyRef
	)
	runChecks(t, map[string]expectation{
		"none":        {errs: variables{}.validate(checktest.Prop)},
		"good":        {errs: variables{connected: connected, secretEnv: secrets{"TOKEN": key}, env: plain{"LEVEL": "debug", "_x.y-Z1": "", "EMPTY": ""}}.validate(checktest.Prop)},
		"empty name":  {variables{env: plain{"": "x"}}.validate(checktest.Prop), []string{`prop.env[]: Invalid value: "": ` + checktest.VariableRule}},
		"digit first": {variables{env: plain{"1A": "x"}}.validate(checktest.Prop), []string{`prop.env[1A]: Invalid value: "1A": ` + checktest.VariableRule}},
		"equals sign": {variables{env: plain{"A=B": "x"}}.validate(checktest.Prop), []string{`prop.env[A=B]: Invalid value: "A=B": ` + checktest.VariableRule}},
		"line break":  {variables{env: plain{"A\nB": "x"}}.validate(checktest.Prop), []string{`prop.env["A\nB"]: Invalid value: "A\nB": ` + checktest.VariableRule}},
		"bad value":   {variables{env: plain{"A": "\x00"}}.validate(checktest.Prop), []string{`prop.env[A]: Invalid value: "\x00": must not contain NUL: the container would not start`}},
		"set by a connection": {
			variables{connected: connected, env: plain{"DATABASE_URL": "x"}}.validate(checktest.Prop),
			[]string{`prop.env[DATABASE_URL]: Duplicate value: "DATABASE_URL": already set by a connection`},
		},
		"set twice": {
			variables{connected: connected, secretEnv: secrets{"TOKEN": key, "DATABASE_URL": key}, env: plain{"TOKEN": "x"}}.validate(checktest.Prop),
			[]string{
				`prop.secretEnv[DATABASE_URL]: Duplicate value: "DATABASE_URL": already set by a connection`,
				`prop.env[TOKEN]: Duplicate value: "TOKEN": already set by prop.secretEnv`,
			},
		},
		"all wrong": {
			variables{secretEnv: secrets{"A B": {}, "TOKEN": {Secret: "A_B", Key: "a/b"}}, env: plain{"C D": "\x00"}}.validate(checktest.Prop),
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
		"fields": {errs: variables{
			fieldEnv: map[string]FieldRef{
				"POD": {Field: "metadata.name"}, "TEAM": {Field: "metadata.labels['team']"}, "APP": {Field: "metadata.labels['app']"},
				"OWNER": {Field: "metadata.annotations['example.com/owner']"}, "CPUS": {Resource: "limits.cpu"}, "MILLIS": {Resource: "requests.cpu", Divisor: "1m"},
				"MEMORY": {Resource: "limits.memory", Divisor: "1Mi"},
			},
			env: plain{"URL": "http://$(POD)"},
			pod: PodProps{Labels: plain{"team": "shop"}, Annotations: plain{"example.com/owner": "shop"}},
		}.validate(checktest.Prop)},
		"bad fields": {
			variables{connected: connected, secretEnv: secrets{"TOKEN": key}, env: plain{"F": "x"}, fieldEnv: map[string]FieldRef{
				"1A": {Field: "metadata.name"}, "A": {}, "B": {Field: "metadata.name", Resource: "limits.cpu"}, "C": {Field: "spec.nodename"},
				"D": {Field: "metadata.name", Divisor: "1"}, "DATABASE_URL": {Field: "metadata.name"}, "E": {Resource: "limits.gpu"},
				"F": {Resource: "limits.cpu", Divisor: "1Mi"}, "G": {Resource: "limits.memory", Divisor: "1Gg"},
				"H": {Field: "metadata.labels['team']"}, "I": {Field: "metadata.annotations['a']"}, "TOKEN": {Field: "status.podIP"},
			}}.validate(checktest.Prop),
			[]string{
				`prop.fieldEnv[1A]: Invalid value: "1A": ` + checktest.VariableRule,
				"prop.fieldEnv[A]: Required value: set field or resource",
				"prop.fieldEnv[B]: Forbidden: field and resource exclude each other: remove one of them",
				`prop.fieldEnv[C].field: Unsupported value: "spec.nodename": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs", "metadata.labels['<key>']", "metadata.annotations['<key>']"`,
				"prop.fieldEnv[D].divisor: Forbidden: has no effect without resource: remove it",
				`prop.fieldEnv[DATABASE_URL]: Duplicate value: "DATABASE_URL": already set by a connection`,
				`prop.fieldEnv[E].resource: Unsupported value: "limits.gpu": supported values: "requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage"`,
				`prop.fieldEnv[F].divisor: Unsupported value: "1Mi": supported values: "1", "1m"`,
				`prop.fieldEnv[G].divisor: Unsupported value: "1Gg": supported values: "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"`,
				`prop.fieldEnv[H].field: Invalid value: "metadata.labels['team']": the pods do not have it, and the variable would be empty: add it to pod.labels`,
				`prop.fieldEnv[I].field: Invalid value: "metadata.annotations['a']": the pods do not have it, and the variable would be empty: add it to pod.annotations`,
				`prop.fieldEnv[TOKEN]: Duplicate value: "TOKEN": already set by prop.secretEnv`,
				`prop.env[F]: Duplicate value: "F": already set by prop.fieldEnv`,
			},
		},
		"sources": {errs: variables{
			envFrom: []EnvFrom{{Secret: "a"}, {ConfigMap: "a", Prefix: "A_", Optional: true}, {ConfigMap: "a"}},
			env:     plain{"URL": "http://$(ANYTHING)"},
		}.validate(checktest.Prop)},
		"bad sources": {
			variables{
				envFrom: []EnvFrom{{}, {Secret: "a", ConfigMap: "b"}, {Secret: "A_B", Prefix: "1"}, {ConfigMap: "A_B"}, {ConfigMap: "c", Prefix: "C_"}, {ConfigMap: "c", Prefix: "C_", Optional: true}},
				env:     plain{"URL": "http://$(C_HOST)"},
			}.validate(checktest.Prop),
			[]string{
				"prop.envFrom[0]: Required value: set secret or configMap",
				"prop.envFrom[1]: Forbidden: secret and configMap exclude each other: use an element for each",
				`prop.envFrom[2].secret: Invalid value: "A_B": ` + checktest.SubdomainRule,
				`prop.envFrom[2].prefix: Invalid value: "1": ` + checktest.VariableRule,
				`prop.envFrom[3].configMap: Invalid value: "A_B": ` + checktest.SubdomainRule,
				`prop.envFrom[5]: Duplicate value: "c": the same as prop.envFrom[4]`,
			},
		},
		"a name that no source can have": {
			variables{envFrom: []EnvFrom{{ConfigMap: "c", Prefix: "C_"}}, env: plain{"URL": "http://$(HOST)"}}.validate(checktest.Prop),
			[]string{`prop.env[URL]: Invalid value: "http://$(HOST)": refers to $(HOST), which the container does not have: add it to env or secretEnv, or write $$(HOST) for the text itself`},
		},
	})
}

func TestSecretKeyValidate(t *testing.T) {
	runChecks(t, map[string]expectation{
		"good":         {errs: SecretKeyRef{Secret: "a.b", Key: "._-aZ0"}.Validate(checktest.Prop)},
		"parent's key": {SecretKeyRef{Secret: "a", Key: ".."}.Validate(checktest.Prop), []string{`prop.key: Invalid value: "..": must not be '..'`}},
	})
}
