package constructs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// PrometheusProps are the properties of a Prometheus. There is always one replica.
type PrometheusProps struct {
	// Alertmanager gets the alerts that fire: an Alertmanager, or an External one. Defaults to none: alerts are only shown.
	Alertmanager Server

	// Alerts are added to those that follow from the tiers that are scraped. Defaults to none.
	Alerts []Alert

	// ScrapeInterval is the time between two scrapes of a tier, and between two evaluations of the alerts, in whole seconds
	// from 5 s to 1 min. Defaults to DefaultScrapeInterval.
	ScrapeInterval time.Duration

	// Kubelet has Prometheus scrape every node's kubelet for what the namespace's containers use and how full its volumes
	// are, and adds the alerts and the dashboard on it. It takes a ClusterRole that may read the metrics of nodes. With an
	// Operator, whose Prometheus scrapes kubelets anyway, it only adds the alerts and the dashboard. Defaults to none.
	Kubelet bool

	// CertManager has Prometheus scrape cert-manager for when the namespace's certificates expire, and adds the alert on it.
	// With an Operator it only adds the alerts, and cert-manager's ServiceMonitor must honor the samples' own labels.
	// Defaults to none.
	CertManager *CertManager

	// Operator leaves the server to a prometheus-operator that the cluster has: instead of a Deployment there are a
	// ServiceMonitor for each tier and a PrometheusRule, and a Grafana of this Prometheus is ConfigMaps with dashboards. The
	// props below do not go with it, nor does Alertmanager. Defaults to none.
	Operator *PrometheusOperator

	// Retention is how long samples are kept, in whole seconds and at least 6 h, which is how far alerts look back. Defaults
	// to DefaultRetention.
	Retention time.Duration

	// RetentionSize is a quantity of bytes beyond which the oldest samples go before their time. It must leave a fifth of
	// the volume to the write-ahead log and to compaction. Defaults to four fifths of the volume.
	RetentionSize string

	// KubernetesAPI says where the API server is reached, which only Kubelet needs. Defaults to the usual ports of any
	// address.
	KubernetesAPI KubernetesAPI

	// Image is the container image. Defaults to DefaultPrometheusImage.
	Image string

	// ImagePullPolicy says when the image is pulled. Defaults to PullAlways for the tag "latest", else to PullIfNotPresent.
	ImagePullPolicy PullPolicy

	// Resources of the container. Default to 100m of CPU and 512Mi of memory, limited to 500m and 1Gi.
	Resources Resources

	// Storage is the volume of the samples. The mount path defaults to /prometheus, the size to 10Gi.
	Storage Storage

	// Pod holds further settings. User and group default to the image's (65534), the grace period to
	// DefaultPrometheusGracePeriodSeconds, and with Kubelet the ServiceAccount to one that is added. One that is named here
	// gets the permissions.
	Pod PodProps
}

// The defaults of a Prometheus.
const (
	// Of the line with long-term support. https://prometheus.io/docs/introduction/release-cycle/
	//
	// renovate: image
	DefaultPrometheusImage = "quay.io/prometheus/prometheus:v3.13.5"

	DefaultScrapeInterval = 30 * time.Second
	DefaultRetention      = 15 * 24 * time.Hour

	// DefaultPrometheusGracePeriodSeconds leaves time to write what is only in memory: a server that is killed instead must
	// read its write-ahead log before it answers again.
	DefaultPrometheusGracePeriodSeconds = 120
)

const (
	prometheusPort       = 9090
	prometheusFolder     = "/prometheus"
	prometheusConfigFile = "/etc/prometheus/prometheus.yml"
	prometheusRulesFile  = "/etc/prometheus/rules.yml"

	leastRetention = 6 * time.Hour

	// Alerts look at five minutes and want several samples in them.
	leastScrapeInterval = 5 * time.Second
	mostScrapeInterval  = time.Minute
)

var prometheusResources = Resources{
	Requests: ResourceList{CPU: "100m", Memory: "512Mi"},
	Limits:   ResourceList{CPU: "500m", Memory: "1Gi"},
}

// Prometheus scrapes the tiers of its application that ask for it, as far as they are in its namespace, and finds what is
// wrong with them.
type Prometheus struct {
	serverTier
	scraping scraping
	operated bool // By an operator.
}

