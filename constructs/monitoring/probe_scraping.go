package monitoring

import (
	"fmt"
	"slices"
	"time"

	"github.com/ai-platform/manifests/internal/manifest"
)

// The kinds of probes are the values of the label "probe".
const (
	probeLabel   = "probe"
	serviceProbe = "service" // Of the tier's Service.
	publicProbe  = "public"  // Of its public host.

	// notOfProbes matches samples that are none of probes.
	notOfProbes = probeLabel + `=""`
)

// blackboxTarget is the kind of target that a BlackboxExporter is.
type blackboxTarget struct{ tiers []probedTier }

// probedTier is a tier that a BlackboxExporter asks.
type probedTier struct {
	component
	exporter component
	probes   []probe // One of the Service first, and maybe one of the public host.

	responseTime time.Duration // Of the public host.
	hasTLS       bool          // So has its public host.
}

// probe is what is asked in one way.
type probe struct {
	kind   string
	module string
	urls   []string
}

// probedTiers expects props that are valid.
func (p BlackboxExporterProps) probedTiers(at manifest.Component) []probedTier {
	var tiers []probedTier
	for _, asked := range p.Probes {
		service := probe{kind: serviceProbe, module: moduleName(nil)}
		destination := asked.Tier.Destination()
		for _, path := range asked.Paths {
			service.urls = append(service.urls, "http://"+destination.AddressFor(at)+path)
		}
		tier := probedTier{
			component: component{Component: *destination.Pods, probed: true}, exporter: component{Component: at}, probes: []probe{service},
		}
		if public := asked.Public; public != nil {
			tier.probes = append(tier.probes, probe{publicProbe, moduleName(public), []string{public.URL}})
			tier.responseTime, tier.hasTLS = public.ResponseTime, public.overTLS()
		}
		tiers = append(tiers, tier)
	}
	return tiers
}

// probedTiers are those of all exporters that are scraped.
func (s scraping) probedTiers() []probedTier {
	var tiers []probedTier
	for _, target := range s.targets {
		if exporter, is := target.asking.Kind.(blackboxTarget); is {
			tiers = append(tiers, exporter.tiers...)
		}
	}
	return tiers
}

// isProbed reports whether one of the exporters asks a component.
func isProbed(asking []manifest.Target, of manifest.Component) bool {
	return slices.ContainsFunc(asking, func(target manifest.Target) bool {
		exporter, is := target.Kind.(blackboxTarget)
		return is && slices.ContainsFunc(exporter.tiers, func(tier probedTier) bool { return tier.Component == of })
	})
}

// target is the one that has the component's own samples; nil if there is none.
func (s scraping) target(of manifest.Component) *target {
	at := slices.IndexFunc(s.targets, func(t target) bool { return t.Component == of })
	if at == -1 {
		return nil
	}
	return &s.targets[at]
}

// probesName is for what a tier that exports metrics itself has beside that of its own name.
func (p probedTier) probesName() string { return p.Suffixed("probes") }

// of is the probe of a kind; nil if there is none.
func (p probedTier) of(kind string) *probe {
	at := slices.IndexFunc(p.probes, func(other probe) bool { return other.kind == kind })
	if at == -1 {
		return nil
	}
	return &p.probes[at]
}

// scrapeConfig has the exporter ask, and gives the samples the tier's labels: as instance the URL, not the exporter's address.
func (p probedTier) scrapeConfig(s scraping) scrapeConfig {
	config := scrapeConfig{
		JobName:     p.Name(),
		MetricsPath: "/probe",
		RelabelConfigs: append([]relabelConfig{
			{SourceLabels: []string{"__address__"}, TargetLabel: "__param_target"},
			{SourceLabels: []string{"__param_target"}, TargetLabel: "instance"},
			{TargetLabel: "__address__", Replacement: quotedText(p.exporter.Destination(blackboxPort).AddressFor(s.Component))},
		}, p.targetLabels()...),
	}
	if s.target(p.Component) != nil {
		config.JobName = p.probesName()
		config.RelabelConfigs = append(config.RelabelConfigs, relabelConfig{TargetLabel: "job", Replacement: quotedText(p.Name())})
	}
	for _, probe := range p.probes {
		config.StaticConfigs = append(config.StaticConfigs, staticConfig{
			Targets: probe.urls, Labels: map[string]string{probeLabel: probe.kind, "__param_module": probe.module},
		})
	}
	return config
}

// object is for an operator, which gives the samples the labels job, instance and namespace.
// https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.Probe
func (p probedTier) object(of probe, props OperatorMonitoringProps) *manifest.Object {
	return &manifest.Object{
		ID: of.kind + "-probe-" + p.ID, APIVersion: operatorVersion, Kind: "Probe", Name: p.Suffixed(of.kind), Labels: props.Labels,
		Fields: map[string]any{"spec": map[string]any{
			"jobName":  p.Name(),
			"interval": promDuration(props.ScrapeInterval),
			"module":   of.module,
			"prober": map[string]any{
				"url":  fmt.Sprintf("%s.%s.svc:%d", p.exporter.Name(), p.exporter.Namespace, blackboxPort),
				"path": "/probe",
			},
			"targets": map[string]any{"staticConfig": map[string]any{
				"static": of.urls, "labels": map[string]string{probeLabel: of.kind, "component": p.ID},
			}},
		}},
	}
}
