package constructs

import (
	"fmt"
	"strings"
	"time"
)

// scraping is what a Prometheus does, whoever runs it: its targets, and what follows from them.
type scraping struct {
	place
	interval     time.Duration
	targets      []target
	kubelet      bool
	certManager  *CertManager
	alertmanager string // Its address; empty without one.
	operated     bool   // Kubelets and cert-manager are scraped by an operator's doing.
	alerts       []Alert
}

func (p PrometheusProps) scraping(t *tier) scraping {
	s := scraping{
		place: t.place, interval: p.scrapeInterval(), kubelet: p.Kubelet, certManager: p.CertManager, alerts: p.Alerts,
		operated: p.Operator != nil,
	}
	if t.chart != nil {
		s.targets = t.takeTargets()
	}
	if !isNil(p.Alertmanager) {
		s.alertmanager = p.Alertmanager.destination().addressFor(t.place)
	}
	return s
}

// groups are all alerts: those of each tier, those of the tiers together, and the consumer's own.
func (s scraping) groups() []ruleGroup {
	groups := s.ownGroups()
	if len(s.alerts) > 0 {
		groups = append(groups, newRuleGroup(s.suffixed("alerts"), s.alerts))
	}
	return groups
}

func (s scraping) ownGroups() []ruleGroup {
	var groups []ruleGroup
	for _, target := range s.targets {
		if len(target.alerts) > 0 {
			groups = append(groups, newRuleGroup(target.name(), target.alerts))
		}
	}
	if together := s.alertsTogether(); len(together) > 0 {
		groups = append(groups, newRuleGroup(s.name(), together))
	}
	return groups
}

func (s scraping) alertsTogether() []Alert {
	alerts := s.downAlerts()
	if s.kubelet {
		alerts = append(alerts, s.kubeletAlerts()...)
	}
	if s.certManager != nil {
		alerts = append(alerts, s.certificateAlerts()...)
	}
	return alerts
}

// downAlerts tell one pod that is down from all pods of a tier. Pods that are gone are in no sample, so each tier is asked
// for by its name.
func (s scraping) downAlerts() []Alert {
	var scraped, absent []string
	if jobs := names(s.targets); len(jobs) > 0 {
		scraped = append(scraped, s.samplesIn("up", `job=~"`+strings.Join(jobs, "|")+`"`))
	}
	for _, target := range s.targets {
		absent = append(absent, fmt.Sprintf("absent(%s)", target.samplesOf("up")))
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
		newAlert("TierDown", Critical, 3*time.Minute, strings.Join(append([]string{allDown}, absent...), "\nor\n"),
			"No pod of {{ $labels.job }} can be scraped"),
		newAlert("TargetDown", Warning, 5*time.Minute, fmt.Sprintf("(%s) == 0\nunless on (namespace, job)\n%s", up, allDown),
			"{{ $labels.instance }} of {{ $labels.job }} cannot be scraped"),
	}
}

func names(targets []target) []string {
	var all []string
	for _, target := range targets {
		all = append(all, target.name())
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