// NewPrometheus adds a Prometheus: a Deployment, a Service, a ConfigMap, a PersistentVolumeClaim and network policies that
// open every tier that was added before and asks to be scraped. A tier that is added later and asks for it is refused.
// Problems of the props are reported by synthesis.
func NewPrometheus(scope awsconstructs.Construct, id string, props PrometheusProps) *Prometheus {
	t := newTier(scope, id, "prometheus")
	s := props.scraping(t)
	account, accounts := t.kubeletAccount(props)
	server := props.server(t, s, account)
	if t.accept(props.validate(t.path, s, server)) {
		if props.Operator != nil {
			t.addObjects(s.operatorObjects(*props.Operator))
		} else {
			t.addObjects(accounts)
			t.addObjects(server.objects())
		}
	}
	return &Prometheus{serverTier: serverTier{tier: t, server: server}, scraping: s, operated: props.Operator != nil}
}

func (p PrometheusProps) validate(path *field.Path, s scraping, server httpServer) field.ErrorList {
	errs := slices.Concat(
		checkNamespaced(path, server.place),
		p.validateScrapeInterval(path.Child("scrapeInterval")),
		p.validateAlerts(path.Child("alerts"), s),
	)
	if p.CertManager != nil {
		errs = append(errs, p.CertManager.pods().validate(path.Child("certManager"))...)
	}
	if p.Operator != nil {
		return slices.Concat(errs, p.Operator.validate(path.Child("operator")), p.validateLeftToOperator(path))
	}
	return slices.Concat(errs,
		server.validate(path),
		p.KubernetesAPI.validate(path.Child("kubernetesAPI")),
		p.validateRetention(path),
	)
}

func (p PrometheusProps) validateScrapeInterval(path *field.Path) field.ErrorList {
	interval := p.scrapeInterval()
	if interval < leastScrapeInterval || interval > mostScrapeInterval || interval%time.Second != 0 {
		return field.ErrorList{field.Invalid(path, interval.String(), "must be whole seconds between 5s and 1m")}
	}
	return nil
}

// validateAlerts also refuses an alert of a name that there is already: its runbook would be the other's.
func (p PrometheusProps) validateAlerts(path *field.Path, s scraping) field.ErrorList {
	var errs field.ErrorList
	taken := map[string]bool{}
	for _, group := range s.ownGroups() {
		for _, rule := range group.Rules {
			taken[rule.Alert] = true
		}
	}
	for i, alert := range p.Alerts {
		at := path.Index(i)
		errs = append(errs, alert.validate(at)...)
		if taken[alert.Name] {
			errs = append(errs, field.Duplicate(at.Child("name"), alert.Name))
		}
		taken[alert.Name] = true
	}
	return errs
}

func (p PrometheusProps) validateRetention(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if retention := p.retention(); retention < leastRetention || retention%time.Second != 0 {
		errs = append(errs, field.Invalid(path.Child("retention"), retention.String(), "must be whole seconds, and at least 6h"))
	}
	if p.RetentionSize == "" {
		return errs
	}
	at := path.Child("retentionSize")
	if problems := checkBytes(at, p.RetentionSize, minStorage); len(problems) > 0 {
		return append(errs, problems...)
	}
	// A size that is no quantity is reported as such.
	volume, problems := parseQuantity(at, p.storage().Size)
	if size := resource.MustParse(p.RetentionSize); len(problems) == 0 && size.Value() > fourFifths(volume) {
		errs = append(errs, field.Invalid(at, p.RetentionSize, "must leave a fifth of storage.size ("+volume.String()+") free"))
	}
	return errs
}

func fourFifths(volume resource.Quantity) int64 { return volume.Value() / 5 * 4 }

