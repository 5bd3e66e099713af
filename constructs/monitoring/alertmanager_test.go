package monitoring

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/check/checktest"
)

var someService = constructs.ExternalServer{Host: "10.0.0.1", Port: 443}

func someReceiver(kind AlertReceiverKind, severities ...Severity) AlertReceiver {
	return AlertReceiver{Kind: kind, Severities: severities, Secret: constructs.SecretKeyRef{Secret: "a", Key: "b"}, Server: someService}
}

func receivedBy(receivers ...AlertReceiver) AlertmanagerProps {
	return AlertmanagerProps{Receivers: receivers}
}

func TestAlertmanagerProps(t *testing.T) {
	without := func(change func(*AlertReceiver)) field.ErrorList {
		r := someReceiver(ReceiverSlack)
		change(&r)
		return receivedBy(r).Validate(checktest.Prop)
	}
	at := func(path string) field.ErrorList {
		props := receivedBy(someReceiver(ReceiverSlack))
		props.Storage.MountPath = path
		return props.Validate(checktest.Prop)
	}
	server := receivedBy(someReceiver(ReceiverSlack))
	server.Storage.Size, server.Image = "1", "a"
	runChecks(t, map[string]expectation{
		"valid":  {without(func(*AlertReceiver) {}), nil},
		"nobody": {AlertmanagerProps{}.Validate(checktest.Prop), []string{"prop.receivers: Required value: add at least one receiver for the alerts"}},
		"nothing": {receivedBy(AlertReceiver{}).Validate(checktest.Prop), []string{
			`prop.receivers[0].kind: Unsupported value: "": supported values: "slack", "pagerduty", "webhook"`,
			"prop.receivers[0].secret.secret: Required value", "prop.receivers[0].secret.key: Required value",
			"prop.receivers[0].server: Required value: the network policies need its address",
		}},
		"kind":                     {without(func(r *AlertReceiver) { r.Kind = "fax" }), []string{`prop.receivers[0].kind: Unsupported value: "fax": supported values: "slack", "pagerduty", "webhook"`}},
		"key":                      {without(func(r *AlertReceiver) { r.Secret.Key = "a/b" }), []string{`prop.receivers[0].secret.key: Invalid value: "a/b": ` + checktest.KeyRule}},
		"name":                     {without(func(r *AlertReceiver) { r.Name = "On Call" }), []string{`prop.receivers[0].name: Invalid value: "On Call": ` + checktest.LabelRule}},
		"a volume over the secret": {at("/etc/alertmanager/secrets/slack"), []string{`prop.storage.mountPath: Invalid value: "/etc/alertmanager/secrets/slack": already mounted by prop.receivers[0].secret`}},
		"the server":               {server.Validate(checktest.Prop), []string{`prop.image: Invalid value: "a": must include a tag or digest`, `prop.storage.size: Invalid value: "1": must be at least 1Mi and at most 1Pi`}},
	})
}

func TestReceiversOfSeverities(t *testing.T) {
	named := someReceiver(ReceiverSlack, SeverityWarning)
	named.Name = "warnings"
	heartbeat := someReceiver(ReceiverWebhook)
	heartbeat.Name = "heartbeat"
	silent := receivedBy(someReceiver(ReceiverSlack))
	silent.Heartbeat = &Heartbeat{}
	beating := receivedBy(someReceiver(ReceiverPagerDuty, SeverityCritical), someReceiver(ReceiverSlack, SeverityWarning))
	beating.Heartbeat = &Heartbeat{Secret: constructs.SecretKeyRef{Secret: "a", Key: "c"}, Server: someService}
	runChecks(t, map[string]expectation{
		"one for each":          {beating.Validate(checktest.Prop), nil},
		"two of a kind":         {receivedBy(someReceiver(ReceiverSlack, SeverityCritical), named).Validate(checktest.Prop), nil},
		"two for one":           {receivedBy(someReceiver(ReceiverSlack), someReceiver(ReceiverPagerDuty, SeverityCritical)).Validate(checktest.Prop), nil},
		"none for warnings":     {receivedBy(someReceiver(ReceiverPagerDuty, SeverityCritical)).Validate(checktest.Prop), []string{`prop.receivers: Required value: no receiver accepts alerts of severity "warning": add it to the severities of one`}},
		"a name twice":          {receivedBy(someReceiver(ReceiverSlack, SeverityCritical), someReceiver(ReceiverSlack, SeverityWarning)).Validate(checktest.Prop), []string{`prop.receivers[1].name: Duplicate value: "slack": already the name of prop.receivers[0]`}},
		"the heartbeat's name":  {receivedBy(heartbeat).Validate(checktest.Prop), []string{`prop.receivers[0].name: Duplicate value: "heartbeat": already the name of a built-in receiver`}},
		"an incomplete service": {silent.Validate(checktest.Prop), []string{"prop.heartbeat.secret.secret: Required value", "prop.heartbeat.secret.key: Required value", "prop.heartbeat.server: Required value: the network policies need its address"}},
		"everything at once": {
			receivedBy(AlertReceiver{Kind: ReceiverSlack, Severities: []Severity{"high", SeverityCritical, SeverityCritical}}, AlertReceiver{Kind: ReceiverSlack, Severities: []Severity{SeverityCritical}, Server: someService}).Validate(checktest.Prop),
			[]string{
				`prop.receivers[0].severities[0]: Unsupported value: "high": supported values: "critical", "warning"`,
				`prop.receivers[0].severities[2]: Duplicate value: "critical": the same as prop.receivers[0].severities[1]`,
				"prop.receivers[0].secret.secret: Required value",
				"prop.receivers[0].secret.key: Required value",
				"prop.receivers[0].server: Required value: the network policies need its address",
				"prop.receivers[1].secret.secret: Required value",
				"prop.receivers[1].secret.key: Required value",
				`prop.receivers[1].name: Duplicate value: "slack": already the name of prop.receivers[0]`,
				`prop.receivers: Required value: no receiver accepts alerts of severity "warning": add it to the severities of one`,
			},
		},
	})
}

// Services at one address are one connection, as network policies see it.
func TestReceiversAtOneAddress(t *testing.T) {
	elsewhere := someReceiver(ReceiverPagerDuty)
	elsewhere.Server = constructs.ExternalServer{Host: "10.0.0.2", Port: 443}
	require.Len(t, receivedBy(someReceiver(ReceiverSlack), someReceiver(ReceiverWebhook), elsewhere).connections(checktest.Prop), 2)
}

// A heartbeat that does not arrive is for its service to say, as far as it can be told from messages to people.
func TestUndeliveredHeartbeats(t *testing.T) {
	beating := func(kind AlertReceiverKind) alertmanagerTarget {
		props := receivedBy(someReceiver(kind))
		props.Heartbeat = &Heartbeat{}
		return props.target()
	}
	expr := func(a alertmanagerTarget) string { return a.alerts(component{Component: testComponent})[0].Expr }
	require.Contains(t, expr(beating(ReceiverSlack)), `integration!="webhook"`)
	require.NotContains(t, expr(beating(ReceiverWebhook)), "integration!=")
	require.NotContains(t, expr(receivedBy(someReceiver(ReceiverSlack)).target()), "integration!=")
}
