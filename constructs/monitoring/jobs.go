package monitoring

import (
	"fmt"
	"strings"
	"time"

	"github.com/ai-platform/manifests/internal/manifest"
)

// What kube-state-metrics exports of Jobs and CronJobs. The API server remembers the last success when the Jobs are long removed.
// https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload
const (
	cronJobCreated     = "kube_cronjob_created"
	cronJobLastSuccess = "kube_cronjob_status_last_successful_time"
	jobFailed          = "kube_job_failed"
	jobOwner           = "kube_job_owner"
	jobStarted         = "kube_job_status_start_time"
)

// cronJobAlerts look at the CronJobs that ask for it, if somebody exports what the API server knows of them.
func (s scraping) cronJobAlerts() []Alert {
	if !s.hasKubeState() || len(s.cronJobs) == 0 {
		return nil
	}
	var names, overdue []string
	for _, cronJob := range s.cronJobs {
		names = append(names, cronJob.Name())
		overdue = append(overdue, s.cronJobOverdue(cronJob))
	}
	return []Alert{
		newAlert("CronJobFailed", SeverityWarning, time.Minute, s.cronJobFailed(strings.Join(names, "|")),
			"The last Job of CronJob {{ $labels.cronjob }} failed"),
		newAlert("CronJobOverdue", SeverityWarning, 15*time.Minute, strings.Join(overdue, "\nor\n"),
			"CronJob {{ $labels.cronjob }} has not succeeded for {{ $value | humanizeDuration }}, or does not exist"),
	}
}

// cronJobFailed finds a failed Job that began after the last success. Jobs that people make of a CronJob are its own too: their success
// ends the alert. Two exporters, as while a new one takes over, are no more than one.
func (s scraping) cronJobFailed(names string) string {
	owners := s.samplesIn(jobOwner, `owner_kind="CronJob"`, `owner_name=~"`+names+`"`)
	failed := fmt.Sprintf("max by (namespace, job_name) (%s and on (namespace, job_name) %s == 1)",
		s.samplesIn(jobStarted), s.samplesIn(jobFailed, `condition="true"`))
	return fmt.Sprintf("max by (namespace, cronjob) (label_replace(\n  %s\n  * on (namespace, job_name) group_right () %s,\n  \"cronjob\", \"$1\", \"owner_name\", \"(.+)\"\n))\n> on (namespace, cronjob) (%s)",
		failed, owners, s.lastSuccess(`cronjob=~"`+names+`"`))
}

// cronJobOverdue also finds a CronJob that somebody has suspended or removed, unless its server is stopped. A new one has as much time as
// after a success.
func (s scraping) cronJobOverdue(c manifest.WatchedCronJob) string {
	selector, limit := `cronjob="`+c.Name()+`"`, promNumber(c.Overdue.Seconds())
	overdue := fmt.Sprintf("time() - (%s) > %s", s.lastSuccess(selector), limit)
	if c.Server != (manifest.Component{}) {
		stopped := s.samplesIn(replicasWanted, fmt.Sprintf("deployment=%q", c.Server.Name())) + " == 0"
		overdue += " unless on (namespace) " + stopped
	}
	return fmt.Sprintf("(%s)\nor absent(%s) * %s and on () count(%s)",
		overdue, s.samplesIn(cronJobCreated, selector), limit, s.samplesIn(replicasWanted))
}

// lastSuccess is when a CronJob has succeeded, or else when it was created.
func (s scraping) lastSuccess(selector string) string {
	latest := func(metric string) string {
		return "max by (namespace, cronjob) (" + s.samplesIn(metric, selector) + ")"
	}
	return latest(cronJobLastSuccess) + " or " + latest(cronJobCreated)
}

// jobAlerts look at the Jobs that ask for it, as long as they exist.
func (s scraping) jobAlerts() []Alert {
	if !s.hasKubeState() || len(s.jobs) == 0 {
		return nil
	}
	var names []string
	for _, job := range s.jobs {
		names = append(names, job.Name)
	}
	failed := s.samplesIn(jobFailed, `condition="true"`, `job_name=~"`+strings.Join(names, "|")+`"`)
	return []Alert{
		newAlert("JobFailed", SeverityWarning, time.Minute, "max by (namespace, job_name) ("+failed+") == 1", "Job {{ $labels.job_name }} failed"),
	}
}
