package constructs_test

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

// Without its source, the API server would take a volume for an empty directory.
func TestImageVolumesOfAllPods(t *testing.T) {
	volumes := []constructs.Volume{constructs.ImageVolume{MountPath: "/models", Image: "models:7"}}
	manifests := manifestsOf(t, synthesize(t, func(chart cdk8s.Chart) {
		constructs.NewJob(chart, "import", constructs.JobProps{Image: "api:1", Volumes: volumes})
		constructs.NewCronJob(chart, "report", constructs.CronJobProps{Image: "api:1", Schedule: "@daily", Volumes: volumes})
		constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: "api:1", Volumes: volumes})
		constructs.NewBackend(chart, "api", constructs.BackendProps{
			Image: "api:1", Volumes: volumes, Migrations: &constructs.Migrations{Command: []string{"migrate"}},
			Database: constructs.NewPostgres(chart, "database", constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: "a"}}),
		})
	}))
	pods := 0
	for _, m := range manifests {
		pod := podOf(m)
		if m.kind() == "Job" {
			pod = m.at("spec", "template").(map[string]any)
		}
		for _, volume := range listOf(pod.at("spec", "volumes")) {
			require.Len(t, volume, 2, "%s: a name and a source", m)
			if volume.text("name") == "models" {
				require.Equal(t, "models:7", volume.text("image", "reference"))
				pods++
			}
		}
	}
	require.Equal(t, 5, pods)
}
