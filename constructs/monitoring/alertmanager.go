package monitoring

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// AlertmanagerProps are the properties of an Alertmanager.
type AlertmanagerProps struct {
	// Receivers get the alerts. At least one must accept each severity. Required.
	Receivers []AlertReceiver

	// Heartbeat is a service that raises an alarm when Alertmanager no longer calls it. Nothing else notices that
	// Prometheus or Alertmanager has stopped. Defaults to none.
	Heartbeat *Heartbeat

	// Image is the container image. Defaults to "quay.io/prometheus/alertmanager:v0.34.2".
	Image string

	// ImagePullPolicy defaults to Always for the tag "latest", otherwise to IfNotPresent.
	ImagePullPolicy constructs.PullPolicy

	// Resources of the container. Requests default to 10m of CPU and 64Mi of memory, limits to 100m and 128Mi.
	Resources constructs.Resources

	// Storage is the volume of silences and of the log of sent notifications. The mount path defaults to /alertmanager,
	// the size to 1Gi.
	Storage constructs.Storage

	// Sources are clients that no construct of this library adds, and that may connect to the server. Defaults to none.
	Sources constructs.Sources

	// Pod holds further settings of the pod. User and group default to those of the image, 65534, and the grace period
	// to 30 seconds.
	Pod constructs.PodProps
}

// AlertReceiver is a service that notifies people of alerts.
type AlertReceiver struct {
	// Kind is the kind of service. Required.
	Kind AlertReceiverKind

	// Name is the receiver's name in Alertmanager. Two receivers of one kind need different names. Defaults to the
	// kind.
	Name string

	// Severities are the severities of the alerts that the receiver gets. Alerts of other severities are not sent to
	// it, except AlertsUndelivered, which all receivers get. Defaults to critical and warning.
	Severities []Severity

	// Secret is the key that holds the credential: the URL of a Slack incoming webhook, a PagerDuty routing key (of an
	// Events API v2 integration), or the URL of another webhook. While the key is missing, alerts are shown but not
	// sent. A new value takes effect within two minutes, without a restart. Required.
	Secret constructs.SecretKeyRef

	// Server is the address of the service, for the network policies: a constructs.ExternalServer, a
	// constructs.ClusterServer, or a tier that accepts webhooks. Required.
	Server constructs.Server
}

// Heartbeat is a dead man's switch: a service that expects a call every minute or two, and raises an alarm when none
// comes. Alertmanager calls it as long as Prometheus evaluates alerts and Alertmanager delivers them. Configure a grace
// time of five minutes.
type Heartbeat struct {
	// Secret is the key that holds the URL, which is called by POST. While the key is missing, nothing is called, and
	// Alertmanager logs it. Required.
	Secret constructs.SecretKeyRef

	// Server is the address of the service, for the network policies: a constructs.ExternalServer, a
	// constructs.ClusterServer, or a tier. Required.
	Server constructs.Server
}

// AlertReceiverKind is a kind of service that Alertmanager supports.
// https://prometheus.io/docs/alerting/latest/configuration/#receiver-integration-settings
type AlertReceiverKind string

// The kinds of services.
const (
	ReceiverSlack     AlertReceiverKind = "slack"
	ReceiverPagerDuty AlertReceiverKind = "pagerduty"
	ReceiverWebhook   AlertReceiverKind = "webhook"
)

// DefaultAlertmanagerImage is the default image of an Alertmanager.
//
//renovate:image
const DefaultAlertmanagerImage = "quay.io/prometheus/alertmanager:v0.34.2"

const (
	alertmanagerPort         = 9093
	alertmanagerFolder       = "/alertmanager"
	alertmanagerConfigFile   = "/etc/alertmanager/alertmanager.yml"
	alertmanagerSecretFolder = "/etc/alertmanager/secrets"
)

// alertmanagerResources cover far more alerts than an application has: 4,000 were measured to use 35Mi.
var alertmanagerResources = constructs.Resources{
	Requests: constructs.ResourceList{CPU: "10m", Memory: "64Mi"},
	Limits:   constructs.ResourceList{CPU: "100m", Memory: "128Mi"},
}

// Alertmanager groups the alerts of a Prometheus and sends them to receivers.
type Alertmanager struct {
	serverTier
	heartbeat      bool // A Prometheus is to send it.
	configMap      cdk8s.ApiObject
	claim          cdk8s.ApiObject
	metricsService cdk8s.ApiObject
}

// NewAlertmanager adds an Alertmanager: a Deployment, Services, a ConfigMap, a PersistentVolumeClaim and network
// policies.
func NewAlertmanager(scope awsconstructs.Construct, id string, props AlertmanagerProps) *Alertmanager {
	node := manifest.NewNode(scope, id, "alertmanager")
	at := node.Component
	props = props.withDefaults()
	server := props.server(node.Path, at)
	a := &Alertmanager{serverTier: serverTier{construct: construct{node}, server: server}, heartbeat: props.Heartbeat != nil}
	if !node.Accept(props.validate(node.Path, server)) {
		return a
	}
	a.configMap = node.Add(manifest.FileConfigMap(at, server.files))
	a.claim = node.Add(server.storage.Claim())
	a.deployment = node.Add(props.workload(server).Deployment())
	a.service = node.Add(manifest.Service(at, manifest.HTTPPort, alertmanagerPort))
	a.metricsService = node.Add(manifest.MetricsService(at, manifest.HTTPPort, alertmanagerPort))
	a.policy = node.Add(manifest.ClientPolicy(at, server.connections))
	node.AddAll(manifest.Openings(at, server.connections))
	node.Add(server.sources.Policy(at, server.port))
	node.AddTarget(node.Path, manifest.Target{
		Component: at, Path: constructs.DefaultMetricsPath, Port: alertmanagerPort, Kind: props.target(),
	})
	return a
}

