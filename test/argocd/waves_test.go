package argocd

import (
	"embed"
	"strings"
	"testing"
	"time"

	"github.com/argoproj/gitops-engine/pkg/sync/common"
	"github.com/stretchr/testify/require"
)

// standstill is how long a waiting operation is observed. Waiting longer would not show more: that an operation would wait without
// limit follows from what ends the wait.
const standstill = 4 * time.Second

//go:embed testdata
var testdata embed.FS

// manifests are those of files of testdata: each a name, after which a field may take the place of FIELD.
func manifests(files ...string) string {
	var documents []string
	for _, file := range files {
		name, field, _ := strings.Cut(file, " ")
		content, err := testdata.ReadFile("testdata/" + name + ".yaml")
		if err != nil {
			panic(err)
		}
		documents = append(documents, strings.ReplaceAll(string(content), "FIELD", field))
	}
	return strings.Join(documents, "---\n")
}

// Changes of manifests.
var (
	// withoutSecret has pods read a Secret that is absent.
	withoutSecret = strings.NewReplacer(`image: "server:1"`, `image: "server:1", envFrom: [{secretRef: {name: absent}}]`)

	// withClaim has pods mount the claim.
	withClaim = strings.NewReplacer(`image: "server:1"}]`,
		`image: "server:1", volumeMounts: [{name: data, mountPath: /data}]}], volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]`)
)

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
		name: "suspended-cronjob", documents: manifests("cronjob true"),
	},
	{
		name: "cronjob", documents: manifests("cronjob false"),
	},
	{
		name: "suspended-job", documents: manifests("job suspend: true"),
		waitsFor: "batch/Job/first", until: []string{"patch", "job/first", `--patch={"spec":{"suspend":false}}`},
	},
	{
		// A migration, for instance.
		name: "job", documents: manifests("job"),
	},
	{
		name: "failed-job", documents: withoutSecret.Replace(manifests("job activeDeadlineSeconds: 2")),
		fails: "one or more synchronization tasks completed unsuccessfully",
	},
	{
		name: "deployment", documents: manifests("deployment"),
	},
	{
		name: "paused-deployment", documents: manifests("deployment paused: true"),
		waitsFor: "apps/Deployment/first", until: []string{"patch", "deployment/first", `--patch={"spec":{"paused":false}}`},
	},
	{
		name: "deployment-without-pods", documents: manifests("deployment replicas: 0"),
	},
	{
		// Until the progress deadline, which defaults to ten minutes: see the next case.
		name: "deployment-without-secret", documents: withoutSecret.Replace(manifests("deployment")),
		waitsFor: "apps/Deployment/first", until: []string{"create", "secret", "generic", "absent"},
	},
	{
		name: "deployment-past-deadline", documents: withoutSecret.Replace(manifests("deployment progressDeadlineSeconds: 2")),
		fails: "one or more synchronization tasks completed unsuccessfully",
	},
	{
		name: "ingress", documents: manifests("ingress"),
		waitsFor: "networking.k8s.io/Ingress/first",
		until:    []string{"patch", "ingress/first", "--subresource=status", `--patch={"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}`},
	},
	{
		// The annotation excludes an object from the Application's health. A wave waits for it all the same.
		name: "ingress-ignored", documents: manifests(`ingress annotations: {argocd.argoproj.io/ignore-healthcheck: "true"}`),
		waitsFor: "networking.k8s.io/Ingress/first",
		until:    []string{"patch", "ingress/first", "--subresource=status", `--patch={"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}`},
	},
	{
		name: "load-balancer", documents: manifests("load-balancer"),
		waitsFor: "/Service/first",
		until:    []string{"patch", "service/first", "--subresource=status", `--patch={"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}`},
	},
	{
		name: "claim", documents: manifests("claim immediate"),
	},
	{
		// It is bound when a pod mounts it, which may be in a later wave (argo-cd issue 12840).
		name: "claim-waits-for-consumer", documents: manifests("claim standard"),
		waitsFor: "/PersistentVolumeClaim/data", until: []string{"run", "consumer", "--image=server:1", `--overrides={"spec":{"containers":[` +
			`{"name":"consumer","image":"server:1","volumeMounts":[{"name":"data","mountPath":"/data"}]}],` +
			`"volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"data"}}]}}`},
	},
	{
		name: "claim-with-its-consumer", documents: withClaim.Replace(manifests("claim standard", "deployment")),
	},
	{
		// A backup's, for instance: it blocks until the first backup runs.
		name: "claim-of-cronjob", documents: withClaim.Replace(manifests("claim standard", "cronjob false")),
		waitsFor: "/PersistentVolumeClaim/data", until: []string{"create", "job", "now", "--from=cronjob/first"},
	},
	{
		name: "budget", documents: manifests("budget", "deployment replicas: 2"),
	},
	{
		// Insufficient pods count as healthy: a budget can be in an earlier wave than its pods.
		name: "budget-without-pods", documents: manifests("budget"),
	},
	{
		// Argo CD does not assess these kinds.
		name: "without-health", documents: manifests("without-health"),
	},
}

func TestWaves(t *testing.T) {
	for _, w := range waves {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			o := newApplication(t, w.name, w.documents+"---\n"+manifests("next")).begin(t)
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
	app := newApplication(t, "last-wave", strings.ReplaceAll(manifests("ingress", "next"), `"1"`, `"-1"`))
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
	app := newApplication(t, "failed-cronjob", manifests("cronjob false", "next"))
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
	app := newApplication(t, "autoscaler", manifests("deployment replicas: 1", "autoscaler", "next"))
	app.sync(t, patience).succeeded(t)
	require.Equal(t, "FailedGetResourceMetric", kubectl(t, "get", "--namespace=autoscaler", "horizontalpodautoscaler/first",
		`--output=jsonpath={.status.conditions[?(@.type=="ScalingActive")].reason}`))
}

// A Namespace is applied before everything in it, whatever its wave says.
func TestNamespaceComesFirst(t *testing.T) {
	app := &application{namespace: "own-namespace", source: parse(t, manifests("own-namespace"), "")}
	o := app.sync(t, patience)
	o.succeeded(t)
	require.Equal(t, []string{"Namespace/own-namespace", "ConfigMap/first"}, o.recorder.names())
	require.ErrorContains(t, outOfOrder(o.recorder.steps), "Namespace/own-namespace (wave 7) was applied when this was not healthy: ConfigMap/first Missing (wave 0)")
}
