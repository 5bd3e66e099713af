package constructs

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

func TestJobPropsValidate(t *testing.T) {
	validate := func(change func(p *JobProps)) field.ErrorList {
		props := JobProps{Image: "api:1"}
		change(&props)
		path := field.NewPath("job")
		return props.job(path, testComponent).validate(path)
	}
	oneNode := &Storage{MountPath: "/data", Size: "1Gi"}
	runChecks(t, map[string]expectation{
		"least":                        {errs: validate(func(*JobProps) {})},
		"kept for an hour":             {errs: validate(func(p *JobProps) { p.TTLAfterFinished = time.Hour })},
		"kept for a second, unwatched": {errs: validate(func(p *JobProps) { p.TTLAfterFinished, p.DisableAlerts = time.Second, true })},
		"a volume of one node":         {errs: validate(func(p *JobProps) { p.Storage = oneNode })},
		"deleted before anybody hears of the failure": {
			validate(func(p *JobProps) { p.TTLAfterFinished = 10 * time.Minute }),
			[]string{`job.ttlAfterFinished: Invalid value: "10m0s": must be at least 1h: the alert JobFailed ends when the failed Job is deleted (or set disableAlerts)`},
		},
		"several pods on a volume of one node": {
			validate(func(p *JobProps) { p.Storage, p.Parallelism, p.Completions = oneNode, 2, 2 }),
			[]string{`job.storage.accessMode: Invalid value: "ReadWriteOnce": must be ReadWriteMany if parallelism is above 1: pods on several nodes mount the volume`},
		},
		"a label of the controller": {
			validate(func(p *JobProps) { p.Pod.Labels = map[string]string{"job-name": "a", "team": "b"} }),
			[]string{"job.pod.labels[job-name]: Forbidden: is set by Kubernetes: remove it"},
		},
		"a variable with a label of the controller": {errs: validate(func(p *JobProps) {
			p.FieldEnv = map[string]FieldRef{"JOB": {Field: "metadata.labels['batch.kubernetes.io/job-name']"}}
		})},
		"several pods on a claim of one node": {
			validate(func(p *JobProps) {
				p.Volumes, p.Parallelism, p.Completions = []Volume{ClaimVolume{MountPath: "/models", ClaimName: "models"}}, 2, 2
			}),
			[]string{`job.volumes[0].accessMode: Invalid value: "ReadWriteOnce": must be ReadWriteMany if parallelism is above 1: pods on several nodes mount the volume`},
		},
		"all wrong": {
			validate(func(p *JobProps) {
				p.Image, p.Command, p.Completions, p.Parallelism = "api", []string{""}, -1, math.MaxInt32+1
				p.Deadline, p.BackoffLimit, p.RestartPolicy, p.TTLAfterFinished = time.Millisecond, new(-1), "Always", -time.Second
				p.Connections = []Server{ExternalServer{Host: "10.0.0.2"}}
			}),
			[]string{
				`job.image: Invalid value: "api": must include a tag or digest`,
				"job.command[0]: Required value: the program to run",
				"job.connections[0].port: Invalid value: 0: " + checktest.PortRule,
				"job.backoffLimit: Invalid value: -1: " + checktest.NotBelow0Rule,
				`job.restartPolicy: Unsupported value: "Always": supported values: "Never", "OnFailure"`,
				`job.deadline: Invalid value: "1ms": must be in whole seconds between 1s and 8760h`,
				"job.completions: Invalid value: -1: " + checktest.NotBelow1Rule,
				"job.parallelism: Invalid value: 2147483648: " + checktest.NotBelow1Rule,
				`job.ttlAfterFinished: Invalid value: "-1s": must be in whole seconds between 1h and 596523h14m7s`,
			},
		},
	})
}

// A Job's name is longer than its component's, and a label of its pods.
func TestJobRefusesANameTooLong(t *testing.T) {
	path := field.NewPath("job")
	at := manifest.Component{App: "shop", ID: strings.Repeat("a", 47), Namespace: "shop"}
	job := JobProps{Image: "api:1"}.job(path, at)
	require.Empty(t, job.validate(path))
	require.Len(t, manifest.Job(at, job.workload(), job.spec()).Name, 63)
	at.ID += "a"
	require.Equal(t, []string{`job.id: Invalid value: "` + at.ID + `": the objects' name "shop-` + at.ID + `" must be at most 52 characters long: Kubernetes appends to it`},
		checktest.Messages(JobProps{Image: "api:1"}.job(path, at).validate(path)))
}

// What the API server does not let change is in the name; what it does is not.
func TestNameOfAJobFollowsItsTemplate(t *testing.T) {
	nameOf := func(change func(p *JobProps)) string {
		props := JobProps{Image: "api:1"}
		change(&props)
		job := props.job(field.NewPath("job"), testComponent)
		return manifest.Job(job.Component, job.workload(), job.spec()).Name
	}
	name := nameOf(func(*JobProps) {})
	require.Regexp(t, "^"+testComponent.Name()+"-[0-9a-f]{10}$", name)
	for what, change := range map[string]func(p *JobProps){
		"image":               func(p *JobProps) { p.Image = "api:2" },
		"volume's image":      func(p *JobProps) { p.Volumes = []Volume{ImageVolume{MountPath: "/m", Image: "models:1"}} },
		"volume's next image": func(p *JobProps) { p.Volumes = []Volume{ImageVolume{MountPath: "/m", Image: "models:2"}} },
		"command":             func(p *JobProps) { p.Command = []string{"a"} },
		"environment":         func(p *JobProps) { p.Env = map[string]string{"A": "1"} },
		"files":               func(p *JobProps) { p.Files = map[string]string{"/a": "1"} },
		"completions":         func(p *JobProps) { p.Completions = 2 },
		"restart policy":      func(p *JobProps) { p.RestartPolicy = RestartOnFailure },
		"node selector":       func(p *JobProps) { p.Pod.NodeSelector = map[string]string{"a": "b"} },
	} {
		require.NotEqual(t, name, nameOf(change), what)
	}
	for what, change := range map[string]func(p *JobProps){
		"parallelism":   func(p *JobProps) { p.Parallelism = 2 },
		"deadline":      func(p *JobProps) { p.Deadline = time.Minute },
		"backoff limit": func(p *JobProps) { p.BackoffLimit = new(0) },
		"TTL":           func(p *JobProps) { p.TTLAfterFinished = 2 * time.Hour },
	} {
		require.Equal(t, name, nameOf(change), what)
	}
}
