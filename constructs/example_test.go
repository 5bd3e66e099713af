package constructs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
)

func shop(app cdk8s.App) {
	chart := cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String("shop")})
	constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{})
	db := constructs.NewPostgres(chart, "database", constructs.PostgresProps{
		Credentials: constructs.PostgresCredentials{Secret: "shop-secrets"},
	})
	api := constructs.NewBackend(chart, "api", constructs.BackendProps{
		Image:    "ghcr.io/acme/api:1.4.2",
		Database: db,
	})
	constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "shop.example.com", Tier: api})
}

func ExampleSynth() {
	dist := filepath.Join(os.TempDir(), "shop-example")
	defer func() { _ = os.RemoveAll(dist) }()

	if err := constructs.Synth(dist, shop); err != nil {
		fmt.Println(err)
		return
	}
	files, err := os.ReadDir(dist)
	fmt.Println(files[0].Name(), err)
	// Output: shop.k8s.yaml <nil>
}

// A Backend, a Worker and a Scheduler often are one image with three commands.
func ExampleNewWorker() {
	_, err := constructs.Render(func(app cdk8s.App) {
		chart := cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String("shop")})
		queue := constructs.NewRedis(chart, "queue", constructs.RedisProps{
			Password: constructs.SecretKeyRef{Secret: "shop-secrets", Key: "redis-password"},
		})
		const image = "ghcr.io/acme/shop:1.4.2"
		constructs.NewBackend(chart, "api", constructs.BackendProps{Image: image, Redis: queue})
		worker := constructs.NewWorker(chart, "worker", constructs.WorkerProps{
			Image:    image,
			Command:  []string{"celery", "--app=shop", "worker"},
			Liveness: constructs.HeartbeatProbe{Path: "/tmp/alive", MaxAge: 5 * time.Minute},
			Redis:    queue,
			Env:      map[string]string{"CELERY_BROKER_URL": "$(REDIS_URL)"},
			Pod:      constructs.PodProps{TerminationGracePeriodSeconds: 600},
		})
		constructs.NewScheduler(chart, "scheduler", constructs.SchedulerProps{
			Image:   image,
			Command: []string{"celery", "--app=shop", "beat", "--schedule=/tmp/schedule"},
			Redis:   queue,
			Env:     map[string]string{"CELERY_BROKER_URL": "$(REDIS_URL)"},
		})
		for _, object := range worker.Objects() {
			fmt.Println(*object.Kind(), *object.Name())
		}
	})
	fmt.Println(err)
	// Output:
	// Deployment shop-worker
	// PodDisruptionBudget shop-worker
	// NetworkPolicy shop-worker
	// NetworkPolicy shop-queue-from-worker
	// <nil>
}

// An init container prepares a directory in memory that the program and a sidecar share.
func ExampleSidecar() {
	_, err := constructs.Render(func(app cdk8s.App) {
		chart := cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String("shop")})
		constructs.NewBackend(chart, "api", constructs.BackendProps{
			Image:     "ghcr.io/acme/shop:1.4.2",
			EmptyDirs: []constructs.EmptyDir{{Path: "/run/shop", Memory: true}},
			InitContainers: []constructs.InitContainer{{
				Name: "prepare", Command: []string{"shop", "prepare"}, TierEnv: true,
				Mounts: []constructs.Mount{{Path: "/run/shop"}},
			}},
			Sidecars: []constructs.Sidecar{{
				Name: "shipper", Image: "fluent/fluent-bit:4.1.1",
				Mounts:   []constructs.Mount{{Path: "/run/shop", MountPath: "/logs", ReadOnly: true}},
				Liveness: constructs.HTTPProbe{Path: "/api/v1/health", Port: 2020},
				FieldEnv: map[string]constructs.FieldRef{"POD_NAME": {Field: "metadata.name"}},
			}},
		})
	})
	fmt.Println(err)
	// Output: <nil>
}

