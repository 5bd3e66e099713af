package diagnosis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// CustomObjects are those of custom resources, by kind. A kind that cannot be read is not in it.
type CustomObjects struct {
	Missing []string // Kinds that the cluster does not have.
	Objects map[string][]unstructured.Unstructured
}

// CertManagerKinds are those that say why a certificate is not issued, by group.
var CertManagerKinds = map[string][]string{
	"cert-manager.io":      {"Issuer", "ClusterIssuer", "Certificate", "CertificateRequest"},
	"acme.cert-manager.io": {"Order", "Challenge"},
}

// Annotations by which cert-manager makes a Certificate for an Ingress: pkg/apis/certmanager/v1/types.go.
const (
	issuerAnnotation        = "cert-manager.io/issuer"
	clusterIssuerAnnotation = "cert-manager.io/cluster-issuer"
	issuerGroupAnnotation   = "cert-manager.io/issuer-group"
)

const certManagerPods = "see whether cert-manager's pods run: kubectl get pods -A -l app.kubernetes.io/instance=cert-manager"

// certificate says why a Secret does not have a valid certificate.
func (s *State) certificate(a *Answer) *Finding {
	if a.Err == nil || a.unconnected() || isTimeout(a.Err) {
		return nil
	}
	return s.certificateFault(a)
}

func (s *State) certificateFault(a *Answer) *Finding {
	if a.Secured == nil || a.Secret == "" {
		return nil
	}
	secret, known := s.Contents[Reference{"Secret", a.Secured.Namespace, a.Secret}]
	if f := s.issuance(a); f != nil {
		if secret.Missing {
			f.Affected = append(f.Affected, secretName(a)+" (does not exist)")
		}
		return f
	}
	f := &Finding{Object: secretName(a)}
	create := fmt.Sprintf("kubectl -n %s create secret tls %s --cert=FILE --key=FILE", a.Secured.Namespace, a.Secret)
	switch {
	case secret.Missing:
		f.Cause, f.Advice = "does not exist", fmt.Sprintf("create it, or name an issuer of cert-manager in an annotation of the %s: %s", a.Secured.Kind, create)
	case known && (!slices.Contains(secret.Keys, corev1.TLSCertKey) || !slices.Contains(secret.Keys, corev1.TLSPrivateKeyKey)):
		f.Cause = fmt.Sprintf("lacks one of the keys %s and %s", corev1.TLSCertKey, corev1.TLSPrivateKeyKey)
		f.Advice = fmt.Sprintf("delete it, and let cert-manager issue it again, or create it: kubectl -n %s delete secret %s; %s", a.Secured.Namespace, a.Secret, create)
	default:
		return nil
	}
	return f
}

func secretName(a *Answer) string { return object("Secret", a.Secured.Namespace, a.Secret) }

// issuance follows cert-manager's objects to the one that says why the certificate is not issued, or not renewed.
func (s *State) issuance(a *Answer) *Finding {
	certificate := s.certificateOf(a)
	kind, name := issuerOf(a.Secured, certificate)
	if name == "" {
		return nil
	}
	if len(s.Entry.CertManager.Missing) > 0 {
		return &Finding{
			Object: a.Secured.object(),
			Cause:  fmt.Sprintf("names %s %s, but the cluster has no cert-manager", kind, name),
			Advice: "install cert-manager (https://cert-manager.io/docs/installation), or create Secret " + a.Secret + " yourself",
		}
	}
	if certificate != nil && conditionOf(certificate, "Ready").status == metav1.ConditionTrue {
		return nil
	}
	f := s.issuerFault(a.Secured, kind, name)
	switch known := s.Entry.CertManager.Objects["Certificate"]; {
	case certificate != nil && f != nil:
		f.Affected = append(f.Affected, step(certificate))
	case certificate != nil:
		return s.request(certificate)
	case f == nil && known != nil:
		return &Finding{
			Object: a.Secured.object(),
			Cause:  fmt.Sprintf("cert-manager has made no Certificate for Secret %s", a.Secret),
			Advice: certManagerPods + "; and their events: " + describe(*a.Secured),
		}
	}
	return f
}