// server fills in the defaults.
func (p PrometheusProps) server(t *tier, s scraping, account string) httpServer {
	image := cmp.Or(p.Image, DefaultPrometheusImage)
	pod := p.Pod.or(PodProps{RunAsUser: nobody, RunAsGroup: nobody, TerminationGracePeriodSeconds: DefaultPrometheusGracePeriodSeconds})
	if p.Kubelet {
		pod.ServiceAccountName, pod.AutomountServiceAccountToken = account, true
	}
	return httpServer{
		place:          t.place,
		image:          image,
		pullPolicy:     cmp.Or(p.ImagePullPolicy, defaultPullPolicy(image)),
		port:           prometheusPort,
		replicas:       ptr(1),
		resources:      p.Resources.or(prometheusResources),
		liveness:       HTTPProbe{Path: "/-/healthy"}.or(livenessTiming),
		readiness:      HTTPProbe{Path: "/-/ready"}.or(readinessTiming),
		files:          map[string]string{prometheusConfigFile: s.config(), prometheusRulesFile: s.rules()},
		storage:        ptr(p.storage().or(t.storageDefaults())),
		preStopSeconds: ptr(0),
		pod:            pod,
		connections:    p.connections(t, s),
		alone:          true,
		args:           p.args(),
	}
}

func (p PrometheusProps) storage() Storage {
	return p.Storage.or(Storage{MountPath: prometheusFolder, Size: "10Gi"})
}

func (p PrometheusProps) retention() time.Duration { return cmp.Or(p.Retention, DefaultRetention) }

func (p PrometheusProps) scrapeInterval() time.Duration {
	return cmp.Or(p.ScrapeInterval, DefaultScrapeInterval)
}

func (p PrometheusProps) args() []string {
	return []string{
		"--config.file=" + prometheusConfigFile,
		"--storage.tsdb.path=" + p.storage().MountPath,
		"--storage.tsdb.retention.time=" + promDuration(p.retention()),
		fmt.Sprintf("--storage.tsdb.retention.size=%dB", p.retentionSize()),
		"--web.listen-address=:" + strconv.Itoa(prometheusPort),
		webExternalURL + strconv.Itoa(prometheusPort),
	}
}

// webExternalURL begins the addresses in messages: where "kubectl port-forward" leads. Nobody can open that of a pod.
const webExternalURL = "--web.external-url=http://localhost:"

// retentionSize is in bytes; 0 if the props are invalid.
func (p PrometheusProps) retentionSize() int64 {
	if size, errs := parseQuantity(nil, p.RetentionSize); len(errs) == 0 {
		return size.Value()
	}
	volume, _ := parseQuantity(nil, p.storage().Size)
	return fourFifths(volume)
}

// connections are to all that is scraped, and to the Alertmanager, unless it is among them.
func (p PrometheusProps) connections(t *tier, s scraping) []connection {
	var all []connection
	scraped := map[place]bool{}
	for _, target := range s.targets {
		all = append(all, connection{server: target})
		scraped[target.place] = true
	}
	if !isNil(p.Alertmanager) {
		if pods := p.Alertmanager.destination().pods; pods == nil || !scraped[*pods] {
			all = append(all, connect(t.path.Child("alertmanager"), p.Alertmanager)...)
		}
	}
	if p.Kubelet {
		all = append(all, connection{server: outsider{port: kubeletPort}})
		all = append(all, p.KubernetesAPI.connections()...)
	}
	if p.CertManager != nil {
		all = append(all, connection{server: p.CertManager.server()})
	}
	return all
}

// ConfigMap returns the object that holds the configuration and the alerts, for patches; nil with an Operator.
func (p *Prometheus) ConfigMap() cdk8s.ApiObject { return p.handle("config-map") }

// PersistentVolumeClaim returns the object for patches; nil with an Operator.
func (p *Prometheus) PersistentVolumeClaim() cdk8s.ApiObject { return p.handle("claim") }

// ServiceAccount returns the object for patches; nil without Kubelet, and if the props name one that exists.
func (p *Prometheus) ServiceAccount() cdk8s.ApiObject { return p.handle("service-account") }

// ClusterRole returns the object for patches; nil without Kubelet.
func (p *Prometheus) ClusterRole() cdk8s.ApiObject { return p.handle("cluster-role") }

// ClusterRoleBinding returns the object for patches; nil without Kubelet.
func (p *Prometheus) ClusterRoleBinding() cdk8s.ApiObject { return p.handle("cluster-role-binding") }

// PrometheusRule returns the object that holds the alerts for an Operator, for patches; nil without one.
func (p *Prometheus) PrometheusRule() cdk8s.ApiObject { return p.handle("prometheus-rule") }
