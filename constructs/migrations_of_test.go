package constructs_test

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

// aMigrated is a Backend with migrations.
func aMigrated(chart cdk8s.Chart, database constructs.PostgresServer) *constructs.Backend {
	return constructs.NewBackend(chart, "api", constructs.BackendProps{
		Image: image, Database: database, Migrations: &constructs.Migrations{Command: []string{"migrate"}},
	})
}

// The container that waits is the backend's own, except for the address of a database in another namespace.
func TestMigrationsOfInAnotherNamespace(t *testing.T) {
	files, err := constructs.Render(func(app cdk8s.App) {
		shop := newChart(app, "shop")
		database := aPostgres(shop)
		api := aMigrated(shop, database)
		constructs.NewWorker(shop, "worker", constructs.WorkerProps{Image: "worker:2", Database: database, MigrationsOf: api})
		constructs.NewScheduler(newChart(app, "batch"), "scheduler", constructs.SchedulerProps{Image: image, Database: database, MigrationsOf: api})
	})
	require.NoError(t, err)
	waits := func(file, deployment string) any {
		return find(t, manifestsOf(t, string(files[file])), "Deployment", deployment).at("spec", "template", "spec", "initContainers", 0)
	}
	require.Equal(t, waits("shop.k8s.yaml", "shop-api"), waits("shop.k8s.yaml", "shop-worker"))

	own, far := waits("shop.k8s.yaml", "shop-api").(map[string]any), waits("batch.k8s.yaml", "batch-scheduler").(map[string]any)
	require.NotEqual(t, own["env"], far["env"])
	require.Contains(t, far["env"], map[string]any{"name": "PGHOST", "value": "shop-database.shop.svc"})
	delete(own, "env")
	delete(far, "env")
	require.Equal(t, own, far)
}

func TestMigrationsOfAnExternalDatabase(t *testing.T) {
	external := func() constructs.ExternalPostgres {
		return constructs.ExternalPostgres{
			Server: constructs.ExternalServer{Host: "db.example.com", Port: 5432, CIDRs: []string{"10.0.0.0/8"}},
			URL:    constructs.SecretKeyRef{Secret: "shop-secrets", Key: "url"},
		}
	}
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: image, Database: external(), MigrationsOf: aMigrated(chart, external())})
	}))
	require.NoError(t, err)

	other := external()
	other.URL.Key = "other"
	_, err = constructs.Render(inShop(func(chart cdk8s.Chart) {
		constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: image, Database: other, MigrationsOf: aMigrated(chart, external())})
	}))
	require.EqualError(t, err, "Validation failed with the following errors:\n"+
		`  [shop/worker] worker.database: Invalid value: "db.example.com": must be the database of the Backend that migrationsOf names: its record of migrations is there`)
}

func TestMigrationsOfWhatHasNone(t *testing.T) {
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		database := aPostgres(chart)
		other := constructs.NewPostgres(chart, "other", constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: "shop-secrets"}})
		api := aMigrated(chart, database)
		plain := constructs.NewBackend(chart, "plain", constructs.BackendProps{Image: image})
		invalid := constructs.NewBackend(chart, "invalid", constructs.BackendProps{Image: image, Migrations: &constructs.Migrations{Command: []string{"migrate"}}})

		constructs.NewWorker(chart, "a", constructs.WorkerProps{Image: image, Database: database, MigrationsOf: plain})
		constructs.NewWorker(chart, "b", constructs.WorkerProps{Image: image, MigrationsOf: api})
		constructs.NewWorker(chart, "c", constructs.WorkerProps{Image: image, Database: other, MigrationsOf: api})
		constructs.NewWorker(chart, "d", constructs.WorkerProps{
			Image: image, Database: database, MigrationsOf: api, Sidecars: []constructs.Sidecar{{Name: "migrations", Image: image}},
		})
		constructs.NewWorker(chart, "e", constructs.WorkerProps{Image: image, Database: database, MigrationsOf: invalid})
		constructs.NewWorker(chart, "migrations", constructs.WorkerProps{Image: image, Database: database, MigrationsOf: api})
	}))
	const database = "must be the database of the Backend that migrationsOf names: its record of migrations is there"
	require.EqualError(t, err, "Validation failed with the following errors:\n"+
		`  [shop/invalid] backend.database: Required value: migrations need the database that they change: set it, or remove migrations
  [shop/a] worker.migrationsOf: Invalid value: "shop-plain": has no migrations: set Migrations in its BackendProps, or remove migrationsOf
  [shop/b] worker.database: Required value: `+database+`
  [shop/c] worker.database: Invalid value: "shop-other": `+database+`
  [shop/d] worker.sidecars[0].name: Duplicate value: "migrations": the init container that waits for migrations has this name
  [shop/migrations] worker.id: Invalid value: "migrations": is the name of the init container that waits for migrations: choose another id`)
}