// certificateOf is the Certificate that fills the Secret, or nil.
func (s *State) certificateOf(a *Answer) *unstructured.Unstructured {
	all := s.Entry.CertManager.Objects["Certificate"]
	i := slices.IndexFunc(all, func(c unstructured.Unstructured) bool {
		return c.GetNamespace() == a.Secured.Namespace && text(&c, "spec", "secretName") == a.Secret
	})
	if i < 0 {
		return nil
	}
	return &all[i]
}

// issuerOf is the issuer of a Certificate, or else the one that annotations name for the Certificate to be. Other groups' are not known.
func issuerOf(holder *Holder, certificate *unstructured.Unstructured) (kind, name string) {
	if certificate != nil {
		if group := text(certificate, "spec", "issuerRef", "group"); group != "" && group != "cert-manager.io" {
			return "issuer", text(certificate, "spec", "issuerRef", "name")
		}
		return cmp.Or(text(certificate, "spec", "issuerRef", "kind"), "Issuer"), text(certificate, "spec", "issuerRef", "name")
	}
	annotations := holder.Annotations
	switch group := annotations[issuerGroupAnnotation]; {
	case group != "" && group != "cert-manager.io":
		return "issuer", annotations[issuerAnnotation]
	case annotations[clusterIssuerAnnotation] != "":
		return "ClusterIssuer", annotations[clusterIssuerAnnotation]
	}
	return "Issuer", annotations[issuerAnnotation]
}

// issuerFault says why an issuer cannot issue, or nothing if it can, or cannot be read.
func (s *State) issuerFault(holder *Holder, kind, name string) *Finding {
	all, isRead := s.Entry.CertManager.Objects[kind]
	if !isRead {
		return nil
	}
	f := &Finding{Object: kind + " " + name, Advice: fmt.Sprintf("kubectl describe %s %s", argument(kind), name)}
	namespace := ""
	if kind == "Issuer" {
		namespace = holder.Namespace
		f.Object, f.Advice = object(kind, namespace, name), fmt.Sprintf("kubectl -n %s describe %s %s", namespace, argument(kind), name)
	}
	i := slices.IndexFunc(all, func(o unstructured.Unstructured) bool { return o.GetName() == name && o.GetNamespace() == namespace })
	if i < 0 {
		f.Cause, f.Advice = "does not exist", "create it (https://cert-manager.io/docs/configuration), or name another one: kubectl get clusterissuers,issuers -A"
		return f
	}
	switch ready := conditionOf(&all[i], "Ready"); ready.status {
	case metav1.ConditionTrue:
		return nil
	case "":
		f.Cause, f.Advice = "has no condition Ready: cert-manager has not looked at it", certManagerPods
	default:
		f.Cause, f.Advice = "is not ready: "+oneLine(ready.message), "correct it: "+f.Advice
	}
	return f
}

// argument is how kubectl takes a kind whose name another group may have too.
func argument(kind string) string {
	for _, known := range []map[string][]string{CertManagerKinds, GatewayKinds} {
		for group, kinds := range known {
			if slices.Contains(kinds, kind) {
				return strings.ToLower(kind) + "." + group
			}
		}
	}
	return strings.ToLower(kind)
}

// describe is the command that shows an object with its events.
func describe(h Holder) string {
	return fmt.Sprintf("kubectl -n %s describe %s %s", h.Namespace, argument(h.Kind), h.Name)
}

// request follows a Certificate that is not ready to the last object that was made for it: each is the controller of the next.
func (s *State) request(certificate *unstructured.Unstructured) *Finding {
	chain := []*unstructured.Unstructured{certificate}
	for _, kind := range []string{"CertificateRequest", "Order", "Challenge"} {
		next := s.newest(kind, chain[len(chain)-1].GetUID())
		if next == nil {
			break
		}
		chain = append(chain, next)
	}
	last := chain[len(chain)-1]
	f := &Finding{Object: nameOf(last), Cause: stage(last)}
	for _, o := range chain[:len(chain)-1] {
		f.Affected = append(f.Affected, step(o))
	}
	f.Advice = fmt.Sprintf("kubectl -n %s describe %s %s", last.GetNamespace(), argument(last.GetKind()), last.GetName())
	switch {
	case last.GetKind() == "Challenge" && text(last, "spec", "type") == "HTTP-01":
		f.Advice = fmt.Sprintf("make http://%s/.well-known/acme-challenge/ reach the solver's pod from the internet and from cert-manager: %s", text(last, "spec", "dnsName"), f.Advice)
	case last.GetKind() == "Challenge":
		f.Advice = fmt.Sprintf("make the record _acme-challenge.%s visible: %s", text(last, "spec", "dnsName"), f.Advice)
	default:
		f.Advice = "see its events: " + f.Advice
	}
	return f
}

