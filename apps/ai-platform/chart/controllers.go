package chart

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/chart"
)

// What an Ingress and the policies say depends on the controller together with TLS, the redirect, the class and the sources: to render
// every combination would take a hundred renderings. So the helpers in controllers.tpl write these parts. What they need to know of a
// controller is a table, which is made of what the constructs write for it.

// helperKey begins the key of a field that is there, while the chart is generated, in place of a part that a helper writes. The name of
// the helper follows.
const helperKey = "helper-"

// byHelpers makes a setting one that only the helpers show.
func byHelpers(s setting) setting {
	s.byHelpers, s.choice = true, nil
	s.Tree, s.Merged = false, true // Probed, although it may be empty.
	if s.probe == nil {
		s.probe = func(number int) any { return fmt.Sprintf("probe-%d-flag", number) }
	}
	if kind := reflect.ValueOf(s.Default).Kind(); kind == reflect.Map || kind == reflect.Slice {
		s.Forms = []chart.Form{{Template: "toJson %s | sha256sum", Write: func(value any) string {
			encoded, err := json.Marshal(value)
			if err != nil {
				panic(fmt.Errorf("encode a value of JSON: %w", err))
			}
			return fmt.Sprintf("%x", sha256.Sum256(encoded))
		}}}
	}
	return s
}

// renderMarked is renderWith with fields in place of the parts that helpers write. They name the values that the helpers show, so that
// the generator finds each value somewhere.
func renderMarked(all []setting, values chart.Settings) ([]string, error) {
	rendered, shown := maps.Clone(values), []string{}
	for _, s := range all {
		if !s.byHelpers {
			continue
		}
		text := fmt.Sprint(values[s.Path])
		if s.Forms != nil {
			text = s.Forms[0].Write(values[s.Path])
		}
		shown = append(shown, text)
		if reflect.DeepEqual(values[s.Path], s.Probe) {
			rendered[s.Path] = s.Default
		}
	}
	documents, err := renderWith(all, rendered)
	for i, text := range documents {
		documents[i] = marked(text, strconv.Quote(strings.Join(shown, " ")))
	}
	return documents, err
}

// marked puts fields into a document in place of what helpers write.
func marked(text, values string) string {
	var object struct {
		Kind     string
		Metadata struct{ Name string }
	}
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		panic(fmt.Errorf("read own YAML: %w", err))
	}
	rows := strings.Split(text, "\n")
	switch object.Kind + " " + object.Metadata.Name {
	case "Ingress " + platform.AppName + "-ingress":
		rows = markBelow(rows, "  annotations:", "", "ingressAnnotations", values)
		rows = markRow(rows, "  ingressClassName:", "ingressClass", values)
		rows = markRow(rows, "      secretName:", "ingressSecret", values)
	case "NetworkPolicy " + platform.AppName + "-frontend-from-ingress", "NetworkPolicy " + platform.AppName + "-ingress-acme-solver":
		rows = markBelow(rows, "    - from:", "", "ingressPeers", values)
	case "NetworkPolicy " + platform.AppName + "-blackbox-exporter":
		// Behind the rules for DNS and for the frontend.
		rows = markBelow(rows, "  egress:", "              component: frontend", "publicProbeRules", values)
	}
	return strings.Join(rows, "\n")
}

// markBelow replaces the rows of a field, or those of them that are behind another row.
func markBelow(rows []string, key, behind, helper, values string) []string {
	start := slices.Index(rows, key)
	if start < 0 {
		return rows
	}
	column := func(row string) int { return len(row) - len(strings.TrimLeft(row, " -")) }
	end := start + 1
	for end < len(rows) && column(rows[end]) > column(rows[start]) {
		end++
	}
	first := rows[start+1]
	if behind != "" {
		start += slices.Index(rows[start:end], behind)
	}
	if start+1 == end {
		return rows
	}
	return slices.Replace(slices.Clone(rows), start+1, end, first[:column(first)]+helperKey+helper+": "+values)
}

// markRow replaces a row.
func markRow(rows []string, beginning, helper, values string) []string {
	at := slices.IndexFunc(rows, func(row string) bool { return strings.HasPrefix(row, beginning) })
	if at < 0 {
		return rows
	}
	indent := beginning[:len(beginning)-len(strings.TrimLeft(beginning, " "))]
	return slices.Replace(slices.Clone(rows), at, at+1, indent+helperKey+helper+": "+values)
}

