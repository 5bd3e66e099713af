package constructs

import (
	"fmt"
	"time"
)

// CertManager is where cert-manager runs.
type CertManager struct {
	// Namespace is where its controller is, and the Service "cert-manager" of its metrics. Defaults to "cert-manager".
	Namespace string

	// PodLabels are the labels of the controller's pods. Default to app.kubernetes.io/name: cert-manager and
	// app.kubernetes.io/component: controller.
	PodLabels map[string]string
}

const (
	// certManagerPort is where the controller exports metrics. https://cert-manager.io/docs/devops-tips/prometheus-metrics/
	certManagerPort = 9402

	certManagerJob = "cert-manager"
)

// pods fills in the defaults.
func (c CertManager) pods() foreignPods {
	return foreignPods{c.Namespace, c.PodLabels}.or(foreignPods{"cert-manager", map[string]string{
		"app.kubernetes.io/name": "cert-manager", "app.kubernetes.io/component": "controller",
	}})
}

func (c CertManager) server() outsider {
	pods := c.pods()
	return outsider{host: "cert-manager." + pods.namespace + ".svc", port: certManagerPort, pods: &pods}
}

func (s scraping) certManagerConfig() scrapeConfig {
	at := s.certManager.server().destination().addressFor(s.place)
	return scrapeConfig{
		JobName:       certManagerJob,
		HonorLabels:   true,
		StaticConfigs: []staticConfig{{[]string{at}}},
		// Its other samples are about itself.
		MetricRelabelConfigs: s.onlyHere("namespace"),
	}
}

// certificateAlerts look at what is left of a certificate. cert-manager renews it when a third of its time is left: 30 days
// of Let's Encrypt's 90. Of one that was never issued it exports 0.
func (s scraping) certificateAlerts() []Alert {
	left := fmt.Sprintf("min by (namespace, name) (%s > 0) - time()", s.samplesIn("certmanager_certificate_expiration_timestamp_seconds"))
	return []Alert{
		newAlert("CertificateExpiring", Warning, time.Hour, left+" < 14 * 86400",
			"The certificate {{ $labels.name }} expires in {{ $value | humanizeDuration }} and has not been renewed"),
		newAlert("CertificateAboutToExpire", Critical, 10*time.Minute, left+" < 3 * 86400",
			"The certificate {{ $labels.name }} expires in {{ $value | humanizeDuration }}"),
	}
}
