package monitoring

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestAlertmanagerProps(t *testing.T) {
	receiver := AlertReceiver{Kind: Slack, Secret: constructs.SecretKey{Secret: "a", Key: "b"}, Server: constructs.External{Host: "10.0.0.1", Port: 443}}
	without := func(change func(*AlertReceiver)) field.ErrorList {
		r := receiver
		change(&r)
		return r.validate(checktest.Prop)
	}
	at := func(path string) field.ErrorList {
		props := AlertmanagerProps{Receiver: receiver, Storage: constructs.Storage{MountPath: path}}
		return props.Validate(checktest.Prop)
	}
	server := AlertmanagerProps{Receiver: receiver, Storage: constructs.Storage{Size: "1"}, Image: "a"}
	runChecks(t, map[string]expectation{
		"valid":                    {without(func(*AlertReceiver) {}), nil},
		"nothing":                  {AlertReceiver{}.validate(checktest.Prop), []string{`prop.kind: Unsupported value: "": supported values: "slack", "pagerduty", "webhook"`, "prop.secret.secret: Required value", "prop.secret.key: Required value", "prop.server: Required value: it is what the network policies open"}},
		"kind":                     {without(func(r *AlertReceiver) { r.Kind = "fax" }), []string{`prop.kind: Unsupported value: "fax": supported values: "slack", "pagerduty", "webhook"`}},
		"key":                      {without(func(r *AlertReceiver) { r.Secret.Key = "a/b" }), []string{`prop.secret.key: Invalid value: "a/b": ` + checktest.KeyRule}},
		"a volume over the secret": {at("/etc/alertmanager/secrets"), []string{`prop.storage.mountPath: Invalid value: "/etc/alertmanager/secrets": is mounted already by prop.secret`}},
		"the server":               {server.Validate(checktest.Prop), []string{`prop.image: Invalid value: "a": must have a tag or a digest, so that what runs is said here`, `prop.storage.size: Invalid value: "1": must be at least 1Mi and at most 1Pi`}},
	})
}