// Validate checks the props, except for what depends on the chart.
func (p AlertmanagerProps) Validate(path *field.Path) field.ErrorList {
	p = p.withDefaults()
	return p.validate(path, p.server(path, manifest.Anywhere))
}

func (p AlertmanagerProps) validate(path *field.Path, server server) field.ErrorList {
	var secrets []check.MountPoint
	for _, file := range p.secretFiles(path) {
		point := check.MountPoint{Prop: file.prop, Path: file.folder}
		taken := func(other check.MountPoint) bool { return other.Path == point.Path } // By a name that is refused below.
		if !slices.ContainsFunc(secrets, taken) {
			secrets = append(secrets, point)
		}
	}
	return slices.Concat(
		server.validate(path, secrets...),
		server.CheckMetricsName(path.Child("metrics")),
		manifest.CheckConnections(server.Component, server.connections),
		p.validateReceivers(path.Child("receivers")),
		p.Heartbeat.validate(path.Child("heartbeat")),
	)
}

// withDefaults leaves the rest to server.
func (p AlertmanagerProps) withDefaults() AlertmanagerProps {
	p.Receivers = slices.Clone(p.Receivers)
	for i, r := range p.Receivers {
		p.Receivers[i].Name = cmp.Or(r.Name, string(r.Kind))
		if len(r.Severities) == 0 {
			p.Receivers[i].Severities = allSeverities
		}
	}
	return p
}

// server expects the defaults of receivers to be filled in.
func (p AlertmanagerProps) server(path *field.Path, at manifest.Component) server {
	image := cmp.Or(p.Image, DefaultAlertmanagerImage)
	storage := p.Storage.WithDefaults(constructs.Storage{MountPath: alertmanagerFolder, Size: "1Gi", ClaimName: at.Suffixed("data")})
	return server{
		Component:  at,
		image:      image,
		pullPolicy: p.ImagePullPolicy.WithDefault(image),
		port:       alertmanagerPort,
		args: []string{
			"--config.file=" + alertmanagerConfigFile,
			"--storage.path=" + storage.MountPath,
			"--web.listen-address=:" + strconv.Itoa(alertmanagerPort),
			webExternalURL + strconv.Itoa(alertmanagerPort),
			// There are no others to agree with.
			"--cluster.listen-address=",
		},
		resources: p.Resources.WithDefaults(alertmanagerResources),
		liveness:  constructs.HTTPProbe{Path: "/-/healthy"}.Liveness(),
		readiness: constructs.HTTPProbe{Path: "/-/ready"}.Readiness(),
		files:     map[string]string{alertmanagerConfigFile: p.config()},
		storage:   &storage,
		sources:   p.Sources,
		pod: p.Pod.WithDefaults(at, constructs.PodProps{
			RunAsUser: nobody, RunAsGroup: nobody, TerminationGracePeriodSeconds: constructs.DefaultGracePeriodSeconds,
		}),
		connections: p.connections(path),
	}
}

func (p AlertmanagerProps) workload(server server) manifest.Workload {
	w := server.workload()
	for _, file := range p.secretFiles(nil) {
		w.Mounts.AddSecretFile(file.folder, file.Secret, file.Key)
	}
	return w
}

// alertmanagerTarget is the kind of target that an Alertmanager is.
type alertmanagerTarget struct {
	heartbeat AlertReceiverKind // By which kind of service nothing but the heartbeat is sent; empty for none.
}

func (p AlertmanagerProps) target() alertmanagerTarget {
	people := func(r AlertReceiver) bool { return r.Kind == ReceiverWebhook }
	if p.Heartbeat == nil || slices.ContainsFunc(p.Receivers, people) {
		return alertmanagerTarget{}
	}
	return alertmanagerTarget{heartbeat: ReceiverWebhook}
}

// alerts exclude the heartbeat, which its service reports, if its kind differs from that of the other services.
func (a alertmanagerTarget) alerts(c component) []Alert {
	var people []string
	if a.heartbeat != "" {
		people = append(people, fmt.Sprintf("integration!=%q", a.heartbeat))
	}
	failed := c.samplesOf("alertmanager_notifications_failed_total", people...)
	return []Alert{
		// One that fails is in the window for ten minutes. One group of alerts is tried every five.
		newAlert(alertsUndelivered, SeverityCritical, 15*time.Minute,
			fmt.Sprintf("sum by (namespace, job, integration) (increase(%s[10m])) > 0", failed),
			"{{ $labels.job }} cannot deliver alerts via {{ $labels.integration }}"),
	}
}

// alertsUndelivered is the alert on alerts that do not arrive.
const alertsUndelivered = "AlertsUndelivered"

// ConfigMap returns the ConfigMap that holds the configuration.
func (a *Alertmanager) ConfigMap() cdk8s.ApiObject { return a.node.Handle(a.configMap) }

// PersistentVolumeClaim returns the claim of the volume.
func (a *Alertmanager) PersistentVolumeClaim() cdk8s.ApiObject { return a.node.Handle(a.claim) }

// MetricsService returns the Service through which Prometheus finds the pod.
func (a *Alertmanager) MetricsService() cdk8s.ApiObject { return a.node.Handle(a.metricsService) }
