package operate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic/fake"
	ktesting "k8s.io/client-go/testing"
)

const shopServer = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec:
  template:
    spec:
      initContainers:
        - {name: init, env: [{name: INIT, valueFrom: {secretKeyRef: {name: shop, key: init}}}]}
      containers:
        - name: server
          env:
            - {name: PLAIN, value: x}
            - {name: PASSWORD, valueFrom: {secretKeyRef: {name: shop, key: password}}}
            - {name: AGAIN, valueFrom: {secretKeyRef: {name: shop, key: password}}}
            - {name: OTHER, valueFrom: {secretKeyRef: {name: other, key: other}}}
            - {name: MAYBE, valueFrom: {secretKeyRef: {name: shop, key: maybe, optional: true}}}
      volumes:
        - {name: a, secret: {secretName: shop, optional: true, items: [{key: hook, path: hook}]}}
        - {name: b, projected: {sources: [{secret: {name: shop, items: [{key: projected, path: p}]}}]}}
        - {name: c, secret: {secretName: other, items: [{key: other, path: p}]}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: backup, namespace: shop}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: backup, env: [{name: U, valueFrom: {secretKeyRef: {name: shop, key: url}}}]}]}}}}}
---
apiVersion: v1
kind: Pod
metadata: {name: elsewhere, namespace: other}
spec: {containers: [{name: c, env: [{name: U, valueFrom: {secretKeyRef: {name: shop, key: elsewhere}}}]}]}
`

// shopSecret has the key "password", from which "url" follows.
func shopSecret() *Secret {
	return &Secret{
		Name: "shop", Namespace: "shop", Help: "HELP.md",
		New: func() ([]byte, error) {
			return []byte("apiVersion: v1\nkind: Secret\nmetadata: {name: shop, namespace: shop}\nstringData: {password: new}\n"), nil
		},
		Fill: func(values map[string]string) error {
			made := map[string]string{"password": "new", "init": "made", "projected": "made", "unread": "made"}
			maps.Copy(made, values)
			if _, has := made["url"]; !has {
				made["url"] = "db://" + made["password"]
			}
			maps.Copy(values, made)
			return nil
		},
		Rotations: map[string]Rotation{
			"password": {
				Derived: []string{"url"},
				Steps:   []Step{{Deployment: "db"}, {Deployment: "db", Container: "server", Script: "echo it's", Purpose: "tell it"}},
			},
			"unread": {},
		},
	}
}

func shopReaders(t *testing.T) keyReaders {
	t.Helper()
	objects, err := parse(map[string][]byte{"a.yaml": []byte(shopServer)})
	require.NoError(t, err)
	read, err := readKeys(objects, *shopSecret())
	require.NoError(t, err)
	return read
}

func shopCluster(t *testing.T) (c *secretCluster, stdout, stderr *bytes.Buffer) {
	t.Helper()
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	c = &secretCluster{
		cluster: &cluster{context: "test"}, secret: *shopSecret(), read: shopReaders(t), stdout: stdout, stderr: stderr,
		shell: shell{program: "shop secret production", flags: " --context='a b'", kubectl: "kubectl --context='a b' -n shop"},
	}
	return c, stdout, stderr
}

// inCluster gives the cluster these objects, in YAML.
func (c *secretCluster) inCluster(t *testing.T, manifests string) *fake.FakeDynamicClient {
	t.Helper()
	objects, err := parse(map[string][]byte{"a.yaml": []byte(manifests)})
	require.NoError(t, err)
	var all []runtime.Object
	for i := range objects {
		all = append(all, &objects[i])
	}
	client := fake.NewSimpleDynamicClient(runtime.NewScheme(), all...)
	c.objects = client
	return client
}

// runSecret runs the command in a folder of manifests, without a cluster.
func runSecret(t *testing.T, args ...string) (string, error) {
	t.Helper()
	t.Setenv("KUBECONFIG", "/dev/null")
	folder := t.TempDir()
	write(t, filepath.Join(folder, "a.yaml"), shopServer)
	app := Application{Environments: []Environment{{Name: "production", Directory: folder, Secret: shopSecret()}, {Name: "bare", Directory: folder}}}
	commands := Commands(app)
	at := slices.IndexFunc(commands, func(c *cobra.Command) bool { return c.Name() == "secret" })
	require.GreaterOrEqual(t, at, 0)
	command := commands[at]
	command.SilenceErrors, command.SilenceUsage = true, true
	var out bytes.Buffer
	command.SetOut(&out)
	command.SetErr(io.Discard)
	command.SetArgs(args)
	err := command.Execute()
	return out.String(), err
}

func TestSecretWithoutCluster(t *testing.T) {
	made, err := shopSecret().New()
	require.NoError(t, err)
	for _, args := range [][]string{nil, {"production"}} {
		out, err := runSecret(t, args...)
		require.NoError(t, err)
		require.Equal(t, string(made), out)
	}
}

func TestSecretOfWrongCommandLines(t *testing.T) {
	for want, args := range map[string][]string{
		`unknown environment "prod": must be one of production, bare`:                                 {"prod"},
		`no Secret is configured for bare`:                                                            {"bare"},
		`accepts at most 1 arg(s), received 2`:                                                        {"production", "bare"},
		`--rotate requires the name of a key`:                                                         {"--rotate="},
		`--renew requires the name of a key`:                                                          {"--keep", "--renew="},
		`--rotate already keeps the other values: omit --keep`:                                        {"--keep", "--rotate=password"},
		`--renew requires --keep`:                                                                     {"--renew=password"},
		`--show requires --keep`:                                                                      {"--show"},
		`--yes prints no values: omit --show`:                                                         {"--keep", "--yes", "--show"},
		`--output=yaml: must be text or json`:                                                         {"--keep", "--output=yaml"},
		`--output requires --keep or --rotate: otherwise a new Secret is printed, without a cluster`:  {"--output=json"},
		`--yes requires --keep or --rotate: otherwise a new Secret is printed, without a cluster`:     {"--yes"},
		`--context requires --keep or --rotate: otherwise a new Secret is printed, without a cluster`: {"--context=a"},
		`cannot change the value of key "unread": must be one of password`:                            {"--rotate=unread"},
		`cannot change the value of key "url": must be one of password`:                               {"--keep", "--renew=url"},
		`--namespace=other: the Secret of production is in shop`:                                      {"--keep", "--namespace=other"},
	} {
		out, err := runSecret(t, args...)
		require.EqualError(t, err, want)
		require.Equal(t, ExitUsage, ExitCode(err))
		require.Empty(t, out)
	}
	_, err := runSecret(t, "--keep")
	require.Equal(t, ExitKubeconfig, ExitCode(err))
}

func TestReadKeys(t *testing.T) {
	read := shopReaders(t)
	require.Equal(t, []string{"hook", "init", "maybe", "password", "projected", "url"}, read.keys())
	require.Equal(t, []keyReader{{kind: "Deployment", name: "db", container: "server", variable: "PASSWORD"}}, read["password"])
	require.Equal(t, []keyReader{{kind: "CronJob", name: "backup"}}, read["url"])
	for key, needed := range map[string]bool{"hook": false, "maybe": false, "init": true, "projected": true} {
		require.Equal(t, needed, read.needed(key), key)
	}
}

// A key is required as soon as one of its readers requires it, in whatever order they are.
func TestKeyIsRequiredIfOneReaderRequiresIt(t *testing.T) {
	const optional, required = `{name: %s, valueFrom: {secretKeyRef: {name: shop, key: token, optional: true}}}`, `{name: %s, valueFrom: {secretKeyRef: {name: shop, key: token}}}`
	deployment := func(name string, env ...string) string {
		return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + "}\n" +
			"spec: {template: {spec: {containers: [{name: c, env: [" + strings.Join(env, ", ") + "]}]}}}\n---\n"
	}
	a, b := fmt.Sprintf(optional, "A"), fmt.Sprintf(required, "B")
	for name, c := range map[string]struct{ manifests, waiting string }{
		"optional first": {deployment("api", a, b), "Deployment api"},
		"required first": {deployment("api", b, a), "Deployment api"},
		"two objects":    {deployment("api", a) + deployment("worker", b), "Deployment worker"},
		"optional":       {deployment("api", a), ""},
	} {
		objects, err := parse(map[string][]byte{"a.yaml": []byte(c.manifests)})
		require.NoError(t, err, name)
		read, err := readKeys(objects, *shopSecret())
		require.NoError(t, err, name)
		require.Equal(t, c.waiting != "", read.needed("token"), name)
		if c.waiting != "" {
			require.Equal(t, c.waiting, read.required("token")[0].object(), name)
		}
	}
}

func TestCompleteSecret(t *testing.T) {
	c, _, _ := shopCluster(t)
	p, err := c.complete(map[string]string{"password": "old", "by-hand": "", "init": "i"})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"password": "old", "by-hand": "", "init": "i", "projected": "made", "url": "db://old"}, p.values)
	require.Equal(t, []string{"by-hand", "init", "password"}, p.kept)
	require.Equal(t, []string{"projected", "url"}, p.added)
	require.Equal(t, []string{"hook", "maybe"}, p.absent)
	require.Empty(t, p.renewed)

	c.renew = "password"
	p, err = c.complete(map[string]string{"password": "old", "url": "db://old", "hook": "h", "init": "i", "projected": "p"})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"password": "new", "url": "db://new", "hook": "h", "init": "i", "projected": "p"}, p.values)
	require.Equal(t, []string{"password", "url"}, p.renewed)
	require.Empty(t, p.added)

	c.secret.Fill = func(map[string]string) error { return nil }
	_, err = c.complete(map[string]string{"password": "old"})
	require.EqualError(t, err, "no new value can be generated for password")
}

// The summary is for a terminal: it names keys only.
func TestSecretSummary(t *testing.T) {
	c, _, _ := shopCluster(t)
	c.secret.Fill = func(values map[string]string) error { values["password"] = "made"; return nil }
	p, err := c.complete(map[string]string{"by-hand": "value"})
	require.NoError(t, err)
	require.Equal(t, `Secret shop/shop (context test)
  keep   by-hand
  add    password
  absent hook (optional, and not generated)
  absent init (Deployment db waits for it, and it cannot be generated: add it by hand)
  absent maybe (optional, and not generated)
  absent projected (Deployment db waits for it, and it cannot be generated: add it by hand)
  absent url (CronJob backup waits for it, and it cannot be generated: add it by hand)
