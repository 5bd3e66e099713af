package constructs

import (
	"cmp"
	"fmt"
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

// JobProps are the properties of a Job.
type JobProps struct {
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

	// Completions is the number of pods that must succeed. Defaults to 1.
	Completions int

	// Parallelism is the number of pods that may run at the same time. Defaults to 1.
	Parallelism int

	// Deadline is the time limit of the Job, including its retries, in whole seconds. A Job that exceeds it is stopped and
	// counts as failed. Defaults to 1 h.
	Deadline time.Duration

	// BackoffLimit is the number of retries. The time between two of them grows from 10 s to 6 min. Defaults to 2.
	BackoffLimit *int

	// RestartPolicy is RestartNever, which retries in a new pod and keeps the failed ones with their logs, or
	// RestartOnFailure, which restarts the container. Defaults to RestartNever.
	RestartPolicy RestartPolicy

	// TTLAfterFinished deletes the Job after it has finished, in whole seconds. Applying the manifests again, as Argo CD
	// does by itself, then runs it again. It must be at least 1 h unless DisableAlerts is set, because a deleted Job does
	// not alert. Defaults to none, which keeps the Job.
	TTLAfterFinished time.Duration

	// DisableAlerts removes the alert on a failure, JobFailed. Defaults to false.
	DisableAlerts bool

	// Resources of the container. Requests default to 250m of CPU and 512Mi of memory, limits to 500m and 1Gi.
	Resources Resources

	// Database is the PostgreSQL server. The job may connect to it, and receives its URL in DATABASE_URL. Defaults to
	// none.
	Database PostgresServer

	// Redis is the Redis server. The job may connect to it, and receives its URL, including the password, in REDIS_URL
	// and the password alone in REDIS_PASSWORD. Defaults to none.
	Redis RedisServer

	// Model is a language model behind an API compatible with OpenAI's. The job may connect to the server, and receives its
	// URL in OPENAI_BASE_URL, the API key in OPENAI_API_KEY and the name of the model in OPENAI_MODEL. Defaults to none.
	Model *Model

	// Connections are other servers that the job may connect to. They set no environment variables. Defaults to none.
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

	// Files holds text files by absolute path, mounted read-only from a ConfigMap. A change runs the job again. Defaults
	// to none.
	Files map[string]string

	// Storage is a volume that all pods of the Job share. A Parallelism above 1 requires the access mode ReadWriteMany.
	// Defaults to none.
	Storage *Storage

	// Volumes are existing claims, and files of Secrets, ConfigMaps and images. Claims that a Parallelism
	// above 1 uses require the access mode ReadWriteMany. Defaults to none.
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

// RestartPolicy decides how a failed container of a Job is retried.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/#handling-pod-and-container-failures
type RestartPolicy string

// The restart policies of Jobs.
const (
	RestartNever     RestartPolicy = "Never"
	RestartOnFailure RestartPolicy = "OnFailure"
)

// The defaults of a Job and of the Jobs of a CronJob.
const (
	DefaultJobDeadline     = time.Hour
	DefaultJobBackoffLimit = 2
)

// mostJobDeadline is longer than anybody waits.
const mostJobDeadline = 365 * 24 * time.Hour

// leastTTL gives people an hour to hear of a failed Job, and to read its log.
const leastTTL = time.Hour

// Job is a program that runs once, to its end, such as an import. It serves no requests.
//
// Kubernetes does not let a Job's pod template change. The name of the Job therefore ends in a digest of the template,
// and a change of a prop that is part of it (image, command, environment, files, resources) creates another Job, which
// runs. So does a release of this library that changes templates: the program must be safe to run again. "kubectl apply"
// leaves the former Job in the cluster; Argo CD and Helm delete it. A patch of the pod template does not change the name:
// give the construct another id if the patch changes.
//
// argocd.Annotate puts a Job in the last wave: nothing waits until it ends. For changes of a database's schema that a
// Backend needs, use BackendProps.Migrations.
type Job struct {
	jobTier
	object cdk8s.ApiObject
}

// NewJob adds a Job: a Job of Kubernetes and network policies; with Files a ConfigMap, with Storage a
// PersistentVolumeClaim, and with ServiceAccount a ServiceAccount.
func NewJob(scope awsconstructs.Construct, id string, props JobProps) *Job {
	node := manifest.NewNode(scope, id, "job")
	j := &Job{jobTier: jobTier{construct: construct{node}}}
	job := props.job(node.Path, node.Component)
	if !node.Accept(job.validate(node.Path)) {
		return j
	}
	object := manifest.Job(job.Component, job.workload(), job.spec())
	j.object = j.addObjects(job.jobProgram, object)
	if !job.disableAlerts {
		node.AddJob(node.Path, manifest.WatchedJob{Component: job.Component, Name: object.Name})
	}
	return j
}

// Validate checks the props, except for what depends on the chart.
func (p JobProps) Validate(path *field.Path) field.ErrorList {
	return p.job(path, manifest.Anywhere).validate(path)
}

func (p JobProps) job(path *field.Path, at manifest.Component) job {
	used := serversUsed{p.Database, p.Redis, p.Model, p.Connections}
	return job{
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
		completions:   cmp.Or(p.Completions, 1),
		parallelism:   cmp.Or(p.Parallelism, 1),
		ttl:           p.TTLAfterFinished,
		disableAlerts: p.DisableAlerts,
	}
}

// Job returns the Job.
func (j *Job) Job() cdk8s.ApiObject { return j.node.Handle(j.object) }

// job is a Job. Its fields are those of its props, with the defaults filled in.
type job struct {
	jobProgram
	completions   int
	parallelism   int
	ttl           time.Duration
	disableAlerts bool
}

func (j job) validate(path *field.Path) field.ErrorList {
	errs := slices.Concat(
		j.jobProgram.validate(path),
		check.AtLeast(path.Child("completions"), j.completions, 1),
		check.AtLeast(path.Child("parallelism"), j.parallelism, 1),
		j.validateTTL(path.Child("ttlAfterFinished")),
	)
	if claim := j.claimOfOneNode(path); j.parallelism > 1 && claim != nil {
		errs = append(errs, field.Invalid(claim.prop, claim.mode,
			"must be ReadWriteMany if parallelism is above 1: pods on several nodes mount the volume"))
	}
	return append(errs, checkJobName(path.Child("id"), j.Component, manifest.MaxJobName)...)
}

func (j job) validateTTL(path *field.Path) field.ErrorList {
	const most = (1<<31 - 1) * time.Second // The API holds it in 32 bits.
	switch {
	case j.ttl == 0:
		return nil
	case j.disableAlerts:
		return check.WholeSeconds(path, j.ttl, time.Second, most)
	case j.ttl > 0 && j.ttl < leastTTL:
		return field.ErrorList{field.Invalid(path, j.ttl.String(),
			"must be at least "+check.Duration(leastTTL)+": the alert JobFailed ends when the failed Job is deleted (or set disableAlerts)")}
	}
	return check.WholeSeconds(path, j.ttl, leastTTL, most)
}

func (j job) spec() k8s.JobSpec {
	spec := j.jobProgram.spec()
	spec.Completions = jsii.Number(j.completions)
	spec.Parallelism = jsii.Number(j.parallelism)
	if j.ttl > 0 {
		spec.TtlSecondsAfterFinished = jsii.Number(j.ttl.Seconds())
	}
	return spec
}

// jobTier is what Job and CronJob have in common: a program that runs to its end.
type jobTier struct {
	construct

	programNeeds
	policy cdk8s.ApiObject
}

// Component is for use within this module.
func (j *jobTier) Component() manifest.Component { return j.node.Component }

// addObjects adds a Job or a CronJob, and what it needs. It expects a program that is valid.
func (j *jobTier) addObjects(p jobProgram, object *manifest.Object) cdk8s.ApiObject {
	j.programNeeds = p.addNeeds(j.node)
	added := j.node.Add(object)
	j.policy = j.node.Add(manifest.ClientPolicy(p.Component, p.connections))
	j.node.AddAll(manifest.Openings(p.Component, p.connections))
	if len(p.initContainers) > 0 {
		p.refuseToWait(j.node)
	}
	return added
}

// NetworkPolicy returns the tier's own policy.
func (j *jobTier) NetworkPolicy() cdk8s.ApiObject { return j.node.Handle(j.policy) }

// ConfigMap returns the ConfigMap that holds the files, or nil without Files.
func (j *jobTier) ConfigMap() cdk8s.ApiObject { return j.node.Handle(j.configMap) }

// ServiceAccount returns the ServiceAccount that is added, or nil without one.
func (j *jobTier) ServiceAccount() cdk8s.ApiObject { return j.node.Handle(j.account) }

// PersistentVolumeClaim returns the claim, or nil without Storage.
func (j *jobTier) PersistentVolumeClaim() cdk8s.ApiObject { return j.node.Handle(j.claim) }

// jobProgram is a program that runs to its end. Its fields are those of the props, with the defaults filled in.
type jobProgram struct {
	program
	deadline      time.Duration
	backoffLimit  *int
	restartPolicy RestartPolicy
}

func (j jobProgram) withDefaults() jobProgram {
	j.replicas, j.single = new(1), true // The pods of a Job are no replicas: nothing spreads or replaces them.
	j.pod = j.pod.WithDefaults(j.Component, PodProps{RunAsUser: DefaultBackendUser, RunAsGroup: DefaultBackendUser})
	j.program = j.program.withDefaults()
	j.probes = j.probes.withDefaults(probes{startup: NoProbe{}, liveness: NoProbe{}, readiness: NoProbe{}})
	j.deadline = cmp.Or(j.deadline, DefaultJobDeadline)
	j.backoffLimit = cmp.Or(j.backoffLimit, new(DefaultJobBackoffLimit))
	j.restartPolicy = cmp.Or(j.restartPolicy, RestartNever)
	return j
}

func (j jobProgram) validate(path *field.Path) field.ErrorList {
	errs := slices.Concat(
		j.program.validate(path),
		check.AtLeast(path.Child("backoffLimit"), *j.backoffLimit, 0),
		check.OneOf(path.Child("restartPolicy"), j.restartPolicy, RestartNever, RestartOnFailure),
		j.validateLabels(path.Child("pod", "labels")),
	)
	return append(errs, check.WholeSeconds(path.Child("deadline"), j.deadline, time.Second, mostJobDeadline)...)
}

// jobControllersLabels are set on the pods of Jobs. The API server refuses a Job whose template has other values of them.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/#writing-a-job-spec
var jobControllersLabels = []string{"batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name"}

func (j jobProgram) validateLabels(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, key := range jobControllersLabels {
		if _, set := j.pod.Labels[key]; set {
			errs = append(errs, field.Forbidden(check.At(path, key), "is set by Kubernetes: remove it"))
		}
	}
	return errs
}

// checkJobName leaves room for what is appended to a component's name, which itself is checked elsewhere.
func checkJobName(path *field.Path, c manifest.Component, most int) field.ErrorList {
	if len(c.Name()) <= most {
		return nil
	}
	return field.ErrorList{field.Invalid(path, c.ID, fmt.Sprintf("the objects' name %q must be at most %d characters long: Kubernetes appends to it", c.Name(), most))}
}

// spec is that of a Job.
func (j jobProgram) spec() k8s.JobSpec { return j.specOf(j.workload()) }

// specOf is that of a Job whose pods have further containers.
func (j jobProgram) specOf(w manifest.Workload) k8s.JobSpec {
	template := w.Template()
	template.Spec.RestartPolicy = jsii.String(string(j.restartPolicy))
	return k8s.JobSpec{
		ActiveDeadlineSeconds: jsii.Number(j.deadline.Seconds()),
		BackoffLimit:          jsii.Number(*j.backoffLimit),
		Template:              template,
	}
}
