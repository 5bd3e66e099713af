package constructs

import (
	"cmp"
	"maps"
	"slices"
	"time"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// CronJobProps are the properties of a CronJob.
type CronJobProps struct {
	// Image is the container image. Required.
	Image string

	// ImagePullPolicy defaults to Always for the tag "latest", otherwise to IfNotPresent.
	ImagePullPolicy PullPolicy

	// Command is the program to run, with its first arguments. No shell reads it. It can refer to variables like a value
	// of Env; a secret that it refers to is visible in the list of processes. Defaults to the image's entrypoint.
	Command []string

	// Args are the arguments, or further ones if Command is set. They can refer to variables like a value of Env.
	// Defaults to the image's own, or to none if Command is set.
	Args []string

	// WorkingDir is the absolute path of the directory in which the program starts. Defaults to the image's own.
	WorkingDir string

	// Schedule is a cron expression with five fields, or a macro such as "@daily". Required.
	// https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
	Schedule string

	// TimeZone is the name of the schedule's time zone, such as "Europe/Berlin". Where clocks change, a run in the hour
	// that is skipped or repeated may be left out or come twice. Defaults to "Etc/UTC".
	TimeZone string

	// StartingDeadline is how late a run may start, in whole seconds, at least 10 s. A run that cannot start in time is
	// left out. Defaults to 1 h, or to the shortest time between two runs if it is less.
	StartingDeadline time.Duration

	// ConcurrencyPolicy decides what happens to a run that is due while another one is running: ConcurrencyForbid leaves
	// it out, ConcurrencyReplace stops the one that is running, ConcurrencyAllow runs both. Defaults to
	// ConcurrencyForbid.
	ConcurrencyPolicy ConcurrencyPolicy

	// Suspend stops further runs, and removes the alerts. Defaults to false.
	Suspend bool

	// SuccessfulJobsHistoryLimit is the number of successful Jobs to keep, with their logs. Defaults to 3.
	SuccessfulJobsHistoryLimit *int

	// FailedJobsHistoryLimit is the number of failed Jobs to keep, with their logs. 0 requires DisableAlerts: the alert
	// on a failure sees only Jobs that are kept. Defaults to 1.
	FailedJobsHistoryLimit *int

	// DisableAlerts removes the alerts on a failed run, CronJobFailed, and on a missing one, CronJobOverdue. Defaults to
	// false.
	DisableAlerts bool

	// Deadline is the time limit of a run, including its retries, in whole seconds. A run that exceeds it is stopped and
	// counts as failed. Defaults to 1 h.
	Deadline time.Duration

	// BackoffLimit is the number of retries of a run. The time between two of them grows from 10 s to 6 min. Defaults to
	// 2.
	BackoffLimit *int

	// RestartPolicy is RestartNever, which retries in a new pod and keeps the failed ones with their logs, or
	// RestartOnFailure, which restarts the container. Defaults to RestartNever.
	RestartPolicy RestartPolicy

	// Resources of the container. Requests default to 250m of CPU and 512Mi of memory, limits to 500m and 1Gi.
	Resources Resources

	// Database is the PostgreSQL server. The jobs may connect to it, and receive its URL in DATABASE_URL. Defaults to
	// none.
	Database PostgresServer

	// Redis is the Redis server. The jobs may connect to it, and receive its URL, including the password, in REDIS_URL
	// and the password alone in REDIS_PASSWORD. Defaults to none.
	Redis RedisServer

	// Model is a language model behind an API compatible with OpenAI's. The jobs may connect to the server, and receive its
	// URL in OPENAI_BASE_URL, the API key in OPENAI_API_KEY and the name of the model in OPENAI_MODEL. Defaults to none.
	Model *Model

	// Connections are other servers that the jobs may connect to. They set no environment variables. Defaults to none.
	Connections []Server

	// Env holds environment variables. A value can refer to a variable of Env, of SecretEnv or of a connection as
	// $(NAME); $$(NAME) stands for the text $(NAME). Defaults to none.
	Env map[string]string

	// SecretEnv holds environment variables whose values are in Secrets. Defaults to none.
	SecretEnv map[string]SecretKeyRef

	// FieldEnv holds environment variables whose values are fields of the pod, or requests and limits of the container.
	// Defaults to none.
	FieldEnv map[string]FieldRef

	// EnvFrom sets an environment variable for every key of Secrets and ConfigMaps. Defaults to none.
	EnvFrom []EnvFrom

	// Files holds text files by absolute path, mounted read-only from a ConfigMap. Defaults to none.
	Files map[string]string

	// Storage is a volume that all runs share. ConcurrencyAllow requires the access mode ReadWriteMany. Defaults to none.
	Storage *Storage

	// Volumes are existing claims, and files of Secrets, ConfigMaps and images. Claims that
	// ConcurrencyAllow uses require the access mode ReadWriteMany. Defaults to none.
	Volumes []Volume

	// EmptyDirs are directories that the container may write to, in addition to /tmp. Defaults to none.
	EmptyDirs []EmptyDir

	// InitContainers run to their end, one after the other, before the program starts. Defaults to none.
	InitContainers []InitContainer

	// Sidecars are containers that run for as long as the program does. Defaults to none.
	Sidecars []Sidecar

	// ServiceAccount adds a ServiceAccount, as which the pods run. Defaults to none: Pod names an existing one.
	ServiceAccount *ServiceAccount

	// Labels are added to all objects of the tier, except for pods: those of Pod are. Defaults to none.
	Labels map[string]string

	// Annotations are added to all objects of the tier, except for pods: those of Pod are. Defaults to none.
	Annotations map[string]string

	// Pod holds further settings of the pods. User and group default to 10001, the grace period to 30 seconds.
	Pod PodProps
}

// ConcurrencyPolicy decides what happens to a run of a CronJob that is due while another one is running.
// https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy
type ConcurrencyPolicy string

// The concurrency policies of CronJobs.
const (
	ConcurrencyForbid  ConcurrencyPolicy = "Forbid"
	ConcurrencyAllow   ConcurrencyPolicy = "Allow"
	ConcurrencyReplace ConcurrencyPolicy = "Replace"
)

// The defaults of a CronJob.
const (
	DefaultTimeZone                   = "Etc/UTC"
	DefaultStartingDeadline           = time.Hour
	DefaultSuccessfulJobsHistoryLimit = 3
	DefaultFailedJobsHistoryLimit     = 1
)

// leastStartingDeadline is how often Kubernetes looks at CronJobs.
// https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline
const leastStartingDeadline = 10 * time.Second

// CronJob is a program that runs on a schedule, to its end, such as a report. It serves no requests. To run it at any
// other time:
//
//	kubectl create job report-1 --from=cronjob/<app>-<component>
//
// A change of the props applies to later runs. In an application with a monitoring.KubeStateMetrics, an alert reports a
// run that failed, and another one that none has succeeded for longer than the schedule allows: the longest time between
// two runs, and the two deadlines.
type CronJob struct {
	jobTier
	object cdk8s.ApiObject
}

// NewCronJob adds a CronJob: a CronJob of Kubernetes and network policies; with Files a ConfigMap, with Storage a
// PersistentVolumeClaim, and with ServiceAccount a ServiceAccount.
func NewCronJob(scope awsconstructs.Construct, id string, props CronJobProps) *CronJob {
	node := manifest.NewNode(scope, id, "cronJob")
	c := &CronJob{jobTier: jobTier{construct: construct{node}}}
	job := props.cronJob(node.Path, node.Component)
	if !node.Accept(job.validate(node.Path)) {
		return c
	}
	object := manifest.CronJob("cron-job", job.Name(), job.spec())
	object.Fields = job.workload().WithNewFields(object.Fields, "spec", "jobTemplate", "spec", "template", "spec")
	c.object = c.addObjects(job.jobProgram, object)
	if !job.disableAlerts && !job.suspend {
		node.AddCronJob(node.Path, job.watched())
	}
	return c
}

// Validate checks the props, except for what depends on the chart.
func (p CronJobProps) Validate(path *field.Path) field.ErrorList {
	return p.cronJob(path, manifest.Anywhere).validate(path)
}

func (p CronJobProps) cronJob(path *field.Path, at manifest.Component) cronJob {
	used := serversUsed{p.Database, p.Redis, p.Model, p.Connections}
	return cronJob{
		jobProgram: jobProgram{
			program: program{
				Component:   at,
				image:       p.Image,
				pullPolicy:  p.ImagePullPolicy.WithDefault(p.Image),
				command:     command{p.Command, p.Args, p.WorkingDir},
				resources:   p.Resources.WithDefaults(backendResources),
				connected:   used.env(at),
				env:         p.Env,
				secretEnv:   p.SecretEnv,
				fieldEnv:    p.FieldEnv,
				envFrom:     p.EnvFrom,
				files:       p.Files,
				emptyDirs:   mergeEmptyDirs([]EmptyDir{{Path: temporaryFolder}}, p.EmptyDirs),
				storage:     p.Storage,
				volumes:     p.Volumes,
				pod:         p.Pod,
				connections: used.all(path),

				initContainers: p.InitContainers,
				sidecars:       p.Sidecars,
				account:        p.ServiceAccount,
				labels:         p.Labels,
				annotations:    p.Annotations,
			},
			deadline:      p.Deadline,
			backoffLimit:  p.BackoffLimit,
			restartPolicy: p.RestartPolicy,
		}.withDefaults(),
		schedule:         p.Schedule,
		timeZone:         cmp.Or(p.TimeZone, DefaultTimeZone),
		startingDeadline: cmp.Or(p.StartingDeadline, defaultStartingDeadline(p.Schedule)),
		concurrency:      cmp.Or(p.ConcurrencyPolicy, ConcurrencyForbid),
		suspend:          p.Suspend,
		successful:       cmp.Or(p.SuccessfulJobsHistoryLimit, new(DefaultSuccessfulJobsHistoryLimit)),
		failed:           cmp.Or(p.FailedJobsHistoryLimit, new(DefaultFailedJobsHistoryLimit)),
		disableAlerts:    p.DisableAlerts,
	}
}

// defaultStartingDeadline is also that of a schedule that is refused.
func defaultStartingDeadline(schedule string) time.Duration {
	shortest, _, comes := check.Intervals(schedule)
	if !comes {
		return DefaultStartingDeadline
	}
	return max(leastStartingDeadline, min(DefaultStartingDeadline, shortest.Truncate(time.Second)))
}

// CronJob returns the CronJob.
func (c *CronJob) CronJob() cdk8s.ApiObject { return c.node.Handle(c.object) }

// cronJob is a CronJob. Its fields are those of its props, with the defaults filled in.
type cronJob struct {
	jobProgram
	schedule         string
	timeZone         string
	startingDeadline time.Duration
	concurrency      ConcurrencyPolicy
	suspend          bool
	successful       *int
	failed           *int
	disableAlerts    bool
}

func (c cronJob) validate(path *field.Path) field.ErrorList {
	errs := slices.Concat(
		c.jobProgram.validate(path),
		checkSchedule(path.Child("schedule"), c.schedule),
		check.TimeZone(path.Child("timeZone"), c.timeZone),
		check.OneOf(path.Child("concurrencyPolicy"), c.concurrency, ConcurrencyForbid, ConcurrencyAllow, ConcurrencyReplace),
		check.AtLeast(path.Child("successfulJobsHistoryLimit"), *c.successful, 0),
		c.validateFailed(path.Child("failedJobsHistoryLimit")),
		check.WholeSeconds(path.Child("startingDeadline"), c.startingDeadline, leastStartingDeadline, mostJobDeadline),
	)
	if claim := c.claimOfOneNode(path); c.concurrency == ConcurrencyAllow && claim != nil {
		errs = append(errs, field.Invalid(claim.prop, claim.mode,
			"must be ReadWriteMany if concurrencyPolicy is Allow: pods on several nodes mount the volume"))
	}
	return append(errs, checkJobName(path.Child("id"), c.Component, manifest.MaxCronJobName)...)
}

// checkSchedule checks a schedule that has no default.
func checkSchedule(path *field.Path, schedule string) field.ErrorList {
	if schedule == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	return check.Schedule(path, schedule)
}

// validateFailed refuses a history in which the alert would never find a failure.
func (c cronJob) validateFailed(path *field.Path) field.ErrorList {
	if *c.failed == 0 && !c.disableAlerts && !c.suspend {
		return field.ErrorList{field.Invalid(path, 0, "must be at least 1: the alert CronJobFailed sees only Jobs that are kept (or set disableAlerts)")}
	}
	return check.AtLeast(path, *c.failed, 0)
}

func (c cronJob) spec() k8s.CronJobSpec {
	spec := c.jobProgram.spec()
	labels := c.Labels()
	maps.Copy(labels, c.labels)
	metadata := &k8s.ObjectMeta{Labels: manifest.StringMap(labels)}
	if len(c.annotations) > 0 {
		metadata.Annotations = manifest.StringMap(c.annotations)
	}
	return k8s.CronJobSpec{
		Schedule:                jsii.String(c.schedule),
		TimeZone:                jsii.String(c.timeZone),
		ConcurrencyPolicy:       jsii.String(string(c.concurrency)),
		StartingDeadlineSeconds: jsii.Number(c.startingDeadline.Seconds()),
		// Written out, so that applying the manifests resumes what somebody has suspended by hand.
		Suspend:                    jsii.Bool(c.suspend),
		SuccessfulJobsHistoryLimit: jsii.Number(*c.successful),
		FailedJobsHistoryLimit:     jsii.Number(*c.failed),
		JobTemplate: &k8s.JobTemplateSpec{
			Metadata: metadata,
			Spec:     &spec,
		},
	}
}

// watched describes the CronJob for monitoring. A run may start late, and then take all of its time. Where clocks change, one comes an hour
// later than the schedule says in UTC.
func (c cronJob) watched() manifest.WatchedCronJob {
	_, longest, _ := check.Intervals(c.schedule)
	if c.timeZone != DefaultTimeZone {
		longest += time.Hour
	}
	return manifest.WatchedCronJob{Component: c.Component, Overdue: longest + c.startingDeadline + c.deadline}
}