! a running server may have another password, or keep one on its volume: then run "shop secret production --rotate password --context='a b'"
`, c.summary(p))
}

func TestSecretRefusal(t *testing.T) {
	owned := func(kind string) map[string]any {
		return map[string]any{"ownerReferences": []any{map[string]any{"kind": kind, "name": "it"}}}
	}
	external := map[string]any{"labels": map[string]any{externalSecretsLabel: "true"}}
	deleted := map[string]any{"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": []any{"example.com/a", "example.com/b"}, "labels": external["labels"]}
	for _, refused := range []struct {
		metadata  map[string]any
		immutable bool
		want      string
	}{
		{nil, false, ""},
		{map[string]any{"labels": map[string]any{"app": "shop"}}, false, ""},
		{nil, true, "is immutable: its values cannot be changed; it lacks url: give the Secret of this environment another name, synthesize and deploy"},
		{map[string]any{"managedFields": []any{map[string]any{"manager": argoCDManager, "operation": "Apply", "time": "2026-01-01T00:00:00Z"}}}, false, "is delivered by Argo CD, which would undo the change; it lacks url: change it at its source"},
		{map[string]any{"labels": map[string]any{"app.kubernetes.io/managed-by": "Helm"}}, false, "is delivered by Helm, which would undo the change; it lacks url: change it at its source"},
		{deleted, true, "is being deleted, and a new value would be deleted with it: wait until its finalizers (example.com/a, example.com/b) are removed, and create it again with --keep"},
		{external, true, "is filled by External Secrets, and immutable; it lacks url: give the Secret of this environment another name, synthesize and deploy"},
		{external, false, "is filled by External Secrets, which would undo the change; it lacks url: change the value in its store, or list the key in its ExternalSecret"},
		{owned("ExternalSecret"), false, "is filled by External Secrets, which would undo the change; it lacks url: change the value in its store, or list the key in its ExternalSecret"},
		{owned("SealedSecret"), false, "is filled by Sealed Secrets, which would undo the change; it lacks url: seal a new one, and apply it"},
		{owned("Certificate"), false, "is owned by Certificate it, which may undo the change; it lacks url: change it there"},
	} {
		c, _, _ := shopCluster(t)
		live := &unstructured.Unstructured{Object: map[string]any{"metadata": refused.metadata, "immutable": refused.immutable}}
		err := c.refusal(live, &secretPlan{added: []string{"url"}, absent: []string{"hook"}})
		if refused.want == "" {
			require.NoError(t, err)
			continue
		}
		if live.GetDeletionTimestamp() == nil {
			refused.want += ": see HELP.md"
		}
		require.EqualError(t, err, "Secret shop/shop "+refused.want)
	}
}

// What is written in a namespace that is being deleted is deleted with it.
func TestSecretOfANamespaceBeingDeleted(t *testing.T) {
	for _, secret := range []string{"", "---\n{apiVersion: v1, kind: Secret, metadata: {name: shop, namespace: shop}}\n"} {
		c, _, _ := shopCluster(t)
		c.inCluster(t, "{apiVersion: v1, kind: Namespace, metadata: {name: shop, deletionTimestamp: '2026-01-01T00:00:00Z'}}\n"+secret)
		err := c.keep(t.Context(), true, false)
		require.EqualError(t, err, "namespace shop is being deleted: wait until it is gone, and apply the manifests again")
		require.Equal(t, ExitNamespace, ExitCode(err))
	}
}

// kubectl removes a key, label or annotation that it applied before and does not apply now.
func TestSecretManifestHasAllThatIsThere(t *testing.T) {
	live := &unstructured.Unstructured{Object: map[string]any{
		"type": "Opaque",
		"metadata": map[string]any{
			"name": "shop", "namespace": "shop", "resourceVersion": "5", "labels": map[string]any{"app": "shop"},
			"annotations": map[string]any{"a": "b", lastApplied: "{}"},
		},
	}}
	manifest, err := (&secretPlan{live: live, values: map[string]string{"binary": "\xff\x00"}}).manifest()
	require.NoError(t, err)
	require.Equal(t, `apiVersion: v1
