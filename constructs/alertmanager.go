package constructs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// AlertmanagerProps are the properties of an Alertmanager. There is always one replica.
type AlertmanagerProps struct {
	// Receiver is who gets the alerts. Required.
	Receiver AlertReceiver

	// Image is the container image. Defaults to DefaultAlertmanagerImage.
	Image string

	// ImagePullPolicy says when the image is pulled. Defaults to PullAlways for the tag "latest", else to PullIfNotPresent.
	ImagePullPolicy PullPolicy

	// Resources of the container. Default to 10m of CPU and 64Mi of memory, limited to 100m and 128Mi.
	Resources Resources

	// Storage is the volume of silences, and of what was sent already. The mount path defaults to /alertmanager, the size
	// to 1Gi.
	Storage Storage

	// Pod holds further settings. User and group default to the image's (65534), and the grace period to
	// DefaultGracePeriodSeconds.
	Pod PodProps
}

// AlertReceiver is a service that tells people of alerts.
type AlertReceiver struct {
	// Kind is the service's. Required.
	Kind AlertReceiverKind

	// Secret says where the value is with which the service is called: Slack's URL of an incoming webhook, PagerDuty's
	// routing key (of an integration of Events API v2), or the URL of another webhook. Until the Secret has the key, alerts
	// are only shown, not sent; a new value is taken within a minute or two, without a restart. Required.
	Secret SecretKey

	// Server is where the service listens, for the network policies: an External, or a tier that takes webhooks. Required.
	Server Server
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

var alertmanagerResources = Resources{
	Requests: ResourceList{CPU: "10m", Memory: "64Mi"},
	Limits:   ResourceList{CPU: "100m", Memory: "128Mi"},
}

// Alertmanager groups the alerts of a Prometheus and sends them to a service that tells people.
type Alertmanager struct{ serverTier }

// NewAlertmanager adds an Alertmanager: a Deployment, Services, a ConfigMap, a PersistentVolumeClaim and network policies.
// Problems of the props are reported by synthesis.
func NewAlertmanager(scope awsconstructs.Construct, id string, props AlertmanagerProps) *Alertmanager {
	t := newTier(scope, id, "alertmanager")
	server := props.server(t)
	if t.accept(append(server.validate(t.path), props.Receiver.validate(t.path.Child("receiver"))...)) {
		t.addObjects(server.objects())
		t.addTarget(t.path, server.alertmanagerTarget())
	}
	return &Alertmanager{serverTier{tier: t, server: server}}
}

func (r AlertReceiver) validate(path *field.Path) field.ErrorList {
	errs := slices.Concat(
		checkOneOf(path.Child("kind"), r.Kind, Slack, PagerDuty, Webhook),
		r.Secret.validate(path.Child("secret")),
	)
	if isNil(r.Server) {
		errs = append(errs, field.Required(path.Child("server"), "it is what the network policies open"))
	}
	return errs
}

// server fills in the defaults.
func (p AlertmanagerProps) server(t *tier) httpServer {
	image := cmp.Or(p.Image, DefaultAlertmanagerImage)
	return httpServer{
		place:          t.place,
		image:          image,
		pullPolicy:     cmp.Or(p.ImagePullPolicy, defaultPullPolicy(image)),
		port:           alertmanagerPort,
		replicas:       ptr(1),
		resources:      p.Resources.or(alertmanagerResources),
		liveness:       HTTPProbe{Path: "/-/healthy"}.or(livenessTiming),
		readiness:      HTTPProbe{Path: "/-/ready"}.or(readinessTiming),
		files:          map[string]string{alertmanagerConfigFile: p.Receiver.config()},
		storage:        ptr(p.Storage.or(t.storageDefaults()).or(Storage{MountPath: alertmanagerFolder, Size: "1Gi"})),
		preStopSeconds: ptr(0),
		pod:            p.Pod.or(PodProps{RunAsUser: nobody, RunAsGroup: nobody, TerminationGracePeriodSeconds: DefaultGracePeriodSeconds}),
		connections:    connect(t.path.Child("receiver", "server"), p.Receiver.Server),
		metrics:        metricsOf(&Metrics{Port: alertmanagerPort}),
		alone:          true,
		args: []string{
			"--config.file=" + alertmanagerConfigFile,
			"--storage.path=" + cmp.Or(p.Storage.MountPath, alertmanagerFolder),
			"--web.listen-address=:" + strconv.Itoa(alertmanagerPort),
			webExternalURL + strconv.Itoa(alertmanagerPort),
			// There are no others to agree with.
			"--cluster.listen-address=",
		},
		secretFiles: []secretFile{p.Receiver.file()},
	}
}

func (s httpServer) alertmanagerTarget() target {
	failed := s.samplesOf("alertmanager_notifications_failed_total")
	return target{
		place: s.place,
		path:  s.metrics.Path,
		port:  s.metrics.Port,
		alerts: []Alert{
			// One that fails is in the window for ten minutes. One group of alerts is tried every five.
			newAlert("AlertsUndelivered", Critical, 15*time.Minute,
				fmt.Sprintf("sum by (namespace, job, integration) (increase(%s[10m])) > 0", failed),
				"{{ $labels.job }} cannot deliver alerts by {{ $labels.integration }}"),
		},
	}
}

// ConfigMap returns the object that holds the configuration, for patches.
func (a *Alertmanager) ConfigMap() cdk8s.ApiObject { return a.handle("config-map") }

// PersistentVolumeClaim returns the object for patches.
func (a *Alertmanager) PersistentVolumeClaim() cdk8s.ApiObject { return a.handle("claim") }
