package monitoring

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

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// PrometheusProps are the properties of a Prometheus.
type PrometheusProps struct {
	// Alertmanager receives the alerts that fire: an Alertmanager, a constructs.ClusterServer or a
	// constructs.ExternalServer. Defaults to none: alerts are shown but not sent.
	Alertmanager constructs.Server

	// Alerts are added to those of the scraped tiers. Defaults to none.
	Alerts []Alert

	// ScrapeInterval is the time between two scrapes of a tier, and between two evaluations of the alerts, in whole
	// seconds from 5 s to 1 min. Defaults to 30 s.
	ScrapeInterval time.Duration

	// ScrapeKubelets scrapes the kubelet of every node for the resource usage of the namespace's containers and the
	// free space of its volumes, and adds alerts and a dashboard. It requires a ClusterRole to read the metrics of
	// nodes. Defaults to false.
	ScrapeKubelets bool

	// CertManager scrapes cert-manager for the expiry of the namespace's certificates, and adds alerts. Defaults to
	// none.
	CertManager *CertManager

	// Retention is how long samples are kept, in whole seconds. Alerts need at least 6 h. Defaults to 15 days.
	Retention time.Duration

	// RetentionSize is a quantity of bytes. The oldest samples are deleted early to stay below it. It must leave a
	// fifth of the volume free, for the write-ahead log and for compaction. Defaults to four fifths of the volume.
	RetentionSize string

	// KubernetesAPI is the address of the API server, for ScrapeKubelets. Defaults to any address, on the ports 443 and
	// 6443.
	KubernetesAPI KubernetesAPI

	// Image is the container image. Defaults to "quay.io/prometheus/prometheus:v3.13.5".
	Image string

	// ImagePullPolicy defaults to Always for the tag "latest", otherwise to IfNotPresent.
	ImagePullPolicy constructs.PullPolicy

	// Resources of the container. Requests default to 100m of CPU and 512Mi of memory, limits to 500m and 1Gi.
	Resources constructs.Resources

	// Storage is the volume of the samples. The mount path defaults to /prometheus, the size to 10Gi.
	Storage constructs.Storage

	// Sources are clients that no construct of this library adds, and that may connect to the server. Defaults to none.
	Sources constructs.Sources

	// Pod holds further settings of the pod. User and group default to those of the image, 65534, and the grace period
	// to 120 seconds. With ScrapeKubelets, the ServiceAccount defaults to one that is added, <app>-<component>; if one
	// is named here, it is granted the permissions.
	Pod constructs.PodProps
}

// DefaultPrometheusImage is the default image of a Prometheus, from the release with long-term support.
// https://prometheus.io/docs/introduction/release-cycle/
//
//renovate:image
const DefaultPrometheusImage = "quay.io/prometheus/prometheus:v3.13.5"

// The defaults of a Prometheus.
const (
	DefaultRetention = 15 * 24 * time.Hour

	// DefaultPrometheusGracePeriodSeconds leaves time to write samples from memory to disk: a server that is killed
	// before that must read its write-ahead log before it answers again.
	DefaultPrometheusGracePeriodSeconds = 120
)

const (
	prometheusPort       = 9090
	prometheusFolder     = "/prometheus"
	defaultVolume        = "10Gi"
	prometheusConfigFile = "/etc/prometheus/prometheus.yml"
	prometheusRulesFile  = "/etc/prometheus/rules.yml"

	leastRetention = 6 * time.Hour
)

// prometheusResources need no GOMEMLIMIT: Prometheus 3 sets its own to nine tenths of the container's limit.
var prometheusResources = constructs.Resources{
	Requests: constructs.ResourceList{CPU: "100m", Memory: "512Mi"},
	Limits:   constructs.ResourceList{CPU: "500m", Memory: "1Gi"},
}

// Prometheus scrapes the tiers of its application and namespace that have Metrics or an Exporter, and evaluates alerts
// on them.
type Prometheus struct {
	serverTier
	scraping scraping

	account            cdk8s.ApiObject
	clusterRole        cdk8s.ApiObject
	clusterRoleBinding cdk8s.ApiObject
	configMap          cdk8s.ApiObject
	claim              cdk8s.ApiObject
}