data:
  binary: /wA=
kind: Secret
metadata:
  annotations:
    a: b
  labels:
    app: shop
  name: shop
  namespace: shop
  resourceVersion: "5"
type: Opaque
`, string(manifest))
}

func TestErrorsOfSecretsHaveNoValues(t *testing.T) {
	for _, fields := range []map[string]any{
		{"data": map[string]any{"password": "hunter2!"}},
		{"data": map[string]any{"password": []any{"hunter2!"}}},
		{"stringData": map[string]any{"password": []any{"hunter2!"}}},
	} {
		_, err := secretValues(&unstructured.Unstructured{Object: fields})
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

// shopSteps are steps of which the second ends with an error.
func shopSteps(second error) []rotationStep {
	succeed := func(context.Context) error { return nil }
	return []rotationStep{
		{What: "write it", Commands: []string{"a"}, do: succeed},
		{What: "restart it", Commands: []string{"b", "c"}, do: func(context.Context) error { return second }},
		{What: "tell it", Commands: []string{"d"}, do: succeed},
	}
}

func TestStepsAreReported(t *testing.T) {
	c, stdout, stderr := shopCluster(t)
	c.renew = "password"
	require.NoError(t, c.doSteps(t.Context(), shopSteps(nil)))
	require.Regexp(t, `^Secret shop/shop \(context test\)\n1/3 write it \(\S+\)\n2/3 restart it \(\S+\)\n3/3 tell it \(\S+\)\ndone: password is changed everywhere\n$`, stdout.String())
	require.Empty(t, stderr.String())
}

func TestStepsThatRemainArePrinted(t *testing.T) {
	for err, want := range map[error]string{
		errors.New("no node"): "restart it: no node",
		context.Canceled:      "context canceled",
	} {
		c, stdout, stderr := shopCluster(t)
		c.renew = "password"
		require.EqualError(t, c.doSteps(t.Context(), shopSteps(err)), want)
		require.Regexp(t, `^Secret shop/shop \(context test\)\n1/3 write it \(\S+\)\n2/3 restart it failed after \S+\n$`, stdout.String())
		require.Equal(t, "Secret shop/shop has the new password. Done: 1 of 3. Pods that were not restarted still have the former value. Continue with\n\n"+
			"# 2. Restart it\nb\nc\n# 3. Tell it\nd\n\n", stderr.String())
	}
}

// shopLive is the Secret in a cluster, without the keys that Fill adds.
const shopLive = `
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
apiVersion: v1
kind: Secret
metadata: {name: shop, namespace: shop}
data: {password: b2xk}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
`

// Whoever has another cluster in mind sees it in time to interrupt, and in any case if the write fails.
func TestKeepNamesTheClusterBeforeItWrites(t *testing.T) {
	c, _, stderr := shopCluster(t)
	printed := ""
	c.inCluster(t, shopLive).PrependReactor("patch", "secrets", func(ktesting.Action) (bool, runtime.Object, error) {
		printed = stderr.String()
		return true, nil, errors.New("refused")
	})
	require.EqualError(t, c.keep(t.Context(), true, false), "refused")
	require.Regexp(t, `^Secret shop/shop \(context test\)\n  keep   password\n  add    init, projected, url\n`, printed)
	require.Equal(t, printed, stderr.String(), "nothing is called written")
}

// The default ends no rollout that Kubernetes still lets go on.
func TestRotationTimeout(t *testing.T) {
	secret := *shopSecret()
	secret.Rotations = map[string]Rotation{
		"one":  {Steps: []Step{{Deployment: "db"}}},
		"many": {Steps: []Step{{Deployment: "db"}, {Deployment: "db", Script: "x"}, {Deployment: "undeclared"}}},
		"ever": {Steps: []Step{{Deployment: "db"}, {Deployment: "ever"}}},
	}
	objects, err := parse(map[string][]byte{"a.yaml": []byte(`
{apiVersion: apps/v1, kind: Deployment, metadata: {name: db, namespace: other}, spec: {progressDeadlineSeconds: 1}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: db, namespace: shop}, spec: {progressDeadlineSeconds: 1800}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: ever}, spec: {progressDeadlineSeconds: 2147483647}}
`)})
	require.NoError(t, err)
	for key, want := range map[string]time.Duration{"one": 32 * time.Minute, "many": 44 * time.Minute, "ever": 0} {
		require.Equal(t, want, rotationTimeout(secret, key, objects), key)
	}
}

// Only what waits for rollouts takes longer than a minute, and what the command line says counts.
func TestSecretTimeout(t *testing.T) {
	for _, c := range []struct {
		command secretCommandLine
		flags   []string
		want    time.Duration
	}{
		{secretCommandLine{keep: true, yes: true}, nil, time.Minute},
		{secretCommandLine{rotate: "password"}, nil, time.Minute},
		{secretCommandLine{rotate: "password", yes: true}, nil, 13 * time.Minute},
		{secretCommandLine{rotate: "password", yes: true}, []string{"--timeout=7s"}, 7 * time.Second},
	} {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		c.command.addFlags(flags)
		require.NoError(t, flags.Parse(c.flags))
		c.command.allowRollouts(flags, *shopSecret(), nil)
		require.Equal(t, c.want, c.command.timeout)
	}
}

// "kubectl rollout restart" refuses a paused Deployment, after the Secret has the new value.
func TestRotationThroughAPausedDeploymentIsRefused(t *testing.T) {
	for _, yes := range []bool{false, true} {
		c, stdout, _ := shopCluster(t)
		c.renew = "password"
		client := c.inCluster(t, shopLive+"spec: {paused: true}\n")
		require.EqualError(t, c.rotate(t.Context(), yes), "Deployment shop/db is paused, so a restart would start no pods, and nothing was changed: "+
			"resume it first: kubectl --context='a b' -n shop rollout resume deployment/db")
		require.Empty(t, stdout.String())
		for _, action := range client.Actions() {
			require.Equal(t, "get", action.GetVerb())
		}
	}
}

func TestFirstStep(t *testing.T) {
	c, _, stderr := shopCluster(t)
	c.renew = "password"
	steps := shopSteps(nil)
	steps[0].do = func(context.Context) error { return errors.New("conflict") }
	require.EqualError(t, c.doSteps(t.Context(), steps), "conflict")
	require.Empty(t, stderr.String(), "nothing has happened")

	steps[0].do = func(context.Context) error { return &url.Error{Op: "Patch", URL: "https://a", Err: io.EOF} }
	require.Error(t, c.doSteps(t.Context(), steps))
	require.Contains(t, stderr.String(), "It is unknown whether Secret shop/shop has the new password", "the answer was lost")

	stderr.Reset()
	ctx, cancel := context.WithCancel(t.Context())
	steps[0].do = func(context.Context) error { cancel(); return ctx.Err() }
	require.ErrorIs(t, c.doSteps(ctx, steps), context.Canceled)
	require.Contains(t, stderr.String(), "It is unknown whether Secret shop/shop has the new password; nothing else was done. Start again with\n\n# 1.")
}

// An address with a host or parameters of its own would be lost.
func TestDerivedValuesOfOthersAreKept(t *testing.T) {
	c, _, _ := shopCluster(t)
	c.renew = "password"
	_, err := c.complete(map[string]string{"password": "a", "url": "db://a"})
	require.NoError(t, err)
	_, err = c.complete(map[string]string{"password": "a", "url": "db://a?sslmode=require"})
	require.EqualError(t, err, "url differs from the value composed of the other keys: change password and url by hand")
}

func TestShellCommands(t *testing.T) {
	c, _, _ := shopCluster(t)
	require.Equal(t, "shop secret production --keep --renew password --yes --context='a b'", c.shell.write("password"))
	steps := shopSecret().Rotations["password"].Steps
	require.Equal(t, []string{
		"kubectl --context='a b' -n shop rollout restart deployment/db",
		"kubectl --context='a b' -n shop rollout status deployment/db",
	}, c.shell.step(steps[0], restartManager))
	require.Equal(t, "kubectl --context='a b' -n shop rollout restart deployment/db --field-manager=flux-client-side-apply", c.shell.step(steps[0], fluxRestartManager)[0])
	require.Equal(t, []string{"kubectl --context='a b' -n shop exec deployment/db -c server -- sh -c \\\n  'echo it'\\''s'"}, c.shell.step(steps[1], ""))
}

func TestRolledOut(t *testing.T) {
	two := int32(2)
	for name, c := range map[string]struct {
		deployment appsv1.Deployment
		complete   bool
		err        string
	}{
		"complete":     {appsv1.Deployment{Status: appsv1.DeploymentStatus{Replicas: 2, UpdatedReplicas: 2, AvailableReplicas: 2}}, true, ""},
		"not observed": {appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Generation: 2}, Status: appsv1.DeploymentStatus{ObservedGeneration: 1, Replicas: 2, UpdatedReplicas: 2, AvailableReplicas: 2}}, false, ""},
		"not updated":  {appsv1.Deployment{Status: appsv1.DeploymentStatus{Replicas: 2, UpdatedReplicas: 1, AvailableReplicas: 2}}, false, ""},
		"former pod":   {appsv1.Deployment{Status: appsv1.DeploymentStatus{Replicas: 3, UpdatedReplicas: 2, AvailableReplicas: 3}}, false, ""},
		"unavailable":  {appsv1.Deployment{Status: appsv1.DeploymentStatus{Replicas: 2, UpdatedReplicas: 2, AvailableReplicas: 1}}, false, ""},
		"paused":       {appsv1.Deployment{Spec: appsv1.DeploymentSpec{Paused: true}}, false, "its rollout is paused: resume it with kubectl rollout resume"},
		"stuck": {appsv1.Deployment{Status: appsv1.DeploymentStatus{Conditions: []appsv1.DeploymentCondition{
			{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionFalse, Reason: "ProgressDeadlineExceeded", Message: "too long"},
		}}}, false, "its rollout makes no progress: too long"},
	} {
		c.deployment.Spec.Replicas = &two
		complete, err := rolledOut(c.deployment)
		require.Equal(t, c.complete, complete, name)
		if c.err != "" {
			require.EqualError(t, err, c.err, name)
			continue
		}
		require.NoError(t, err, name)
	}
}

func TestSecretHelpNamesEveryFlag(t *testing.T) {
	out, err := runSecret(t, "--help")
	require.NoError(t, err)
	for _, text := range []string{"--keep", "--renew key", "--rotate key", "--show", "--yes", "--output format", "--context", "--namespace", "--timeout", "--kubeconfig", "Exit codes:", "(default 1m0s)", "progressDeadlineSeconds"} {
		require.True(t, strings.Contains(out, text), text) //nolint:testifylint // The whole help is no message.
	}
}
