package monitoring

import (
	"fmt"
	"time"

	"github.com/ai-platform/manifests/internal/manifest"
)

// CertManager is the location of cert-manager in the cluster.
type CertManager struct {
	// Namespace is the namespace of the controller, and of the Service "cert-manager" that serves its metrics. Defaults
	// to "cert-manager".
	Namespace string

	// PodLabels are the labels of the controller's pods. Defaults to app.kubernetes.io/name: cert-manager and
	// app.kubernetes.io/component: controller.
	PodLabels map[string]string
}

const (
	// certManagerPort is where the controller exports metrics. https://cert-manager.io/docs/devops-tips/prometheus-metrics/
	certManagerPort = 9402

	certManagerJob = "cert-manager"
)

func (c CertManager) withDefaults() CertManager {
	return CertManager(manifest.ForeignPods(c).WithDefaults(manifest.ForeignPods{
		Namespace: "cert-manager",
		PodLabels: map[string]string{"app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller"},
	}))
}

// destination expects the defaults to be filled in.
func (c CertManager) destination() manifest.Destination {
	return manifest.Destination{
		Host: "cert-manager", Port: certManagerPort, Foreign: new(manifest.ForeignPods(c)),
	}
}

func (s scraping) certManagerConfig() scrapeConfig {
	return scrapeConfig{
		JobName:       certManagerJob,
		HonorLabels:   true,
		StaticConfigs: []staticConfig{{Targets: []string{s.certManager.destination().AddressFor(s.Component)}}},
		// Its other samples are about itself.
		MetricRelabelConfigs: s.onlyHere("namespace"),
	}
}

// certificateLeft is what is left of each certificate, in seconds. Of one that was never issued cert-manager exports 0.
func (s scraping) certificateLeft() string {
	return fmt.Sprintf("min by (namespace, name) (%s > 0) - time()", s.samplesIn("certmanager_certificate_expiration_timestamp_seconds"))
}

// expires ends the summary of an alert whose value is the time that a certificate has left, in seconds.
const expires = "{{ if lt $value 0.0 }}has expired{{ else }}expires in {{ $value | humanizeDuration }}{{ end }}"

// certificateAlerts look at what is left of a certificate. cert-manager renews it when a third of its time is left: 30 days
// of Let's Encrypt's 90.
func (s scraping) certificateAlerts() []Alert {
	left := s.certificateLeft()
	return []Alert{
		newAlert("CertificateExpiring", SeverityWarning, time.Hour, left+" < 14 * 86400",
			"Certificate {{ $labels.name }} expires in {{ $value | humanizeDuration }} and has not been renewed"),
		newAlert("CertificateAboutToExpire", SeverityCritical, 10*time.Minute, left+" < 3 * 86400",
			"Certificate {{ $labels.name }} "+expires),
	}
}