// NewPrometheus adds a Prometheus: a Deployment, a Service, a ConfigMap, a PersistentVolumeClaim, and network policies
// that open every scraped tier; with ScrapeKubelets a ServiceAccount, a ClusterRole and a ClusterRoleBinding. Add it
// after the tiers: a later one with Metrics or an Exporter is refused.
func NewPrometheus(scope awsconstructs.Construct, id string, props PrometheusProps) *Prometheus {
	node := manifest.NewNode(scope, id, "prometheus")
	at := node.Component
	props = props.withDefaults(at)
	watched := node.TakeTargets("Prometheus")
	scraping := props.scraping(at, watched.Targets)
	scraping.cronJobs, scraping.jobs = watched.CronJobs, watched.Jobs
	server := props.server(node.Path, scraping)
	p := &Prometheus{serverTier: serverTier{construct: construct{node}, server: server}, scraping: scraping}
	if !node.Accept(props.validate(node.Path, scraping, server)) {
		return p
	}
	if props.ScrapeKubelets {
		permissions := clusterRole(at, kubeletRules()...)
		p.account = node.Add(serviceAccount(at, props.Pod.ServiceAccountName))
		p.clusterRole = node.Add(permissions)
		p.clusterRoleBinding = node.Add(binding(at, permissions, server.pod.ServiceAccountName))
	}
	p.configMap = node.Add(manifest.FileConfigMap(at, server.files))
	p.claim = node.Add(props.Storage.Claim())
	p.deployment = node.Add(server.workload().Deployment())
	p.service = node.Add(manifest.Service(at, manifest.HTTPPort, prometheusPort))
	p.policy = node.Add(manifest.ClientPolicy(at, server.connections))
	node.AddAll(manifest.Openings(at, server.connections))
	node.Add(server.sources.Policy(at, server.port))
	return p
}

func (p PrometheusProps) withDefaults(at manifest.Component) PrometheusProps {
	p.ScrapeInterval = cmp.Or(p.ScrapeInterval, DefaultScrapeInterval)
	if p.CertManager != nil {
		p.CertManager = new(p.CertManager.withDefaults())
	}
	p.Retention = cmp.Or(p.Retention, DefaultRetention)
	p.Image = cmp.Or(p.Image, DefaultPrometheusImage)
	p.ImagePullPolicy = p.ImagePullPolicy.WithDefault(p.Image)
	p.Resources = p.Resources.WithDefaults(prometheusResources)
	p.Storage = p.Storage.WithDefaults(constructs.Storage{MountPath: prometheusFolder, Size: defaultVolume, ClaimName: at.Suffixed("data")})
	p.Pod = p.Pod.WithDefaults(at, constructs.PodProps{
		RunAsUser: nobody, RunAsGroup: nobody, TerminationGracePeriodSeconds: DefaultPrometheusGracePeriodSeconds,
	})
	return p
}

// Validate checks the props, except for what depends on the chart.
func (p PrometheusProps) Validate(path *field.Path) field.ErrorList {
	p = p.withDefaults(manifest.Anywhere)
	scraping := p.scraping(manifest.Anywhere, nil)
	return p.validate(path, scraping, p.server(path, scraping))
}

func (p PrometheusProps) validate(path *field.Path, scraping scraping, server server) field.ErrorList {
	var errs field.ErrorList
	if !manifest.IsNil(p.Alertmanager) {
		errs = p.Alertmanager.Destination().CheckTCP(path.Child("alertmanager"))
	}
	return slices.Concat(
		errs,
		scraping.validate(path),
		server.validate(path),
		manifest.CheckConnections(server.Component, server.connections),
		p.KubernetesAPI.validate(path.Child("kubernetesAPI"), server.Component),
		p.validateRetention(path),
	)
}

func (p PrometheusProps) validateRetention(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if p.Retention < leastRetention || p.Retention%time.Second != 0 {
		errs = append(errs, field.Invalid(path.Child("retention"), p.Retention.String(), "must be in whole seconds, at least 6h"))
	}
	if p.RetentionSize == "" {
		return errs
	}
	at := path.Child("retentionSize")
	if problems := check.Bytes(at, p.RetentionSize, check.MinStorage); len(problems) > 0 {
		return append(errs, problems...)
	}
	// An invalid size is reported elsewhere.
	volume, problems := check.Quantity(at, p.Storage.Size)
	if size := resource.MustParse(p.RetentionSize); len(problems) == 0 && size.Value() > fourFifths(volume) {
		errs = append(errs, field.Invalid(at, p.RetentionSize, "must leave a fifth of storage.size ("+check.OrDefault(volume.String(), defaultVolume)+") free for the write-ahead log"))
	}
	return errs
}

