package registry

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
)

// tiers are the constructs of an application.
func tiers() []Construct {
	return []Construct{
		{
			Kind: "namespace", New: constructs.NewNamespace,
			Full: func(cdk8s.Chart) []any { return []any{fullNamespace()} },
			Cases: []Case{
				{"namespace-minimal", func(chart cdk8s.Chart) any {
					return constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{})
				}},
				{"namespace-full", func(chart cdk8s.Chart) any { return constructs.NewNamespace(chart, "namespace", fullNamespace()) }},
			},
		},
		{
			Kind: "frontend", New: constructs.NewFrontend,
			Full: func(chart cdk8s.Chart) []any {
				return []any{fullFrontend(chart), constructs.FrontendProps{
					Autoscaling: autoscaledBackend().Autoscaling, Metrics: &constructs.Metrics{ScrapeOnly: true}, Sources: everyone, Ports: portForEveryone, PreStop: stopping,
					DisruptionBudget: remaining, ServiceAccount: identity(),
				}, constructs.FrontendProps{
					Autoscaling: scaledElsewhere(),
				}}
			},
			Cases: []Case{
				{"frontend-minimal", func(chart cdk8s.Chart) any { return constructs.NewFrontend(chart, "pages", pagesProps) }},
				{"frontend-identity", func(chart cdk8s.Chart) any {
					return constructs.NewFrontend(chart, "pages", constructs.FrontendProps{Image: "pages:1", ServiceAccount: identity()})
				}},
				{"frontend-full", func(chart cdk8s.Chart) any { return constructs.NewFrontend(chart, "pages", fullFrontend(chart)) }},
				{"frontend-autoscaled", func(chart cdk8s.Chart) any {
					return constructs.NewFrontend(chart, "pages", constructs.FrontendProps{
						Image: "pages:1", Autoscaling: &constructs.Autoscaling{MaxReplicas: 8},
					})
				}},
				{"frontend-other-namespace", func(chart cdk8s.Chart) any {
					backend := constructs.NewBackend(elsewhere(chart), "api", apiProps)
					return constructs.NewFrontend(inOtherNamespace(chart), "web", constructs.FrontendProps{Image: "pages:1", Backend: backend})
				}},
			},
		},
		{
			Kind: "backend", New: constructs.NewBackend,
			Full: func(chart cdk8s.Chart) []any {
				return []any{
					fullBackend(chart), imageBackend(), identifiedBackend(), autoscaledBackend(), scrapedBackend(), probedBackend(),
					constructs.BackendProps{
						Service: fullService(), Sources: everyone, Ports: portForEveryone, PreStop: stopping, Migrations: fullMigrations(),
						Autoscaling: scaledElsewhere(), Model: fullModel(),
					},
				}
			},
			Cases: []Case{
				{"backend-minimal", func(chart cdk8s.Chart) any { return constructs.NewBackend(chart, "api", apiProps) }},
				{"backend-full", func(chart cdk8s.Chart) any { return constructs.NewBackend(chart, "api", fullBackend(chart)) }},
				{"backend-autoscaled", func(chart cdk8s.Chart) any { return constructs.NewBackend(chart, "api", autoscaledBackend()) }},
				{"backend-one-node", func(chart cdk8s.Chart) any {
					return constructs.NewBackend(chart, "api", constructs.BackendProps{
						Image: "api:1", Replicas: new(1), Storage: &constructs.Storage{MountPath: "/data", Size: "1Gi"},
					})
				}},
				{"backend-scraped", func(chart cdk8s.Chart) any { return constructs.NewBackend(chart, "api", scrapedBackend()) }},
				{"backend-openshift", func(chart cdk8s.Chart) any {
					constructs.SetCluster(chart, constructs.Cluster{DNS: []constructs.DNSServer{constructs.OpenShiftDNS()}, AssignsUsers: true})
					return constructs.NewBackend(chart, "api", externalBackend())
				}},
				{"backend-dual-stack", func(chart cdk8s.Chart) any {
					constructs.SetCluster(chart, constructs.Cluster{
						NetworkPlugin: constructs.NetworkPluginCilium, IPFamilies: []constructs.IPFamily{constructs.IPv6, constructs.IPv4},
					})
					return constructs.NewBackend(chart, "api", scrapedBackend())
				}},
				{"backend-without-cpu-limit", func(chart cdk8s.Chart) any {
					return constructs.NewBackend(chart, "api", constructs.BackendProps{
						Image: "api:1", Resources: constructs.Resources{Limits: constructs.ResourceList{CPU: constructs.NoLimit}},
					})
				}},
				{"backend-volume-of-image", func(chart cdk8s.Chart) any { return constructs.NewBackend(chart, "api", imageBackend()) }},
				{"backend-identity", func(chart cdk8s.Chart) any { return constructs.NewBackend(chart, "api", identifiedBackend()) }},
				{"backend-node-port", func(chart cdk8s.Chart) any { return constructs.NewBackend(chart, "api", publishedBackend()) }},
				{"backend-load-balancer", func(chart cdk8s.Chart) any { return constructs.NewBackend(chart, "api", balancedBackend()) }},
				{"backend-cluster-servers", func(chart cdk8s.Chart) any { return constructs.NewBackend(chart, "api", clusterBackend(chart)) }},
				{"backend-probes", func(chart cdk8s.Chart) any { return constructs.NewBackend(chart, "api", probedBackend()) }},
				{"backend-no-probes", func(chart cdk8s.Chart) any {
					return constructs.NewBackend(chart, "api", constructs.BackendProps{
						Image: "api:1", Liveness: constructs.NoProbe{}, Readiness: constructs.NoProbe{},
					})
				}},
				{"backend-migrations", func(chart cdk8s.Chart) any { return constructs.NewBackend(chart, "api", migratedBackend(chart)) }},
				{"backend-external-migrations", func(chart cdk8s.Chart) any {
					props := externalBackend()
					props.Migrations = &constructs.Migrations{Command: []string{"alembic", "upgrade", "head"}}
					return constructs.NewBackend(chart, "api", props)
				}},
				{"backend-model", func(chart cdk8s.Chart) any {
					return constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1", Model: ownModel()})
				}},
				{"backend-external", func(chart cdk8s.Chart) any { return constructs.NewBackend(chart, "api", externalBackend()) }},
			},
		},
		{
			Kind: "worker", New: constructs.NewWorker,
			Full: func(chart cdk8s.Chart) []any {
				waiting := afterMigrations(cdk8s.NewChart(chart, jsii.String("migrated"), &cdk8s.ChartProps{Namespace: chart.Namespace()}))
				return []any{fullWorker(chart), autoscaledWorker(), waiting, constructs.WorkerProps{DisruptionBudget: remaining, ServiceAccount: identity(), Autoscaling: scaledElsewhere()}}
			},
			Cases: []Case{
				{"worker-minimal", func(chart cdk8s.Chart) any {
					return constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: "api:1"})
				}},
				{"worker-identity", func(chart cdk8s.Chart) any {
					return constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: "api:1", ServiceAccount: identity()})
				}},
				{"worker-scaled-elsewhere", func(chart cdk8s.Chart) any {
					return constructs.NewWorker(chart, "worker", constructs.WorkerProps{Image: "api:1", Autoscaling: scaledElsewhere()})
				}},
				{"worker-full", func(chart cdk8s.Chart) any { return constructs.NewWorker(chart, "worker", fullWorker(chart)) }},
				{"worker-autoscaled", func(chart cdk8s.Chart) any { return constructs.NewWorker(chart, "worker", autoscaledWorker()) }},
				{"worker-after-migrations", func(chart cdk8s.Chart) any {
					return constructs.NewWorker(chart, "worker", afterMigrations(elsewhere(chart)))
				}},
				{"worker-of-two-ports", func(chart cdk8s.Chart) any {
					return constructs.NewWorker(chart, "worker", clientOfPort(chart))
				}},
				{"worker-one-node", func(chart cdk8s.Chart) any {
					return constructs.NewWorker(chart, "worker", constructs.WorkerProps{
						Image: "api:1", Replicas: new(1), Storage: &constructs.Storage{MountPath: "/data", Size: "1Gi"},
					})
				}},
			},
		},
		{
			Kind: "scheduler", New: constructs.NewScheduler,
			Full: func(chart cdk8s.Chart) []any {
				waiting := afterMigrations(cdk8s.NewChart(chart, jsii.String("migrated"), &cdk8s.ChartProps{Namespace: chart.Namespace()}))
				return []any{fullScheduler(chart), constructs.SchedulerProps{ServiceAccount: identity(), MigrationsOf: waiting.MigrationsOf}}
			},
			Cases: []Case{
				{"scheduler-minimal", func(chart cdk8s.Chart) any {
					return constructs.NewScheduler(chart, "scheduler", constructs.SchedulerProps{Image: "api:1"})
				}},
				{"scheduler-identity", func(chart cdk8s.Chart) any {
					return constructs.NewScheduler(chart, "scheduler", constructs.SchedulerProps{Image: "api:1", ServiceAccount: identity()})
				}},
				{"scheduler-after-migrations", func(chart cdk8s.Chart) any {
					of := afterMigrations(elsewhere(chart))
					return constructs.NewScheduler(chart, "scheduler", constructs.SchedulerProps{Image: "api:1", Database: of.Database, MigrationsOf: of.MigrationsOf})
				}},
				{"scheduler-full", func(chart cdk8s.Chart) any { return constructs.NewScheduler(chart, "scheduler", fullScheduler(chart)) }},
			},
		},
		{
			Kind: "pods", New: constructs.NewPods,
			Full: func(chart cdk8s.Chart) []any { return []any{fullPods(chart), constructs.PodsProps{Sources: everyone}} },
			Cases: []Case{
				{"pods-minimal", func(chart cdk8s.Chart) any { return constructs.NewPods(chart, "index", constructs.PodsProps{}) }},
				{"pods-full", func(chart cdk8s.Chart) any {
					pods := constructs.NewPods(chart, "index", fullPods(chart))
					ownDeployment(chart, pods)
					return pods
				}},
			},
		},
		{
			Kind: "job", New: constructs.NewJob,
			Full: func(chart cdk8s.Chart) []any {
				return []any{fullJob(chart), unwatchedJob(), constructs.JobProps{ServiceAccount: identity()}}
			},
			Cases: []Case{
				{"job-minimal", func(chart cdk8s.Chart) any {
					return constructs.NewJob(chart, "import", constructs.JobProps{Image: "api:1"})
				}},
				{"job-identity", func(chart cdk8s.Chart) any {
					return constructs.NewJob(chart, "import", constructs.JobProps{Image: "api:1", ServiceAccount: identity()})
				}},
				{"job-full", func(chart cdk8s.Chart) any { return constructs.NewJob(chart, "import", fullJob(chart)) }},
			},
		},
		{
			Kind: "cronJob", New: constructs.NewCronJob,
			Full: func(chart cdk8s.Chart) []any {
				return []any{fullCronJob(chart), suspendedCronJob(), constructs.CronJobProps{ServiceAccount: identity()}}
			},
			Cases: []Case{
				{"cron-job-minimal", func(chart cdk8s.Chart) any {
					return constructs.NewCronJob(chart, "report", constructs.CronJobProps{Image: "api:1", Schedule: "*/15 * * * *"})
				}},
				{"cron-job-identity", func(chart cdk8s.Chart) any {
					return constructs.NewCronJob(chart, "report", constructs.CronJobProps{Image: "api:1", Schedule: "@daily", ServiceAccount: identity()})
				}},
				{"cron-job-full", func(chart cdk8s.Chart) any { return constructs.NewCronJob(chart, "report", fullCronJob(chart)) }},
				{"cron-job-suspended", func(chart cdk8s.Chart) any { return constructs.NewCronJob(chart, "report", suspendedCronJob()) }},
			},
		},
		{
			Kind: "postgres", New: constructs.NewPostgres,
			Full: func(cdk8s.Chart) []any { return []any{fullPostgres(), constructs.PostgresProps{Sources: everyone}} },
			Cases: []Case{
				{"postgres-minimal", func(chart cdk8s.Chart) any { return constructs.NewPostgres(chart, "database", minimalPostgres()) }},
				{"postgres-openshift", func(chart cdk8s.Chart) any {
					constructs.SetCluster(chart, constructs.Cluster{DNS: []constructs.DNSServer{constructs.OpenShiftDNS()}, AssignsUsers: true})
					props := fullPostgres()
					props.Pod = constructs.PodProps{}
					return constructs.NewPostgres(chart, "database", props)
				}},
				{"postgres-full", func(chart cdk8s.Chart) any { return constructs.NewPostgres(chart, "database", fullPostgres()) }},
			},
		},
		{
			Kind: "redis", New: constructs.NewRedis,
			Full: func(cdk8s.Chart) []any { return []any{fullRedis(), constructs.RedisProps{Sources: everyone}} },
			Cases: []Case{
				{"redis-minimal", func(chart cdk8s.Chart) any { return constructs.NewRedis(chart, "redis", minimalRedis()) }},
				{"redis-ipv6", func(chart cdk8s.Chart) any {
					constructs.SetCluster(chart, constructs.Cluster{AssignsUsers: true, IPFamilies: []constructs.IPFamily{constructs.IPv6}})
					return constructs.NewRedis(chart, "redis", minimalRedis())
				}},
				{"redis-full", func(chart cdk8s.Chart) any { return constructs.NewRedis(chart, "redis", fullRedis()) }},
			},
		},
		{
			Kind: "ingress", New: constructs.NewIngress,
			Full: func(chart cdk8s.Chart) []any {
				return append([]any{fullIngress(chart), constructs.IngressProps{AnyHost: true, DisableTLS: true, Controller: constructs.IngressController{Redirects: true}}}, gatewayProps(chart)...)
			},
			Cases: append([]Case{
				{"ingress-without-tls", func(chart cdk8s.Chart) any {
					return constructs.NewIngress(chart, "web", constructs.IngressProps{
						Host: "shop.example.com", Tier: constructs.NewFrontend(elsewhere(chart), "pages", pagesProps), DisableTLS: true,
					})
				}},
				{"ingress-any-host", func(chart cdk8s.Chart) any {
					return constructs.NewIngress(chart, "web", constructs.IngressProps{
						AnyHost: true, Tier: constructs.NewFrontend(elsewhere(chart), "pages", pagesProps), DisableTLS: true,
					})
				}},
				{"ingress-minimal", func(chart cdk8s.Chart) any {
					backend := constructs.NewBackend(elsewhere(chart), "api", constructs.BackendProps{Image: "ghcr.io/acme/api:1.4.2"})
					return constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "shop.example.com", Tier: backend})
				}},
				{"ingress-full", func(chart cdk8s.Chart) any { return constructs.NewIngress(chart, "web", fullIngress(chart)) }},
			}, append(ingressControllers(), gatewayCases()...)...),
		},
	}
}

// elsewhere is a chart for what a case needs and its golden file does not show.
func elsewhere(chart cdk8s.Chart) cdk8s.Chart {
	return cdk8s.NewChart(chart, jsii.String("elsewhere"), &cdk8s.ChartProps{
		Namespace: chart.Namespace(), Labels: &map[string]*string{"app": chart.Node().Id()},
	})
}

// inOtherNamespace is a chart of another application and namespace, below a chart that a golden file shows, or does not.
func inOtherNamespace(chart cdk8s.Chart) cdk8s.Chart {
	return cdk8s.NewChart(chart, jsii.String("mail"), &cdk8s.ChartProps{Namespace: jsii.String("mail")})
}
