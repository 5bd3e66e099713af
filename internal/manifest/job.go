package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
)

const (
	// MaxCronJobName leaves room for what Kubernetes appends to the names of a CronJob's Jobs.
	// https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#writing-a-cronjob-spec
	MaxCronJobName = 52

	// MaxJobName is that of a component with a Job. The pods have the Job's name in a label, of 63 characters.
	MaxJobName = 63 - len("-") - digestLength

	// digestLength is enough for the few versions of a Job that a namespace ever has.
	digestLength = 10
)

// Job runs the pods of a workload until enough of them have succeeded. The API server does not allow a change of its pod template or of its
// completions, so the name ends in a digest of both: a changed Job is another object.
// https://kubernetes.io/docs/concepts/workloads/controllers/job/
func Job(c Component, w Workload, spec k8s.JobSpec) *Object {
	fields := w.WithNewFields(map[string]any{"spec": k8s.JobSpec{Template: spec.Template, Completions: spec.Completions}}, "spec", "template", "spec")
	return &Object{
		ID: "job", APIVersion: "batch/v1", Kind: "Job", Name: c.Suffixed(Digest(fields["spec"])),
		Fields: w.WithNewFields(map[string]any{"spec": spec}, "spec", "template", "spec"),
	}
}

// CronJob creates Jobs on a schedule.
func CronJob(id, name string, spec k8s.CronJobSpec) *Object {
	return &Object{ID: id, APIVersion: "batch/v1", Kind: "CronJob", Name: name, Fields: map[string]any{"spec": spec}}
}

// Digest is short for what an object must not change without changing its name.
func Digest(typed any) string {
	encoded, err := json.Marshal(plain(typed)) // With sorted keys.
	if err != nil {
		panic(fmt.Errorf("encode %T: %w", typed, err))
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:])[:digestLength]
}
