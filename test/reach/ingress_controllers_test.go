package reach

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/monitoring"
)

// ingressControllers each have a report of who reaches a backend behind them, and where an exporter goes that asks the public host. Of pods, only
// the controller's own come in, and of addresses only those that its requests come from.
var ingressControllers = map[string]constructs.IngressProps{
	"ingress-f5-nginx":  {Controller: constructs.IngressController{Profile: constructs.ProfileF5Nginx}},
	"ingress-traefik":   {Controller: constructs.IngressController{Profile: constructs.ProfileTraefik, Redirects: true}},
	"ingress-haproxy":   {Controller: constructs.IngressController{Profile: constructs.ProfileHAProxy}},
	"ingress-openshift": {Controller: constructs.IngressController{Profile: constructs.ProfileOpenShift}},
	"ingress-aws":       {Controller: constructs.IngressController{Profile: constructs.ProfileAWS, CIDRs: []string{"10.0.0.0/20", "10.0.16.0/20"}}},
	"ingress-gce": {
		Controller:  constructs.IngressController{Profile: constructs.ProfileGCE},
		Annotations: map[string]string{"networking.gke.io/v1beta1.FrontendConfig": "redirect"},
	},
	"ingress-host-network": {Controller: constructs.IngressController{CIDRs: []string{"192.168.0.0/24"}}, ClusterIssuer: "letsencrypt"},
}

func TestIngressControllers(t *testing.T) {
	for name, props := range ingressControllers {
		t.Run(name, func(t *testing.T) {
			application := render(t, "default", func(app cdk8s.App) {
				shop := namespaced(app, "shop")
				api := backend(shop, constructs.BackendProps{})
				props.Host, props.Tier = "shop.example.com", api
				ingress := constructs.NewIngress(shop, "ingress", props)
				monitoring.NewBlackboxExporter(shop, "blackbox-exporter", monitoring.BlackboxExporterProps{
					Probes: []monitoring.Probe{{Tier: api, Public: &monitoring.PublicProbe{Ingress: ingress}}},
				})
			})
			requireReport(t, name, application, readFiles(t, "testdata/controllers.yaml", "default"))
		})
	}
}
