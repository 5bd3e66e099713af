package monitoring

import (
	"fmt"
	"path"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Receivers in addition to those of the props: for alerts that are meant for nobody, and for the heartbeat.
const (
	nobodyReceiver    = "nobody"
	heartbeatReceiver = "heartbeat"
)

var allSeverities = []Severity{SeverityCritical, SeverityWarning}

func (p AlertmanagerProps) receiversOf(severity Severity) []AlertReceiver {
	return slices.DeleteFunc(slices.Clone(p.Receivers), func(r AlertReceiver) bool { return !slices.Contains(r.Severities, severity) })
}

// validateReceivers also requires a receiver for every severity.
func (p AlertmanagerProps) validateReceivers(at *field.Path) field.ErrorList {
	if len(p.Receivers) == 0 {
		return field.ErrorList{field.Required(at, "add at least one receiver for the alerts")}
	}
	var errs field.ErrorList
	named := map[string]string{nobodyReceiver: "a built-in receiver", heartbeatReceiver: "a built-in receiver"}
	for i, r := range p.Receivers {
		errs = append(errs, r.validate(at.Index(i))...)
		if other, taken := named[r.Name]; taken {
			errs = append(errs, check.Duplicate(at.Index(i).Child("name"), r.Name, "already the name of "+other))
		}
		named[r.Name] = at.Index(i).String()
	}
	for _, severity := range allSeverities {
		if len(p.receiversOf(severity)) == 0 {
			errs = append(errs, field.Required(at, fmt.Sprintf("no receiver accepts alerts of severity %q: add it to the severities of one", severity)))
		}
	}
	return errs
}

// validate leaves the server to CheckConnections, if there is one.
func (r AlertReceiver) validate(at *field.Path) field.ErrorList {
	errs := check.OneOf(at.Child("kind"), r.Kind, ReceiverSlack, ReceiverPagerDuty, ReceiverWebhook)
	if r.Name != string(r.Kind) {
		errs = append(errs, check.Invalid(at.Child("name"), r.Name, validation.IsDNS1123Label(r.Name))...)
	}
	for i, severity := range r.Severities {
		prop := at.Child("severities").Index(i)
		errs = append(errs, check.OneOf(prop, severity, allSeverities...)...)
		if first := slices.Index(r.Severities, severity); first < i {
			errs = append(errs, check.Duplicate(prop, severity, "the same as "+at.Child("severities").Index(first).String()))
		}
	}
	return append(errs, validateService(at, r.Secret, r.Server)...)
}

func (h *Heartbeat) validate(at *field.Path) field.ErrorList {
	if h == nil {
		return nil
	}
	return validateService(at, h.Secret, h.Server)
}

func validateService(at *field.Path, secret constructs.SecretKeyRef, server constructs.Server) field.ErrorList {
	errs := secret.Validate(at.Child("secret"))
	if server == nil {
		return append(errs, field.Required(at.Child("server"), "the network policies need its address"))
	}
	if !manifest.IsNil(server) {
		errs = append(errs, server.Destination().CheckTCP(at.Child("server"))...)
	}
	return errs
}

// receiverSecret is a key of a Secret, and the directory that a receiver has it in: keys of two Secrets may have one name.
type receiverSecret struct {
	constructs.SecretKeyRef
	folder string
	prop   *field.Path
}

func (p AlertmanagerProps) secretFiles(at *field.Path) []receiverSecret {
	var all []receiverSecret
	for i, r := range p.Receivers {
		all = append(all, receiverSecret{r.Secret, secretFolder(r.Name), at.Child("receivers").Index(i).Child("secret")})
	}
	if p.Heartbeat != nil {
		all = append(all, receiverSecret{p.Heartbeat.Secret, secretFolder(heartbeatReceiver), at.Child("heartbeat", "secret")})
	}
	return all
}

func secretFolder(receiver string) string { return path.Join(alertmanagerSecretFolder, receiver) }

func secretFile(receiver, key string) string { return path.Join(secretFolder(receiver), key) }

// connections are to each service once: two receivers may be at one.
func (p AlertmanagerProps) connections(at *field.Path) []manifest.Connection {
	var all []manifest.Connection
	add := func(prop *field.Path, server constructs.Server) {
		for _, connection := range manifest.Connect(prop, server) {
			known := func(c manifest.Connection) bool { return reflect.DeepEqual(c.Destination, connection.Destination) }
			if manifest.IsNil(server) || !slices.ContainsFunc(all, known) {
				all = append(all, connection)
			}
		}
	}
	for i, r := range p.Receivers {
		add(at.Child("receivers").Index(i).Child("server"), r.Server)
	}
	if p.Heartbeat != nil {
		add(at.Child("heartbeat", "server"), p.Heartbeat.Server)
	}
	return all
}
