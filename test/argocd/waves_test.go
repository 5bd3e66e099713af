package argocd

import (
	"strings"
	"testing"
	"time"

	"github.com/argoproj/gitops-engine/pkg/sync/common"
	"github.com/stretchr/testify/require"
)

// standstill is how long a waiting operation is observed. Waiting longer would not show more: that an operation would wait without
// limit follows from what ends the wait.
const standstill = 4 * time.Second

// next is the only object of the second wave.
const next = `
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: next
  annotations: {argocd.argoproj.io/sync-wave: "1"}
`

// wave is a first wave, and whether the next one begins.
type wave struct {
	name, documents string
	// waitsFor is the object that the operation waits for, as the engine writes it. Empty if the next wave begins by itself.
	waitsFor string
	// until is the kubectl command that lets the next wave begin.
	until []string
	// fails is the message of an operation that fails instead.
	fails string
}

// waves are the facts that the manifests' own waves rest on: which kinds, in which state, block the next wave.
var waves = []wave{
	{
		// Argo CD's script calls it Healthy because Suspended would block the next wave (argo-cd issue 24428). Up to
		// 3.1, CronJobs have no health at all.
		name: "suspended-cronjob", documents: cronJob("true"),
	},
	{
		name: "cronjob", documents: cronJob("false"),
	},
	{
		name: "suspended-job", documents: job("suspend: true"),
		waitsFor: "batch/Job/first", until: []string{"patch", "job/first", `--patch={"spec":{"suspend":false}}`},
	},
	{
		// A migration, for instance.
		name: "job", documents: job(""),
	},
	{
		name: "failed-job", documents: strings.ReplaceAll(job("activeDeadlineSeconds: 2"), `image: "server:1"`, `image: "server:1", envFrom: [{secretRef: {name: absent}}]`),
		fails: "one or more synchronization tasks completed unsuccessfully",
	},
	{
		name: "deployment", documents: deployment(""),
	},
	{
		name: "paused-deployment", documents: deployment("paused: true"),
		waitsFor: "apps/Deployment/first", until: []string{"patch", "deployment/first", `--patch={"spec":{"paused":false}}`},
	},
	{
		name: "deployment-without-pods", documents: deployment("replicas: 0"),
	},
	{
		// Until the progress deadline, which defaults to ten minutes: see the next case.
		name: "deployment-without-secret", documents: waitingDeployment(""),
		waitsFor: "apps/Deployment/first", until: []string{"create", "secret", "generic", "absent"},
	},
	{
		name: "deployment-past-deadline", documents: waitingDeployment("progressDeadlineSeconds: 2"),
		fails: "one or more synchronization tasks completed unsuccessfully",
	},
	{
		name: "ingress", documents: ingress(""),
		waitsFor: "networking.k8s.io/Ingress/first",
		until:    []string{"patch", "ingress/first", "--subresource=status", `--patch={"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}`},
	},
	{
		// The annotation excludes an object from the Application's health. A wave waits for it all the same.
		name: "ingress-ignored", documents: ingress(`annotations: {argocd.argoproj.io/ignore-healthcheck: "true"}`),
		waitsFor: "networking.k8s.io/Ingress/first",
		until:    []string{"patch", "ingress/first", "--subresource=status", `--patch={"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}`},
	},
	{
		name: "load-balancer", documents: `
apiVersion: v1
kind: Service
metadata: {name: first}
spec: {type: LoadBalancer, ports: [{port: 80}]}
`,
		waitsFor: "/Service/first",
		until:    []string{"patch", "service/first", "--subresource=status", `--patch={"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}`},
	},
	{
		name: "claim", documents: claim("immediate"),
	},
	{
		// It is bound when a pod mounts it, which may be in a later wave (argo-cd issue 12840).
		name: "claim-waits-for-consumer", documents: claim("standard"),
		waitsFor: "/PersistentVolumeClaim/data", until: []string{"run", "consumer", "--image=server:1", `--overrides={"spec":{"containers":[` +
			`{"name":"consumer","image":"server:1","volumeMounts":[{"name":"data","mountPath":"/data"}]}],` +
			`"volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"data"}}]}}`},
	},
	{
		name: "claim-with-its-consumer", documents: claim("standard") + "---" + strings.ReplaceAll(deployment(""), `image: "server:1"}]`,
			`image: "server:1", volumeMounts: [{name: data, mountPath: /data}]}], volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]`),
	},
	{
		// A backup's, for instance: it blocks until the first backup runs.
		name: "claim-of-cronjob", documents: claim("standard") + "---" + strings.ReplaceAll(cronJob("false"), `image: "server:1"}]`,
			`image: "server:1", volumeMounts: [{name: data, mountPath: /data}]}], volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]`),
		waitsFor: "/PersistentVolumeClaim/data", until: []string{"create", "job", "now", "--from=cronjob/first"},
	},
	{
		name: "budget", documents: budget + "---" + deployment("replicas: 2"),
	},
	{
		// Insufficient pods count as healthy: a budget can be in an earlier wave than its pods.
		name: "budget-without-pods", documents: budget,
	},
	{
		// Argo CD does not assess these kinds.
		name: "without-health", documents: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: first}
spec: {podSelector: {}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: first}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: first}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: v1
kind: Secret
metadata: {name: first}
`,
	},
}

const budget = `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: first}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: first}}}
`

func cronJob(suspend string) string {
	return `
