package monitoring

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// DefaultScrapeInterval is the default time between two scrapes of a tier.
const DefaultScrapeInterval = 30 * time.Second

// Alerts look at five minutes and want several samples in them.
const (
	leastScrapeInterval = 5 * time.Second
	mostScrapeInterval  = time.Minute
)

// scraping is what a Prometheus does, whoever runs it: its targets, and what follows from them. The defaults are filled in.
type scraping struct {
	component
	interval     time.Duration
	targets      []target
	cronJobs     []manifest.WatchedCronJob
	jobs         []manifest.WatchedJob
	kubelet      bool
	certManager  *CertManager
	alertmanager string // Its address; empty without one.
	heartbeat    bool   // The Alertmanager waits for one.
	operated     bool   // Kubelets and cert-manager are scraped by an operator's doing.
	alerts       []Alert
}

func (s scraping) validate(path *field.Path) field.ErrorList {
	errs := checkNamespaced(path, s.Component)
	if s.interval < leastScrapeInterval || s.interval > mostScrapeInterval || s.interval%time.Second != 0 {
		errs = append(errs, field.Invalid(path.Child("scrapeInterval"), s.interval.String(), "must be in whole seconds between 5s and 1m"))
	}
	errs = append(errs, s.validateAlerts(path.Child("alerts"))...)
	if s.certManager != nil {
		errs = append(errs, check.Pods(path.Child("certManager"), s.certManager.Namespace, s.certManager.PodLabels)...)
	}
	return errs
}

// checkNamespaced wants the chart to name the namespace, which stands in configurations and permissions.
func checkNamespaced(path *field.Path, c manifest.Component) field.ErrorList {
	if c.Namespace == "" {
		return field.ErrorList{field.Required(path.Child("chart", "namespace"), "set Namespace in the chart's ChartProps: it distinguishes samples from those of other namespaces")}
	}
	return nil
}

// validateAlerts also refuses an alert of a name that there is already: its runbook would be the other's.
func (s scraping) validateAlerts(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	taken := map[string]string{}
	for _, group := range s.ownGroups() {
		for _, rule := range group.Rules {
			taken[rule.Alert] = "already the name of an alert of the tiers"
		}
	}
	for i, alert := range s.alerts {
		at := path.Index(i)
		errs = append(errs, alert.Validate(at)...)
		if where, is := taken[alert.Name]; is {
			errs = append(errs, check.Duplicate(at.Child("name"), alert.Name, where))
			continue
		}
		taken[alert.Name] = "already the name of " + at.String()
	}
	return errs
}

// target is a component that is scraped, and what follows for who scrapes it.
type target struct {
	component
	asking      manifest.Target
	honorLabels bool // The samples' own labels namespace and pod say what they are about.
	alerts      []Alert
	overview    []Panel // That tell at a glance how the tier is.
	dashboard   *Dashboard
}

// watch turns what asks to be scraped into alerts and dashboards, by its kind.
func watch(asking []manifest.Target) []target {
	var targets []target
	for _, a := range asking {
		t := target{component: component{Component: a.Component, probed: isProbed(asking, a.Component)}, asking: a}
		switch kind := a.Kind.(type) {
		case manifest.HTTPTarget:
			h := httpTier{t.component, kind}
			t.alerts, t.overview, t.dashboard = h.alerts(), h.overview(), h.dashboard()
		case manifest.PostgresTarget:
			p := postgresTier{t.component, kind}
			t.alerts, t.overview, t.dashboard = p.alerts(), p.overview(), p.dashboard()
		case manifest.RedisTarget:
			r := redisTier{t.component, kind}
			t.alerts, t.overview, t.dashboard = r.alerts(), r.overview(), r.dashboard()
		case kubeStateTarget:
			k := kubeState{t.component}
			t.honorLabels = true
			t.alerts, t.overview, t.dashboard = k.alerts(), k.overview(), k.dashboard()
		case alertmanagerTarget:
			t.alerts = kind.alerts(t.component)
		case manifest.WorkerTarget:
			t.alerts = t.saturationAlerts(kind.CPULimit, kind.MemoryLimit)
		case manifest.UnknownTarget, blackboxTarget:
			// Whether it can be scraped is all that is asked of it. The tiers that a BlackboxExporter probes are no targets.
		default:
			panic(fmt.Errorf("a target of the kind %T has no alerts", kind))
		}
		targets = append(targets, t)
	}
	return targets
}

