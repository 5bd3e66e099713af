package externalsecrets

import (
	"testing"
	"time"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestStoreSecretProps(t *testing.T) {
	keys := map[string]RemoteKey{"a": {Key: "shop/a"}}
	runChecks(t, map[string]expectation{
		"good":    {StoreSecretProps{Store: Store{Name: "vault"}, Keys: keys}.Validate(checktest.Prop), nil},
		"nothing": {StoreSecretProps{}.Validate(checktest.Prop), []string{"prop.store.name: Required value", "prop.keys: Required value"}},
		"all wrong": {
			StoreSecretProps{
				Store:           Store{Name: "A", Kind: "Vault"},
				Keys:            map[string]RemoteKey{"a": {}, "b c": {Key: "\xff", Property: "\xff", Version: "\xff"}},
				Templates:       map[string]string{"a": "{{"},
				RefreshInterval: time.Millisecond,
				Name:            "A",
			}.Validate(checktest.Prop),
			[]string{
				`prop.store.name: Invalid value: "A": ` + checktest.SubdomainRule,
				`prop.store.kind: Unsupported value: "Vault": supported values: "SecretStore", "ClusterSecretStore"`,
				"prop.keys[a].key: Required value",
				`prop.keys[b c]: Invalid value: "b c": ` + checktest.KeyRule,
				`prop.keys[b c].key: Invalid value: "` + "\ufffd" + `": must be valid UTF-8`,
				`prop.keys[b c].property: Invalid value: "` + "\ufffd" + `": must be valid UTF-8`,
				`prop.keys[b c].version: Invalid value: "` + "\ufffd" + `": must be valid UTF-8`,
				`prop.refreshInterval: Invalid value: "1ms": must be in whole seconds between 1s and 8784h`,
				`prop.templates[a]: Duplicate value: "a": already set by prop.keys`,
				`prop.templates[a]: Invalid value: "{{": invalid Go template, in which {{ index . "a-key" }} is a value: 1: unclosed action`,
				`prop.name: Invalid value: "A": ` + checktest.SubdomainRule,
			},
		},
	})
}
