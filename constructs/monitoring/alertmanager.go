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

// AlertmanagerProps are the properties of an Alertmanager. There is always one replica.
type AlertmanagerProps struct {
	// Receiver is who gets the alerts. Required.
	Receiver AlertReceiver

	// Image is the container image. Defaults to DefaultAlertmanagerImage.
	Image string

	// ImagePullPolicy says when the image is pulled. Defaults to constructs.PullAlways for the tag "latest", else to
	// constructs.PullIfNotPresent.
	ImagePullPolicy constructs.PullPolicy

	// Resources of the container. Default to 10m of CPU and 64Mi of memory, limited to 100m and 128Mi.
	Resources constructs.Resources

	// Storage is the volume of silences, and of what was sent already. The mount path defaults to /alertmanager, the size
	// to 1Gi.
	Storage constructs.Storage

	// Pod holds further settings. User and group default to the image's (65534), and the grace period to
	// constructs.DefaultGracePeriodSeconds.
	Pod constructs.PodProps
}

// AlertReceiver is a service that tells people of alerts.
type AlertReceiver struct {
	// Kind is the service's. Required.
	Kind AlertReceiverKind

	// Secret says where the value is with which the service is called: Slack's URL of an incoming webhook, PagerDuty's
	// routing key (of an integration of Events API v2), or the URL of another webhook. Until the Secret has the key, alerts
	// are only shown, not sent; a new value is taken within a minute or two, without a restart. Required.
	Secret constructs.SecretKey

	// Server is where the service listens, for the network policies: a constructs.External, or a tier that takes webhooks. Required.
	Server constructs.Server
}

// AlertReceiverKind is a kind of service that Alertmanager knows.
// https://prometheus.io/docs/alerting/latest/configuration/#receiver-integration-settings
type AlertReceiverKind string

// The kinds of services.
const (
	Slack     AlertReceiverKind = "slack"
	PagerDuty AlertReceiverKind = "pagerduty"
	Webhook   AlertReceiverKind = "webhook"
)

// DefaultAlertmanagerImage is the image of an Alertmanager.
// renovate: image
const DefaultAlertmanagerImage = "quay.io/prometheus/alertmanager:v0.34.2"

const (
	alertmanagerPort         = 9093
	alertmanagerFolder       = "/alertmanager"
	alertmanagerConfigFile   = "/etc/alertmanager/alertmanager.yml"
	alertmanagerSecretFolder = "/etc/alertmanager/secrets"
)

// alertmanagerResources hold far more alerts than an application has: 4,000 were measured to take 35Mi.
var alertmanagerResources = constructs.Resources{
	Requests: constructs.ResourceList{CPU: "10m", Memory: "64Mi"},
	Limits:   constructs.ResourceList{CPU: "100m", Memory: "128Mi"},
}

// Alertmanager groups the alerts of a Prometheus and sends them to a service that tells people.
type Alertmanager struct {
	serverTier
	configMap      cdk8s.ApiObject
	claim          cdk8s.ApiObject
	metricsService cdk8s.ApiObject
}

// NewAlertmanager adds an Alertmanager: a Deployment, Services, a ConfigMap, a PersistentVolumeClaim and network policies.
// Problems of the props are reported by synthesis.
func NewAlertmanager(scope awsconstructs.Construct, id string, props AlertmanagerProps) *Alertmanager {
	node := manifest.NewNode(scope, id, "alertmanager")
	at := node.Component
	server := props.server(node.Path, at)
	a := &Alertmanager{serverTier: serverTier{construct: construct{node}, server: server}}
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
	node.AddTarget(node.Path, manifest.Target{
		Component: at, Path: constructs.DefaultMetricsPath, Port: alertmanagerPort, Kind: alertmanagerTarget{},
	})
	return a
}

// Validate checks the props, but for what depends on the chart that the Alertmanager is in.
func (p AlertmanagerProps) Validate(path *field.Path) field.ErrorList {
	return p.validate(path, p.server(path, manifest.Anywhere))
}

func (p AlertmanagerProps) validate(path *field.Path, server server) field.ErrorList {
	return slices.Concat(
		server.validate(path, check.MountPoint{Prop: path.Child("secret"), Path: alertmanagerSecretFolder}),
		server.CheckMetricsName(path.Child("metrics")),
		manifest.CheckConnections(server.Component, server.connections),
		p.Receiver.validate(path.Child("receiver")),
	)
}

// validate leaves the server to CheckConnections, if there is one.
func (r AlertReceiver) validate(path *field.Path) field.ErrorList {
	errs := slices.Concat(
		check.OneOf(path.Child("kind"), r.Kind, Slack, PagerDuty, Webhook),
		r.Secret.Validate(path.Child("secret")),
	)
	if r.Server == nil {
		errs = append(errs, field.Required(path.Child("server"), "it is what the network policies open"))
	}
	return errs
}

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
		files:     map[string]string{alertmanagerConfigFile: p.Receiver.config()},
		storage:   &storage,
		pod: p.Pod.WithDefaults(constructs.PodProps{
			RunAsUser: nobody, RunAsGroup: nobody, TerminationGracePeriodSeconds: constructs.DefaultGracePeriodSeconds,
		}),
		connections: manifest.Connect(path.Child("receiver", "server"), p.Receiver.Server),
	}
}

func (p AlertmanagerProps) workload(server server) manifest.Workload {
	w := server.workload()
	w.Mounts.AddSecretFile(alertmanagerSecretFolder, p.Receiver.Secret.Secret, p.Receiver.Secret.Key)
	return w
}

// alertmanagerTarget is the kind of target that an Alertmanager is.
type alertmanagerTarget struct{}

func alertmanagerAlerts(c component) []Alert {
	failed := c.samplesOf("alertmanager_notifications_failed_total")
	return []Alert{
		// One that fails is in the window for ten minutes. One group of alerts is tried every five.
		newAlert("AlertsUndelivered", Critical, 15*time.Minute,
			fmt.Sprintf("sum by (namespace, job, integration) (increase(%s[10m])) > 0", failed),
			"{{ $labels.job }} cannot deliver alerts by {{ $labels.integration }}"),
	}
}

// ConfigMap returns the object that holds the configuration, for patches.
func (a *Alertmanager) ConfigMap() cdk8s.ApiObject { return a.node.Handle(a.configMap) }

// PersistentVolumeClaim returns the object for patches.
func (a *Alertmanager) PersistentVolumeClaim() cdk8s.ApiObject { return a.node.Handle(a.claim) }

// MetricsService returns the object by which Prometheus finds the pod, for patches.
func (a *Alertmanager) MetricsService() cdk8s.ApiObject { return a.node.Handle(a.metricsService) }