// groups are all alerts: those of each tier, those of the tiers together, and the consumer's own.
func (s scraping) groups() []ruleGroup {
	groups := s.ownGroups()
	if len(s.alerts) > 0 {
		groups = append(groups, newRuleGroup(s.Suffixed("alerts"), s.alerts))
	}
	return groups
}

func (s scraping) ownGroups() []ruleGroup {
	var groups []ruleGroup
	for _, target := range s.targets {
		if len(target.alerts) > 0 {
			groups = append(groups, newRuleGroup(target.Name(), target.alerts))
		}
	}
	for _, tier := range s.probedTiers() {
		groups = append(groups, newRuleGroup(tier.probesName(), tier.alerts(s)))
	}
	if together := s.alertsTogether(); len(together) > 0 {
		groups = append(groups, newRuleGroup(s.Name(), together))
	}
	return groups
}

func (s scraping) alertsTogether() []Alert {
	alerts := s.downAlerts()
	alerts = slices.Concat(alerts, s.cronJobAlerts(), s.jobAlerts(), s.selfAlerts())
	if s.kubelet {
		alerts = append(alerts, s.kubeletAlerts()...)
	}
	if s.certManager != nil {
		alerts = append(alerts, s.certificateAlerts()...)
	}
	return alerts
}

// downAlerts tell one pod that is down from all pods of a tier. Pods that are gone are in no sample, so each tier is asked
// for by its name, unless it has no pods on purpose.
func (s scraping) downAlerts() []Alert {
	var scraped, absent []string
	if jobs := names(s.targets); len(jobs) > 0 {
		matchers := []string{`job=~"` + strings.Join(jobs, "|") + `"`}
		if slices.ContainsFunc(s.targets, func(t target) bool { return t.probed }) {
			matchers = append(matchers, notOfProbes)
		}
		scraped = append(scraped, s.samplesIn("up", matchers...))
	}
	for _, target := range s.targets {
		absent = append(absent, fmt.Sprintf("absent(%s)", target.up()))
	}
	if s.hasKubeState() {
		gone := fmt.Sprintf("(\n%s\n)\nunless on (namespace, job) label_replace(%s == 0, \"job\", \"$1\", \"deployment\", \"(.+)\")",
			strings.Join(absent, "\nor\n"), s.samplesIn(replicasWanted))
		absent = []string{gone}
	}
	for _, job := range s.outsideJobs() {
		up := fmt.Sprintf("up{job=%q}", job)
		scraped, absent = append(scraped, up), append(absent, fmt.Sprintf("absent(%s)", up))
	}
	if len(scraped) == 0 {
		return nil
	}
	up := strings.Join(scraped, " or ")
	allDown := fmt.Sprintf("max by (namespace, job) (%s) == 0", up)
	return []Alert{
		newAlert("TierDown", SeverityCritical, 3*time.Minute, strings.Join(append([]string{allDown}, absent...), "\nor\n"),
			"{{ $labels.job }} is down or unreachable: Prometheus cannot scrape any of its pods"),
		newAlert("TargetDown", SeverityWarning, 5*time.Minute, fmt.Sprintf("(%s) == 0\nunless on (namespace, job)\n%s", up, allDown),
			"Target {{ $labels.instance }} of {{ $labels.job }} is down or unreachable: Prometheus cannot scrape it"),
	}
}

// hasKubeState reports whether kube-state-metrics of the application is scraped.
func (s scraping) hasKubeState() bool {
	return slices.ContainsFunc(s.targets, func(t target) bool {
		_, is := t.asking.Kind.(kubeStateTarget)
		return is
	})
}

func names(targets []target) []string {
	var all []string
	for _, target := range targets {
		all = append(all, target.Name())
	}
	return all
}

// outsideJobs are what is scraped of others than the application's tiers.
func (s scraping) outsideJobs() []string {
	var jobs []string
	if s.kubelet && !s.operated {
		jobs = append(jobs, kubeletJob, cadvisorJob)
	}
	if s.certManager != nil && !s.operated {
		jobs = append(jobs, certManagerJob)
	}
	return jobs
}
