package constructs

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

func TestCronJobPropsValidate(t *testing.T) {
	validate := func(change func(p *CronJobProps)) field.ErrorList {
		props := CronJobProps{Image: "api:1", Schedule: "@daily"}
		change(&props)
		path := field.NewPath("cronJob")
		return props.cronJob(path, testComponent).validate(path)
	}
	oneNode := &Storage{MountPath: "/data", Size: "1Gi"}
	runChecks(t, map[string]expectation{
		"least":                                   {errs: validate(func(*CronJobProps) {})},
		"every second":                            {errs: validate(func(p *CronJobProps) { p.Schedule = "@every 1s" })},
		"failures that nobody asks for":           {errs: validate(func(p *CronJobProps) { p.FailedJobsHistoryLimit, p.DisableAlerts = new(0), true })},
		"failures of what does not run":           {errs: validate(func(p *CronJobProps) { p.FailedJobsHistoryLimit, p.Suspend = new(0), true })},
		"a volume of one node, one run at a time": {errs: validate(func(p *CronJobProps) { p.Storage, p.ConcurrencyPolicy = oneNode, ConcurrencyReplace })},
		"a history that hides failures": {
			validate(func(p *CronJobProps) { p.FailedJobsHistoryLimit = new(0) }),
			[]string{"cronJob.failedJobsHistoryLimit: Invalid value: 0: must be at least 1: the alert CronJobFailed sees only Jobs that are kept (or set disableAlerts)"},
		},
		"several runs on a volume of one node": {
			validate(func(p *CronJobProps) { p.Storage, p.ConcurrencyPolicy = oneNode, ConcurrencyAllow }),
			[]string{`cronJob.storage.accessMode: Invalid value: "ReadWriteOnce": must be ReadWriteMany if concurrencyPolicy is Allow: pods on several nodes mount the volume`},
		},
		"no schedule": {
			validate(func(p *CronJobProps) { p.Schedule = "" }),
			[]string{"cronJob.schedule: Required value"},
		},
		"all wrong": {
			validate(func(p *CronJobProps) {
				p.Image, p.Schedule, p.TimeZone, p.ConcurrencyPolicy = "api", "0 0 31 2 *", "Berlin", "Queue"
				p.SuccessfulJobsHistoryLimit, p.FailedJobsHistoryLimit, p.StartingDeadline = new(-1), new(-1), 5*time.Second
				p.Deadline, p.BackoffLimit, p.RestartPolicy = -time.Second, new(-1), "Always"
			}),
			[]string{
				`cronJob.image: Invalid value: "api": must include a tag or digest`,
				"cronJob.backoffLimit: Invalid value: -1: " + checktest.NotBelow0Rule,
				`cronJob.restartPolicy: Unsupported value: "Always": supported values: "Never", "OnFailure"`,
				`cronJob.deadline: Invalid value: "-1s": must be in whole seconds between 1s and 8760h`,
				`cronJob.schedule: Invalid value: "0 0 31 2 *": never runs: none of these months has such a day`,
				`cronJob.timeZone: Invalid value: "Berlin": must be a name of the IANA time zone database, such as "Etc/UTC" or "Europe/Berlin"`,
				`cronJob.concurrencyPolicy: Unsupported value: "Queue": supported values: "Forbid", "Allow", "Replace"`,
				"cronJob.successfulJobsHistoryLimit: Invalid value: -1: " + checktest.NotBelow0Rule,
				"cronJob.failedJobsHistoryLimit: Invalid value: -1: " + checktest.NotBelow0Rule,
				`cronJob.startingDeadline: Invalid value: "5s": must be in whole seconds between 10s and 8760h`,
			},
		},
	})
}

// Names of CronJobs are shorter than others, because their Jobs' names are longer.
func TestCronJobRefusesANameTooLong(t *testing.T) {
	path, props := field.NewPath("cronJob"), CronJobProps{Image: "api:1", Schedule: "@daily"}
	at := manifest.Component{App: "shop", ID: strings.Repeat("a", 47), Namespace: "shop"}
	require.Empty(t, props.cronJob(path, at).validate(path))
	at.ID += "a"
	require.Contains(t, checktest.Messages(props.cronJob(path, at).validate(path))[0], "must be at most 52 characters long")
}

// The next success is late when it comes after the longest time between two runs, a late start, and all of its time.
func TestWhenACronJobIsOverdue(t *testing.T) {
	overdue := func(p CronJobProps) time.Duration {
		p.Image = "api:1"
		return p.cronJob(field.NewPath("cronJob"), testComponent).watched().Overdue
	}
	require.Equal(t, 26*time.Hour, overdue(CronJobProps{Schedule: "@daily"}))
	require.Equal(t, 27*time.Hour, overdue(CronJobProps{Schedule: "@daily", TimeZone: "Europe/Berlin"}), "clocks may change")
	require.Equal(t, 31*time.Minute, overdue(CronJobProps{Schedule: "*/15 * * * *", StartingDeadline: time.Minute, Deadline: 15 * time.Minute}))
}