// A report of each working day, and an import that runs once for each version of its image.
func ExampleNewCronJob() {
	_, err := constructs.Render(func(app cdk8s.App) {
		chart := cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String("shop")})
		db := constructs.NewPostgres(chart, "database", constructs.PostgresProps{
			Credentials: constructs.PostgresCredentials{Secret: "shop-secrets"},
		})
		const image = "ghcr.io/acme/shop:1.4.2"
		report := constructs.NewCronJob(chart, "report", constructs.CronJobProps{
			Image:    image,
			Command:  []string{"python", "-m", "shop.report"},
			Schedule: "30 6 * * mon-fri",
			TimeZone: "Europe/Berlin",
			Database: db,
		})
		constructs.NewJob(chart, "import", constructs.JobProps{
			Image:    image,
			Command:  []string{"python", "-m", "shop.import"},
			Deadline: 4 * time.Hour,
			Database: db,
		})
		for _, object := range report.Objects() {
			fmt.Println(*object.Kind(), *object.Name())
		}
	})
	fmt.Println(err)
	// Output:
	// CronJob shop-report
	// NetworkPolicy shop-report
	// NetworkPolicy shop-database-from-report
	// <nil>
}

// The pods of an image serve when its migrations are done.
func ExampleMigrations() {
	_, err := constructs.Render(func(app cdk8s.App) {
		chart := cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String("shop")})
		database := constructs.NewPostgres(chart, "database", constructs.PostgresProps{
			Credentials: constructs.PostgresCredentials{Secret: "shop-secrets"},
		})
		api := constructs.NewBackend(chart, "api", constructs.BackendProps{
			Image:      "ghcr.io/acme/shop:1.4.2",
			Database:   database,
			Migrations: &constructs.Migrations{Command: []string{"alembic", "upgrade", "head"}},
		})
		constructs.NewWorker(chart, "worker", constructs.WorkerProps{
			Image: "ghcr.io/acme/shop:1.4.2", Command: []string{"celery", "--app=shop", "worker"},
			Database: database, MigrationsOf: api,
		})
	})
	fmt.Println(err)
	// Output: <nil>
}

// Pods run on other nodes than those of the tier that trains, and on nodes with fast disks if there are any.
func ExampleAffinity() {
	_, err := constructs.Render(func(app cdk8s.App) {
		chart := cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String("shop")})
		training := constructs.NewWorker(chart, "training", constructs.WorkerProps{Image: "ghcr.io/acme/training:7"})
		constructs.NewBackend(chart, "api", constructs.BackendProps{
			Image: "ghcr.io/acme/shop:1.4.2",
			Pod: constructs.PodProps{Affinity: constructs.Affinity{
				Nodes: []constructs.NodeAffinityRule{{Key: "disk", Values: []string{"ssd", "nvme"}}},
				Apart: []constructs.PodAffinityRule{{Tier: training, Required: true}},
			}},
		})
	})
	fmt.Println(err)
	// Output: <nil>
}

// All problems come at once.
func ExampleRender_invalid() {
	_, err := constructs.Render(func(app cdk8s.App) {
		chart := cdk8s.NewChart(app, jsii.String("shop"), nil)
		api := constructs.NewBackend(chart, "api", constructs.BackendProps{
			Port:      70000,
			Resources: constructs.Resources{Limits: constructs.ResourceList{Memory: "1Gg"}},
		})
		constructs.NewIngress(chart, "web", constructs.IngressProps{Tier: api})
	})
	fmt.Println(err)
	// Output:
	// Validation failed with the following errors:
	//   [shop/api] backend.image: Required value
	//   [shop/api] backend.port: Invalid value: 70000: must be between 1 and 65535, inclusive
	//   [shop/api] backend.resources.limits.memory: Invalid value: "1Gg": must be a quantity such as "512Mi" or "1Gi"
	//   [shop/web] ingress.host: Required value: set host, or anyHost to route requests for every host
}