func fourFifths(volume resource.Quantity) int64 { return volume.Value() / 5 * 4 }

func (p PrometheusProps) scraping(at manifest.Component, targets []manifest.Target) scraping {
	s := scraping{
		component: component{Component: at}, interval: p.ScrapeInterval, targets: watch(targets),
		kubelet: p.ScrapeKubelets, certManager: p.CertManager, alerts: p.Alerts,
	}
	if !manifest.IsNil(p.Alertmanager) {
		s.alertmanager = p.Alertmanager.Destination().AddressFor(at)
	}
	if ours, is := p.Alertmanager.(*Alertmanager); is && ours != nil {
		s.heartbeat = ours.heartbeat
	}
	return s
}

// server expects the defaults to be filled in.
func (p PrometheusProps) server(path *field.Path, scraping scraping) server {
	s := server{
		Component:   scraping.Component,
		image:       p.Image,
		pullPolicy:  p.ImagePullPolicy,
		port:        prometheusPort,
		args:        p.args(),
		resources:   p.Resources,
		liveness:    constructs.HTTPProbe{Path: "/-/healthy"}.Liveness(),
		readiness:   constructs.HTTPProbe{Path: "/-/ready"}.Readiness(),
		files:       map[string]string{prometheusConfigFile: scraping.config(), prometheusRulesFile: scraping.rules()},
		storage:     &p.Storage,
		pod:         p.Pod,
		sources:     p.Sources,
		connections: p.connections(path, scraping),
	}
	if p.ScrapeKubelets {
		s.pod = withAccount(s.pod, s.Component)
	}
	return s
}

func (p PrometheusProps) args() []string {
	return []string{
		"--config.file=" + prometheusConfigFile,
		"--storage.tsdb.path=" + p.Storage.MountPath,
		"--storage.tsdb.retention.time=" + promDuration(p.Retention),
		fmt.Sprintf("--storage.tsdb.retention.size=%dB", p.retentionSize()),
		"--web.listen-address=:" + strconv.Itoa(prometheusPort),
		webExternalURL + strconv.Itoa(prometheusPort),
	}
}

// retentionSize is in bytes; 0 if the props are invalid.
func (p PrometheusProps) retentionSize() int64 {
	if size, errs := check.Quantity(nil, p.RetentionSize); len(errs) == 0 {
		return size.Value()
	}
	volume, _ := check.Quantity(nil, p.Storage.Size)
	return fourFifths(volume)
}

// connections are to all that is scraped, and to the Alertmanager, which may be among them.
func (p PrometheusProps) connections(path *field.Path, scraping scraping) []manifest.Connection {
	var all []manifest.Connection
	alertmanager := manifest.Connect(path.Child("alertmanager"), p.Alertmanager)
	for _, target := range scraping.targets {
		if len(alertmanager) > 0 && alertmanager[0].Pods != nil && *alertmanager[0].Pods == target.Component {
			all, alertmanager = append(all, alertmanager...), nil
			continue
		}
		all = append(all, manifest.Connection{Destination: target.asking.Destination()})
	}
	all = append(all, alertmanager...)
	if p.ScrapeKubelets {
		all = append(all, manifest.Connection{Destination: manifest.Destination{Port: kubeletPort}})
		all = append(all, p.KubernetesAPI.connections()...)
	}
	if p.CertManager != nil {
		all = append(all, manifest.Connection{Destination: p.CertManager.destination()})
	}
	return all
}

// ConfigMap returns the ConfigMap that holds the configuration and the alerts.
func (p *Prometheus) ConfigMap() cdk8s.ApiObject { return p.node.Handle(p.configMap) }

// PersistentVolumeClaim returns the claim of the volume.
func (p *Prometheus) PersistentVolumeClaim() cdk8s.ApiObject { return p.node.Handle(p.claim) }

// ServiceAccount returns the ServiceAccount, or nil without ScrapeKubelets or if the props name an existing one.
func (p *Prometheus) ServiceAccount() cdk8s.ApiObject { return p.node.Handle(p.account) }

// ClusterRole returns the ClusterRole, or nil without ScrapeKubelets.
func (p *Prometheus) ClusterRole() cdk8s.ApiObject { return p.node.Handle(p.clusterRole) }

// ClusterRoleBinding returns the ClusterRoleBinding, or nil without ScrapeKubelets.
func (p *Prometheus) ClusterRoleBinding() cdk8s.ApiObject { return p.node.Handle(p.clusterRoleBinding) }
