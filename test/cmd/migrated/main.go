// Command migrated writes the releases of an application whose pods wait for migrations, for tests in modules that cannot import the
// constructs:
//
//	go run ./cmd/migrated <namespace> <directory>
//
// writes the manifests of each release into a directory of its own: 1; 2, whose migrations fail when a test says so; and 3.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/argocd"
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(namespace, directory string) error {
	defer constructs.Close()
	for tag, migrations := range map[string]constructs.Migrations{
		"1": {},
		// The image of the record cannot be had, so that the pod of the Job stays until it fails by hand.
		"2": {BackoffLimit: new(0), ClientImage: "failing.example/crash:1"},
		"3": {},
	} {
		migrations.Command = []string{"migrate"}
		if err := constructs.Synth(filepath.Join(directory, tag), release(namespace, "api:"+tag, migrations)); err != nil {
			return err
		}
	}
	return nil
}

func release(namespace, image string, migrations constructs.Migrations) func(app cdk8s.App) {
	return func(app cdk8s.App) {
		argocd.Annotate(app)
		chart := cdk8s.NewChart(app, jsii.String("jobs"), &cdk8s.ChartProps{Namespace: jsii.String(namespace)})
		database := constructs.NewPostgres(chart, "database", constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: "jobs"}})
		api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Database: database, Migrations: &migrations})
		constructs.NewWorker(chart, "worker", constructs.WorkerProps{
			Image: image, Database: database, MigrationsOf: api, Connections: []constructs.Server{api},
		})
		constructs.NewScheduler(chart, "scheduler", constructs.SchedulerProps{Image: "api:1", Storage: &constructs.Storage{MountPath: "/data", Size: "1Gi"}})
		constructs.NewJob(chart, "import", constructs.JobProps{Image: "api:1", Database: database, Completions: 3, Parallelism: 2})
		constructs.NewCronJob(chart, "report", constructs.CronJobProps{Image: "api:1", Database: database, Schedule: "@yearly", TimeZone: "Europe/Berlin"})
	}
}