apiVersion: batch/v1
kind: CronJob
metadata: {name: first}
spec:
  schedule: "0 0 1 1 *"
  suspend: ` + suspend + `
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: job, image: "server:1"}]}}}}
`
}

func job(field string) string {
	return `
apiVersion: batch/v1
kind: Job
metadata: {name: first}
spec:
  ` + field + `
  template: {spec: {restartPolicy: Never, containers: [{name: job, image: "server:1"}]}}
`
}

func deployment(field string) string {
	return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: first}
spec:
  ` + field + `
  selector: {matchLabels: {app: first}}
  template:
    metadata: {labels: {app: first}}
    spec: {containers: [{name: server, image: "server:1"}]}
`
}

// waitingDeployment is one whose pods read a Secret that is absent.
func waitingDeployment(field string) string {
	return strings.ReplaceAll(deployment(field), `image: "server:1"`, `image: "server:1", envFrom: [{secretRef: {name: absent}}]`)
}

func ingress(field string) string {
	return `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: first
  ` + field + `
spec: {defaultBackend: {service: {name: first, port: {number: 80}}}}
`
}

func claim(class string) string {
	return `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: ` + class + `, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`
}

func TestWaves(t *testing.T) {
	for _, w := range waves {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			o := newApplication(t, w.name, w.documents+next).begin(t)
			switch {
			case w.fails != "":
				o.run(t, patience)
				require.Equal(t, common.OperationFailed, o.phase, o.message)
				require.Contains(t, o.message, w.fails)
				require.NotContains(t, o.recorder.names(), "ConfigMap/next")
				return
			case w.waitsFor != "":
				o.standsStill(t, "waiting for healthy state of "+w.waitsFor)
				require.NotContains(t, o.recorder.names(), "ConfigMap/next")
				kubectl(t, append([]string{"--namespace=" + w.name}, w.until...)...)
			}
			o.run(t, patience)
			o.succeeded(t)
			require.Contains(t, o.recorder.names(), "ConfigMap/next")
			require.NoError(t, outOfOrder(o.recorder.steps))
		})
	}
}

// The last wave is applied and not waited for: what may stay unhealthy belongs there.
func TestLastWaveIsNotWaitedFor(t *testing.T) {
	app := newApplication(t, "last-wave", ingress("")+strings.ReplaceAll(next, `"1"`, `"-1"`))
	o := app.sync(t, patience)
	o.succeeded(t)
	require.Equal(t, []string{"ConfigMap/next", "Ingress/first"}, o.recorder.names())
	amiss, err := engine.unhealthy(t.Context(), app.source[0])
	require.NoError(t, err)
	require.Equal(t, "Ingress/first Progressing", amiss)
}

// A CronJob whose last Job failed fails the next sync before later waves are applied. In the last wave, a failed backup would not keep
// a fix from being deployed.
func TestFailedCronJobFailsTheNextSync(t *testing.T) {
	app := newApplication(t, "failed-cronjob", cronJob("false")+next)
	app.sync(t, patience).succeeded(t)
	kubectl(t, "patch", "--namespace=failed-cronjob", "cronjob/first", "--subresource=status",
		`--patch={"status":{"lastSuccessfulTime":"2026-01-01T00:00:00Z","lastScheduleTime":"2026-01-02T00:00:00Z"}}`)
	o := app.sync(t, patience)
	require.Equal(t, common.OperationFailed, o.phase, o.message)
	require.Equal(t, []string{"CronJob/first"}, o.recorder.names())
}

// An autoscaler that gets no metrics is Healthy by this engine. From 3.5 on, FailedGetResourceMetric is Degraded, and fails the sync
// unless the autoscaler is in the last wave.
func TestAutoscalerWithoutMetrics(t *testing.T) {
	app := newApplication(t, "autoscaler", deployment("replicas: 1")+`
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: first}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: first}
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
`+next)
	app.sync(t, patience).succeeded(t)
	require.Equal(t, "FailedGetResourceMetric", kubectl(t, "get", "--namespace=autoscaler", "horizontalpodautoscaler/first",
		`--output=jsonpath={.status.conditions[?(@.type=="ScalingActive")].reason}`))
}

// A Namespace is applied before everything in it, whatever its wave says.
func TestNamespaceComesFirst(t *testing.T) {
	app := &application{namespace: "own-namespace", source: parse(t, `
apiVersion: v1
kind: ConfigMap
metadata: {name: first, namespace: own-namespace}
---
apiVersion: v1
kind: Namespace
metadata:
  name: own-namespace
  annotations: {argocd.argoproj.io/sync-wave: "7"}
`, "")}
	o := app.sync(t, patience)
	o.succeeded(t)
	require.Equal(t, []string{"Namespace/own-namespace", "ConfigMap/first"}, o.recorder.names())
	require.ErrorContains(t, outOfOrder(o.recorder.steps), "Namespace/own-namespace (wave 7) was applied when this was not healthy: ConfigMap/first Missing (wave 0)")
}