// newest is the one that an object controls. Of Challenges, those that are valid have nothing to say.
func (s *State) newest(kind string, owner types.UID) *unstructured.Unstructured {
	var found *unstructured.Unstructured
	all := s.Entry.CertManager.Objects[kind]
	for i := range all {
		o := &all[i]
		controller := metav1.GetControllerOf(o)
		if controller == nil || controller.UID != owner || kind == "Challenge" && text(o, "status", "state") == "valid" {
			continue
		}
		if found == nil || o.GetCreationTimestamp().After(found.GetCreationTimestamp().Time) {
			found = o
		}
	}
	return found
}

// step names an object with its stage.
func step(o *unstructured.Unstructured) string { return fmt.Sprintf("%s (%s)", nameOf(o), stage(o)) }

// stage is how far one of cert-manager's objects has got, in its own words.
func stage(o *unstructured.Unstructured) string {
	state, reason := cmp.Or(text(o, "status", "state"), "no state yet"), text(o, "status", "reason")
	switch o.GetKind() {
	case "Challenge":
		return withReason(fmt.Sprintf("%s for %s is %s", text(o, "spec", "type"), text(o, "spec", "dnsName"), state), reason)
	case "Order":
		return withReason(state, reason)
	case "CertificateRequest":
		if conditionOf(o, "Approved").status != metav1.ConditionTrue && conditionOf(o, "Denied").status == "" {
			return "waits for approval"
		}
	}
	// While cert-manager tries, Ready only says that there is no certificate. Issuing says why the last attempt failed.
	if issuing := conditionOf(o, "Issuing"); issuing.status == metav1.ConditionFalse {
		return oneLine(issuing.message)
	}
	return cmp.Or(oneLine(conditionOf(o, "Ready").message), "has no condition Ready")
}

func withReason(state, reason string) string {
	if reason == "" {
		return state
	}
	return state + ": " + oneLine(reason)
}

// certManagerCondition is one of an object of cert-manager.
type certManagerCondition struct {
	status  metav1.ConditionStatus
	message string
}

// conditionOf is empty if there is none.
func conditionOf(o *unstructured.Unstructured, kind string) certManagerCondition {
	all, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, entry := range all {
		if fields, _ := entry.(map[string]any); fields["type"] == kind {
			return certManagerCondition{metav1.ConditionStatus(fmt.Sprint(fields["status"])), fmt.Sprint(fields["message"])}
		}
	}
	return certManagerCondition{}
}

// text is a field, or empty.
func text(o *unstructured.Unstructured, fields ...string) string {
	value, _, _ := unstructured.NestedString(o.Object, fields...)
	return value
}

// certificateAdvice is for a certificate of which cert-manager says nothing.
func (s *State) certificateAdvice(a *Answer) string {
	served := a.untrusted().UnverifiedCertificates[0]
	see := "see where it comes from"
	if a.Secret != "" {
		see += fmt.Sprintf(": kubectl -n %s describe secret %s", a.Secured.Namespace, a.Secret)
	}
	switch {
	case isDefault(served) && a.Secret == "":
		return fmt.Sprintf("name a Secret with a certificate in %s of the %s", map[bool]string{true: "spec.tls", false: "the listener"}[a.Ingress != nil], a.Secured.Kind)
	case isDefault(served):
		return fmt.Sprintf("see in the controller's logs why it does not use Secret %s: kubectl get pods -A", a.Secret)
	case served.VerifyHostname(a.Name) == nil && time.Now().Before(served.NotAfter):
		return "name an issuer that clients trust, or trust it here (--ca=FILE); " + see
	case a.Secret == "" && s.controllerOf(a) == awsController:
		return fmt.Sprintf("request a certificate for %s in AWS Certificate Manager, where the controller looks for one: %s", a.Name, describe(a.Publisher()))
	}
	return see
}
