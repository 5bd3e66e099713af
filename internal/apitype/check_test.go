package apitype

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/internal/objectfile"
)

const privileged = "{containers: [{name: web, securityContext: {privileged: true}}]}"

// baseline is a namespace that forbids privileged containers.
const baseline = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: baseline}}}"

func TestPodsOfEachWorkload(t *testing.T) {
	const (
		made    = "{template: {spec: " + privileged + "}}"
		planned = "{jobTemplate: {spec: " + made + "}}"
	)
	for _, c := range []struct{ apiVersion, kind, spec, path string }{
		{"v1", "Pod", privileged, "spec"},
		{"v1", "ReplicationController", made, "spec.template.spec"},
		{"apps/v1", "Deployment", made, "spec.template.spec"},
		{"apps/v1", "ReplicaSet", made, "spec.template.spec"},
		{"apps/v1", "StatefulSet", made, "spec.template.spec"},
		{"apps/v1", "DaemonSet", made, "spec.template.spec"},
		{"batch/v1", "Job", made, "spec.template.spec"},
		{"batch/v1", "CronJob", planned, "spec.jobTemplate.spec.template.spec"},
	} {
		t.Run(c.kind, func(t *testing.T) {
			object := "{apiVersion: " + c.apiVersion + ", kind: " + c.kind + ", metadata: {name: web, namespace: shop}, spec: " + c.spec + "}"
			require.Equal(t, []string{
				c.path + `: Forbidden: namespace shop enforces the Pod Security level baseline:latest: privileged (container "web" must not set securityContext.privileged=true)`,
			}, problemsOf(t, object, baseline))
		})
	}
	require.Len(t, problemsOf(t, "{apiVersion: v1, kind: PodTemplate, metadata: {name: web, namespace: shop}, template: {spec: "+privileged+"}}", baseline), 1)
}

func TestPodsOfOtherNamespaces(t *testing.T) {
	for _, metadata := range []string{"{name: web}", "{name: web, namespace: blog}"} {
		require.Empty(t, problemsOf(t, "{apiVersion: v1, kind: Pod, metadata: "+metadata+", spec: "+privileged+"}", baseline))
	}
}

// Pods without a template, and templates that are not there, are not admitted or forbidden.
func TestWorkloadsWithoutPods(t *testing.T) {
	require.Empty(t, problemsOf(t, "{apiVersion: v1, kind: ReplicationController, metadata: {name: web, namespace: shop}}", baseline))
	require.Empty(t, problemsOf(t, "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}}", baseline))
}

func TestObjectsOfLists(t *testing.T) {
	pod := "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: " + privileged + ", hostname: web}"
	require.Equal(t, []string{
		`items[0].hostname: Invalid value: "web": unknown field`,
		`items[0].spec: Forbidden: namespace shop enforces the Pod Security level baseline:latest: privileged (container "web" must not set securityContext.privileged=true)`,
	}, problemsOf(t, "{apiVersion: v1, kind: List, items: ["+pod+", {apiVersion: example.com/v1, kind: Pod, spec: 1}]}", baseline))
}

func TestMessages(t *testing.T) {
	for spec, want := range map[string]string{
		"spec: {replicas: 1.5}":  `spec.replicas: Invalid value: 1.5: must be a 32-bit integer`,
		`spec: {paused: "true"}`: `spec.paused: Invalid value: "true": must be true or false`,
		"spec: 5":                `spec: Invalid value: 5: must be an object`,
		"spec: {template: {spec: {containers: {a: b}}}}": `spec.template.spec.containers: Invalid value: must be a list`,
		"metadata: {name: web, labels: {a.b/c: 1}}":      `metadata.labels[a.b/c]: Invalid value: 1: must be a string`,
		"metadata: {name: web, creationTimestamp: now}":  `metadata.creationTimestamp: Invalid value: "now": must be a time such as "2026-01-31T00:00:00Z"`,
		"spec: {strategy: {rollingUpdate: {maxSurge: true}}}": `spec.strategy.rollingUpdate.maxSurge: Invalid value: true: ` +
			`must be a whole number or a string`,
		"spec: {template: {spec: {containers: [{resources: {limits: {cpu: 1x}}}]}}}": `spec.template.spec.containers[0].resources.limits[cpu]: ` +
			`Invalid value: "1x": must be a quantity such as "500m" or "1Gi"`,
		"spec: {Replicas: 3}":      `spec.Replicas: Invalid value: 3: unknown field: did you mean replicas?`,
		"spec: {replcias: 3}":      `spec.replcias: Invalid value: 3: unknown field: did you mean replicas?`,
		"spec: {something: {}}":    `spec.something: Invalid value: unknown field`,
		"template: {}":             `template: Invalid value: unknown field at the root: the path of a JSON patch begins with a slash: /spec/template`,
		"labels: {}":               `labels: Invalid value: unknown field at the root: the path of a JSON patch begins with a slash: /metadata/labels`,
		"undefined: 1":             `undefined: Invalid value: 1: unknown field at the root: the path of a JSON patch begins with a slash`,
		"metadata: {labels: {}}":   `metadata.name: Required value`,
		`metadata: {name: ""}`:     `metadata.name: Required value`,
		"other: 1":                 `other: Invalid value: 1: unknown field`,
		`spec: {"a\nb": 1}`:        `spec["a\nb"]: Invalid value: 1: unknown field`,
		"spec: {paused: [[true]]}": `spec.paused: Invalid value: must be true or false`,
	} {
		if !strings.HasPrefix(spec, "metadata") {
			spec += ", metadata: {name: web}"
		}
		require.Equal(t, []string{want}, problemsOf(t, "{apiVersion: apps/v1, kind: Deployment, "+spec+"}"), spec)
	}
	require.Empty(t, problemsOf(t, "{apiVersion: batch/v1, kind: Job, metadata: {generateName: import-}}"))
	require.Equal(t, []string{"metadata.name: Required value"}, problemsOf(t, "{apiVersion: apps/v1, kind: Deployment}"))
}

// problemsOf are those of the first of some objects, whichever comes first.
func problemsOf(t *testing.T, objects ...string) []string {
	t.Helper()
	var decoded []any
	for _, text := range objects {
		var object any
		require.NoError(t, yaml.Unmarshal([]byte(text), &object))
		decoded = append(decoded, object)
	}
	problems := func(objects []any, index int) []string {
		var c Checker
		for _, object := range objects {
			c.Check(object)
		}
		for _, problem := range c.Problems() {
			if problem.Index == index {
				require.Equal(t, objects[index], problem.Object)
				return texts(problem.Errs)
			}
		}
		return nil
	}
	first := problems(decoded, 0)
	slices.Reverse(decoded)
	require.Equal(t, first, problems(decoded, len(decoded)-1))
	return first
}

func texts(errs field.ErrorList) []string {
	var texts []string
	for _, err := range errs {
		texts = append(texts, err.Error())
	}
	return texts
}

// BenchmarkCheck checks production's objects.
func BenchmarkCheck(b *testing.B) {
	files, err := filepath.Glob("../../dist/*.yaml")
	require.NoError(b, err)
	var all []any
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(b, err)
		objects, err := objectfile.Read(text)
		require.NoError(b, err)
		for _, object := range objects {
			all = append(all, object)
		}
	}
	for b.Loop() {
		var c Checker
		for _, object := range all {
			c.Check(object)
		}
		require.Empty(b, c.Problems())
	}
	b.ReportMetric(float64(len(all)), "objects")
}