var markedRow = regexp.MustCompile(`(?m)^( *)(?:- )?` + helperKey + `(\w+): .*$`)

// withHelpers has templates call the helpers.
func withHelpers(files map[string][]byte) {
	for name, content := range files {
		files[name] = markedRow.ReplaceAllFunc(content, func(row []byte) []byte {
			parts := markedRow.FindSubmatch(row)
			return fmt.Appendf(nil, `%s{{- with include "%s.%s" $ }}{{ . | nindent %d }}{{ end }}`, parts[1], platform.AppName, parts[2], len(parts[1]))
		})
	}
}

// controller is what the helpers know of an ingress controller.
type controller struct {
	Class       string                       `json:"class"`
	ClassField  bool                         `json:"classField"`          // Reads spec.ingressClassName.
	Namespace   string                       `json:"namespace,omitempty"` // Of its pods. Empty if requests come from addresses.
	PodLabels   map[string]string            `json:"podLabels,omitempty"` //
	CIDRs       []string                     `json:"cidrs,omitempty"`     //
	Ports       []int                        `json:"ports"`               // Of its pods, for HTTP and HTTPS.
	Annotations map[string]map[string]string `json:"annotations"`         // With a redirect, with TLS only, and plain.
	Issuer      map[string]string            `json:"issuer,omitempty"`    // Annotations beside that of the issuer.
	NoSecrets   bool                         `json:"noSecrets,omitempty"` // Its certificates are elsewhere.
	NeedsHost   bool                         `json:"needsHost,omitempty"` //
}

// profiles are those of the chart.
func profiles() []constructs.IngressProfile {
	return []constructs.IngressProfile{
		constructs.ProfileIngressNginx, constructs.ProfileF5Nginx, constructs.ProfileTraefik, constructs.ProfileHAProxy,
		constructs.ProfileAWS, constructs.ProfileGCE,
	}
}

const (
	classAnnotation  = "kubernetes.io/ingress.class"
	issuerAnnotation = "cert-manager.io/cluster-issuer"
)

// controllersHelper is the helper that knows all controllers.
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

// describe renders Ingresses for a controller.
func describe(profile constructs.IngressProfile) (controller, error) {
	plain, err := siteOf(profile, constructs.IngressProps{DisableTLS: true})
	if err != nil {
		return controller{}, err
	}
	tls, err := siteOf(profile, constructs.IngressProps{DisableRedirect: true})
	if err != nil {
		return controller{}, err
	}
	_, err = siteOf(profile, constructs.IngressProps{AnyHost: true, DisableTLS: true})
	described := controller{
		Class: plain.class, ClassField: plain.ingress.Spec.IngressClassName != nil,
		Namespace: plain.pods.Namespace, PodLabels: plain.pods.PodLabels, Ports: plain.ports,
		Annotations: map[string]map[string]string{"plain": plain.ingress.Annotations, "tls": tls.ingress.Annotations},
		NoSecrets:   tls.ingress.Spec.TLS[0].SecretName == "", NeedsHost: err != nil,
	}
	for _, peer := range plain.from {
		if peer.IPBlock != nil && peer.IPBlock.CIDR != anyBlock {
			described.CIDRs = append(described.CIDRs, peer.IPBlock.CIDR)
		}
	}
	// Some controllers redirect only if something else is configured: then it asks for nothing more.
	redirect, err := siteOf(profile, constructs.IngressProps{Controller: constructs.IngressController{Redirects: profile == constructs.ProfileTraefik}})
	if err == nil {
		described.Annotations["redirect"] = redirect.ingress.Annotations
	} else {
		described.Annotations["redirect"] = tls.ingress.Annotations
	}
	if described.NoSecrets {
		return described, nil
	}
	issued, err := siteOf(profile, constructs.IngressProps{DisableRedirect: true, ClusterIssuer: "issuer"})
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

// site is an Ingress of a controller, and where its requests come from.
type site struct {
	ingress v1.Ingress
	class   string
	from    []v1.NetworkPolicyPeer
	pods    struct {
		Namespace string
		PodLabels map[string]string
	}
	ports []int
}

// anyBlock stands for the addresses that a controller's requests come from.
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
	var policy v1.NetworkPolicy
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
