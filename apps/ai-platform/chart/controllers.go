package chart

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/constructs"
)

// controller describes an ingress controller to the helpers.
type controller struct {
	Class      string                          `json:"class"`
	ClassField bool                            `json:"classField,omitempty"` // Reads spec.ingressClassName.
	Namespace  string                          `json:"namespace,omitempty"`  // Of its pods. Empty if requests arrive from addresses.
	PodLabels  map[string]string               `json:"podLabels,omitempty"`
	Peer       *networkingv1.NetworkPolicyPeer `json:"peer,omitempty"` // These pods as a network policy peer.
	CIDRs      []string                        `json:"cidrs,omitempty"`
	Ports      []int                           `json:"ports"` // Of its pods, for HTTP and HTTPS.

	Annotations map[string]map[string]string `json:"annotations"`      // With a redirect, with TLS only, and plain.
	Issuer      map[string]string            `json:"issuer,omitempty"` // Annotations in addition to the issuer's.

	NoSecrets       bool `json:"noSecrets,omitempty"` // Reads no certificates from Secrets.
	NeedsHost       bool `json:"needsHost,omitempty"`
	AlwaysRedirects bool `json:"alwaysRedirects,omitempty"`
}

// profiles are the ingress controllers that the chart supports.
func profiles() []constructs.IngressProfile {
	return []constructs.IngressProfile{
		constructs.ProfileIngressNginx, constructs.ProfileF5Nginx, constructs.ProfileTraefik, constructs.ProfileHAProxy,
		constructs.ProfileAWS, constructs.ProfileGCE, constructs.ProfileOpenShift,
	}
}

const (
	classAnnotation  = "kubernetes.io/ingress.class"
	issuerAnnotation = "cert-manager.io/cluster-issuer"
)

// controllersHelper is a named template that returns the descriptions of all controllers as JSON.
func controllersHelper() (string, error) {
	var rows []string
	for _, profile := range profiles() {
		described, err := describe(profile)
		if err != nil {
			return "", fmt.Errorf("%s: %w", profile, err)
		}
		encoded, err := json.Marshal(described)
		if err != nil {
			return "", err
		}
		rows = append(rows, fmt.Sprintf("%q: %s", profile, encoded))
	}
	return "{{/* What the constructs write for each ingress controller. */}}\n{{- define \"CHART.controllers\" -}}\n{" +
		strings.Join(rows, ",\n") + "}\n{{- end }}\n", nil
}

// describe renders Ingresses for a controller, and reads from them what it needs.
func describe(profile constructs.IngressProfile) (controller, error) {
	plain, err := siteOf(profile, constructs.IngressProps{DisableTLS: true})
	if err != nil {
		return controller{}, err
	}
	// Some controllers always redirect; others redirect only if something else is configured.
	redirect, noRedirect := siteOf(profile, constructs.IngressProps{Controller: constructs.IngressController{Redirects: profile == constructs.ProfileTraefik}})
	tls, alwaysRedirects := siteOf(profile, constructs.IngressProps{DisableRedirect: true})
	switch {
	case noRedirect != nil && alwaysRedirects != nil:
		return controller{}, errors.Join(noRedirect, alwaysRedirects)
	case noRedirect != nil:
		redirect = tls
	case alwaysRedirects != nil:
		tls = redirect
	}
	_, needsHost := siteOf(profile, constructs.IngressProps{AnyHost: true, DisableTLS: true})
	described := controller{
		Class: plain.class, ClassField: plain.ingress.Spec.IngressClassName != nil, Ports: plain.ports,
		Namespace: plain.pods.Namespace, PodLabels: plain.pods.PodLabels,
		Annotations: map[string]map[string]string{
			"plain": plain.ingress.Annotations, "tls": tls.ingress.Annotations, "redirect": redirect.ingress.Annotations,
		},
		NoSecrets: tls.ingress.Spec.TLS[0].SecretName == "", NeedsHost: needsHost != nil, AlwaysRedirects: alwaysRedirects != nil,
	}
	for _, peer := range plain.from {
		switch {
		case peer.IPBlock == nil:
			described.Peer = &peer
		case peer.IPBlock.CIDR != anyBlock:
			described.CIDRs = append(described.CIDRs, peer.IPBlock.CIDR)
		}
	}
	if described.NoSecrets {
		return described, nil
	}
	issued, err := siteOf(profile, constructs.IngressProps{DisableRedirect: alwaysRedirects == nil, ClusterIssuer: "issuer"})
	if err != nil {
		return controller{}, err
	}
	described.Issuer = issued.ingress.Annotations
	maps.DeleteFunc(described.Issuer, func(key, _ string) bool {
		_, is := tls.ingress.Annotations[key]
		return is || key == issuerAnnotation
	})
	return described, nil
}

// site is an Ingress of a controller, and from where its requests arrive.
type site struct {
	ingress networkingv1.Ingress
	class   string
	from    []networkingv1.NetworkPolicyPeer
	pods    struct {
		Namespace string
		PodLabels map[string]string
	}
	ports []int
}

// anyBlock is a placeholder for the addresses from which a controller's requests arrive.
const anyBlock = "192.0.2.0/24"

func siteOf(profile constructs.IngressProfile, props constructs.IngressProps) (site, error) {
	var made site
	if !props.AnyHost {
		props.Host = "example.com"
	}
	props.Controller.Profile = profile
	if profile == constructs.ProfileAWS {
		props.Controller.CIDRs = []string{anyBlock}
	}
	files, err := constructs.Render(func(app cdk8s.App) {
		scope := cdk8s.NewChart(app, jsii.String("site"), &cdk8s.ChartProps{Namespace: jsii.String("site")})
		props.Tier = constructs.NewFrontend(scope, "frontend", constructs.FrontendProps{Image: "web:v1"})
		of := constructs.NewIngress(scope, "ingress", props).Site()
		made.pods.Namespace, made.pods.PodLabels, made.ports = of.Controller.Namespace, of.Controller.PodLabels, []int{of.HTTPPort, of.HTTPSPort}
	})
	if err != nil {
		return site{}, err
	}
	for _, content := range files {
		for _, document := range strings.Split(string(content), "\n---\n") {
			if err := made.read([]byte(document)); err != nil {
				return site{}, err
			}
		}
	}
	if made.ingress.Name == "" || len(made.from) == 0 {
		return site{}, errors.New("there is no Ingress, or no policy for it")
	}
	return made, nil
}

func (s *site) read(document []byte) error {
	var policy networkingv1.NetworkPolicy
	if err := yaml.Unmarshal(document, &policy); err != nil {
		return err
	}
	switch {
	case policy.Kind == "NetworkPolicy" && strings.HasSuffix(policy.Name, "-from-ingress"):
		s.from = policy.Spec.Ingress[0].From
	case policy.Kind == "Ingress":
		if err := yaml.Unmarshal(document, &s.ingress); err != nil {
			return err
		}
		s.class = s.ingress.Annotations[classAnnotation]
		if s.ingress.Spec.IngressClassName != nil {
			s.class = *s.ingress.Spec.IngressClassName
		}
	}
	return nil
}
