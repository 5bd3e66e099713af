package argocd

import (
	"slices"
	"strings"
	"testing"

	"github.com/argoproj/gitops-engine/pkg/sync/common"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/migrated"
)

// TestMigrations syncs releases of an application whose pods wait for migrations: their Job is in a wave between those of the database and
// of the pods. If it fails, the sync does, and no pod is replaced.
func TestMigrations(t *testing.T) {
	const namespace = "migrations"
	first, failing, corrected := migrated.Create(t, namespace)
	sync := func(release, former migrated.Release) *operation {
		t.Helper()
		app := &application{namespace: namespace, source: release.Objects(t), prune: true}
		if former.Folder != "" {
			app.former = former.Objects(t)
		}
		return app.begin(t)
	}
	complete := func(release, former migrated.Release) {
		t.Helper()
		o := sync(release, former)
		o.run(t, platformPatience)
		o.succeeded(t)
		require.NoError(t, outOfOrder(o.recorder.steps))
		applied := o.recorder.names()
		for _, name := range []string{"Deployment/jobs-database", "Job/" + release.Job, "Deployment/jobs-api"} {
			require.Contains(t, applied, name)
		}
		require.Less(t, slices.Index(applied, "Deployment/jobs-database"), slices.Index(applied, "Job/"+release.Job))
		for _, deployment := range []string{"Deployment/jobs-api", "Deployment/jobs-worker"} {
			require.Less(t, slices.Index(applied, "Job/"+release.Job), slices.Index(applied, deployment))
		}
		release.RequireOrder(t)
		migrated.RequireJobs(t, namespace, release)
	}
	complete(first, migrated.Release{})

	o := sync(failing, first)
	o.standsStill(t, "waiting for healthy state of batch/Job/"+failing.Job)
	failing.Fail(t)
	o.run(t, patience)
	require.Equal(t, common.OperationFailed, o.phase)
	require.False(t, slices.ContainsFunc(o.recorder.names(), func(name string) bool { return strings.HasPrefix(name, "Deployment/jobs-api") }), o.recorder)
	first.RequireServing(t, 2)

	complete(corrected, failing)
	complete(first, corrected)
}
