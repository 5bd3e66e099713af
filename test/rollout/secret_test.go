package rollout

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/apps/ai-platform/secret"
	"github.com/ai-platform/manifests/operate"
	"github.com/ai-platform/manifests/test/environments"
	"github.com/ai-platform/manifests/test/golden"
)

const secretName = environments.SecretName

// TestSecretKeeps removes keys of production's Secret, and wants them back, and everything else as it was.
func TestSecretKeeps(t *testing.T) {
	begin(t, production)
	fails(t, control.Kubeconfig(), operate.ExitNamespace, "namespace ai-platform does not exist", "--keep")
	serverSide.apply(t, production.Path())

	// Nothing runs yet: a first Secret is made.
	runScript(t, root, "go run ./apps/ai-platform secret production --keep 2>/dev/null | kubectl create -f -")
	settle(t)
	here(t, "patch", "secret", secretName, "--type=merge",
		`--patch={"stringData":{"slack-url":"https://hooks.slack.com/services/1","by-hand":"\u0000ü"},"metadata":{"labels":{"by":"hand"}}}`)
	former := production.secret(t)
	require.Contains(t, former.Data, "database-url")

	t.Run("in use", func(t *testing.T) {
		here(t, "patch", "secret", secretName, "--type=json",
			`--patch=[{"op":"remove","path":"/data/grafana-admin-password"}]`)
		_, stderr, code := secretCommand(t, control.Kubeconfig(), "--keep", "--yes")
		require.Equal(t, operate.ExitError, code)
		require.Contains(t, stderr, "has no key grafana-admin-password, but pods of Deployment ai-platform-grafana may still use its value")
		require.Contains(t, stderr, "exec deployment/ai-platform-grafana -c grafana -- printenv GF_SECURITY_ADMIN_PASSWORD")
		require.NotContains(t, production.secret(t).Data, "grafana-admin-password")
	})
	here(t, "scale", "deployment/ai-platform-grafana", "--replicas=0")
	settle(t)
	secretCommand(t, control.Kubeconfig(), "--keep", "--yes")
	former = production.secret(t)

	for name, write := range map[string]func(){
		"printed": func() {
			runScript(t, root, "go run ./apps/ai-platform secret --keep 2>/dev/null | kubectl apply --server-side -f -")
		},
		"written": func() { secretCommand(t, control.Kubeconfig(), "--keep", "--yes") },
	} {
		t.Run(name, func(t *testing.T) {
			here(t, "patch", "secret", secretName, "--type=json",
				`--patch=[{"op":"remove","path":"/data/database-url"},{"op":"remove","path":"/data/grafana-admin-password"},{"op":"remove","path":"/data/database-user"}]`)
			before := production.secret(t)
			stdout, stderr, code := secretCommand(t, control.Kubeconfig(), "--keep")
			require.Zero(t, code, stderr)
			require.Equal(t, "Secret ai-platform/ai-platform-secrets (context ai-platform-test)\n"+
				"  keep   by-hand, database-name, database-password, redis-password, slack-url\n"+
				"  add    database-url, database-user, grafana-admin-password\n", stderr)
			require.Contains(t, stdout, "kind: Secret\n")
			require.Equal(t, before, production.secret(t), "without --yes nothing is changed")

			write()
			found := production.secret(t)
			require.Equal(t, former.Labels, found.Labels)
			require.Regexp(t, `^[A-Z2-7]{26}$`, string(found.Data["grafana-admin-password"]))
			require.NotEqual(t, former.Data["grafana-admin-password"], found.Data["grafana-admin-password"])
			found.Data["grafana-admin-password"] = former.Data["grafana-admin-password"]
			require.Equal(t, former.Data, found.Data)
		})
	}

	here(t, "scale", "deployment/ai-platform-grafana", "--replicas=1")
	settle(t)

	t.Run("complete", func(t *testing.T) {
		before := production.secret(t)
		_, stderr, code := secretCommand(t, control.Kubeconfig(), "--keep", "--yes")
		require.Zero(t, code, stderr)
		require.Contains(t, stderr, "nothing to write\n")
		runScript(t, root, "go run ./apps/ai-platform secret --keep 2>/dev/null | kubectl apply --server-side -f -")
		require.Equal(t, before.Data, production.secret(t).Data)
	})
	t.Run("renewed", func(t *testing.T) {
		before := production.secret(t)
		runScript(t, root, "go run ./apps/ai-platform secret --keep --renew database-password 2>/dev/null | kubectl apply --server-side --force-conflicts -f -")
		requireRenewed(t, before, production.secret(t), "database-password", "database-url")
	})
	t.Run("permission", func(t *testing.T) {
		reader := newAccount(t, production.Namespace, "reader")
		fails(t, reader, operate.ExitForbidden, `cannot get resource "secrets"`, "--keep")
		allowHere(t, "reader", "reader", "--verb=get", "--resource=secrets,deployments")
		before := production.secret(t)
		_, stderr, code := secretCommand(t, reader, "--rotate=redis-password")
		require.Zero(t, code, stderr)
		_, stderr, code = secretCommand(t, reader, "--keep", "--renew=redis-password", "--yes")
		require.Equal(t, operate.ExitForbidden, code)
		require.Regexp(t, `(?s)^Secret ai-platform/ai-platform-secrets \(context it\)\n.*\nmissing permission: .*cannot patch resource "secrets"`, stderr)
		fails(t, reader, operate.ExitForbidden, `cannot patch resource "secrets"`, "--rotate=redis-password", "--yes")
		allowHere(t, "reader", "writer", "--verb=patch", "--resource=secrets")
		fails(t, reader, operate.ExitForbidden, `cannot patch resource "deployments"`, "--rotate=redis-password", "--yes")
		allowHere(t, "reader", "restarter", "--verb=patch,list", "--resource=deployments,pods")
		fails(t, reader, operate.ExitForbidden, `create pods/exec`, "--rotate=database-password", "--yes")
		require.Equal(t, before, production.secret(t), "what is refused in between is refused before anything is changed")
	})
	t.Run("lost", func(t *testing.T) {
		here(t, "scale", "deployment/ai-platform-grafana", "--replicas=0")
		settle(t)
		here(t, "delete", "secret", secretName)
		stdout, stderr, code := secretCommand(t, control.Kubeconfig(), "--keep", "--yes")
		require.Equal(t, operate.ExitError, code)
		require.Empty(t, stdout)
		golden.Require(t, "secret-lost.txt", stderr)
		_, script, _ := strings.Cut(stderr, "\n\n")
		runScript(t, root, printingVariables+"exec 2>/dev/null\n"+script)
		made := production.secret(t).Data
		require.Equal(t, " of POSTGRES_PASSWORD\n", string(made["database-password"]))
		require.Equal(t, " of REDIS_PASSWORD\n", string(made["redis-password"]))
		require.Contains(t, made, "database-url")
		require.Contains(t, made, "grafana-admin-password")
	})
	t.Run("being deleted", testSecretBeingDeleted)
}

// testSecretBeingDeleted wants nothing to be written to a Secret, or in a namespace, that will be gone.
func testSecretBeingDeleted(t *testing.T) {
	hold, release := `--patch={"metadata":{"finalizers":["example.com/hold"]}}`, `--patch={"metadata":{"finalizers":null}}`
	here(t, "patch", "secret", secretName, "--type=merge", hold)
	here(t, "delete", "secret", secretName, "--wait=false")
	before := production.secret(t)
	for _, args := range [][]string{{"--keep", "--yes"}, {"--rotate=redis-password", "--yes"}} {
		fails(t, control.Kubeconfig(), operate.ExitError, "Secret ai-platform/ai-platform-secrets is being deleted", args...)
	}
	require.Equal(t, before, production.secret(t))
	kubectl(t, "delete", "namespace", production.Namespace, "--wait=false")
	fails(t, control.Kubeconfig(), operate.ExitNamespace, "namespace ai-platform is being deleted", "--keep", "--yes")
	stdout, stderr, code := runProgram(t, root, control.Kubeconfig(), "verify", "--wait")
	require.Equal(t, operate.ExitNamespace, code)
	require.Empty(t, stdout)
	require.Equal(t, "namespace ai-platform is being deleted: wait until it is gone, and apply the manifests again\n", stderr)
	here(t, "patch", "secret", secretName, "--type=merge", release)
	fails(t, control.Kubeconfig(), operate.ExitNamespace, "namespace ai-platform ", "--keep", "--yes")
}

// printingVariables plays containers in which each variable says whose value it is.
const printingVariables = `
kubectl() {
  case " $* " in
  *" printenv "*) printf ' of %s\n\n' "${@: -1}" ;;
  *) command kubectl "$@" ;;
  esac
}
`

// TestSecretOfAnOperator wants it refused, before and after the operator has made it.
func TestSecretOfAnOperator(t *testing.T) {
	begin(t, staging)
	serverSide.apply(t, filepath.Join(staging.Path(), "00-namespace.k8s.yaml"), filepath.Join(staging.Path(), "05-secrets.k8s.yaml"))
	fails(t, control.Kubeconfig(), operate.ExitError, "is filled in the cluster by External Secrets", "staging", "--keep")
	staging.createSecret(t)
	kubectl(t, "label", "secret", secretName, "reconcile.external-secrets.io/managed=true", "--namespace="+staging.Namespace) // As the operator does.
	for _, flag := range []string{"--keep", "--rotate=database-password"} {
		fails(t, control.Kubeconfig(), operate.ExitError, "is filled by External Secrets, and immutable", "staging", flag)
	}
}

// TestSecretRotates changes each password of production: by the printed commands, by the command, and by both if a step fails.
func TestSecretRotates(t *testing.T) {
	begin(t, production)
	serverSide.apply(t, production.Path())
	fails(t, control.Kubeconfig(), operate.ExitError, "does not exist: create it with --keep", "--rotate=database-password")
	production.createSecret(t)
	settle(t)

	t.Run("printed", func(t *testing.T) {
		before, restarted := production.secret(t), revisions(t)
		stdout, stderr, code := secretCommand(t, control.Kubeconfig(), "--rotate=database-password")
		require.Zero(t, code, stderr)
		require.Equal(t, "nothing was changed: run the commands, or add --yes\n", stderr)
		golden.Require(t, "secret-rotate.txt", stdout)
		require.Equal(t, before, production.secret(t))
		runScript(t, root, "exec 2>/dev/null\n"+stdout)
		requireRenewed(t, before, production.secret(t), "database-password", "database-url")
		requireRestarted(t, restarted, "database", "backend")
	})
	t.Run("redis", func(t *testing.T) {
		before, restarted := production.secret(t), revisions(t)
		stdout, stderr, code := secretCommand(t, control.Kubeconfig(), "--rotate=redis-password", "--yes")
		require.Zero(t, code, stderr)
		require.Empty(t, stderr)
		golden.Require(t, "secret-rotated.txt", durations.ReplaceAllString(stdout, "(1s)"))
		requireRenewed(t, before, production.secret(t), "redis-password")
		requireRestarted(t, restarted, "redis", "backend")
	})
	t.Run("grafana", func(t *testing.T) {
		before, restarted := production.secret(t), revisions(t)
		stdout, stderr, code := secretCommand(t, control.Kubeconfig(), "--rotate=grafana-admin-password", "--yes", "--output=json")
		require.Zero(t, code, stderr)
		var rotation struct {
			Steps []struct{ Result struct{ State string } }
		}
		require.NoError(t, json.Unmarshal([]byte(stdout), &rotation), stdout)
		require.Len(t, rotation.Steps, 2)
		require.Equal(t, "done", rotation.Steps[1].Result.State)
		requireRenewed(t, before, production.secret(t), "grafana-admin-password")
		requireRestarted(t, restarted, "grafana")
	})
	t.Run("database", func(t *testing.T) {
		before, restarted := production.secret(t), revisions(t)
		var executed executor
		_, _, err := rotateDatabase(t.Context(), t, &executed)
		require.NoError(t, err)
		requireRenewed(t, before, production.secret(t), "database-password", "database-url")
		requireRestarted(t, restarted, "database", "backend")
		require.Regexp(t, `^ai-platform/ai-platform-database-\S+ database sh -c printf .* psql`, executed.command)
	})
	t.Run("failing", func(t *testing.T) {
		before, restarted := production.secret(t), revisions(t)
		stdout, stderr, err := rotateDatabase(t.Context(), t, &executor{fail: func() error { return errors.New("exit code 2: no such role") }})
		require.EqualError(t, err, "have PostgreSQL take the password of its pod: exit code 2: no such role")
		require.Regexp(t, `\n3/4 have PostgreSQL take the password of its pod failed after \S+\n$`, stdout)
		golden.Require(t, "secret-failed.txt", stderr)
		requireRenewed(t, before, production.secret(t), "database-password", "database-url")
		_, script, _ := strings.Cut(stderr, "\n\n")
		runScript(t, root, "exec 2>/dev/null\n"+script)
		requireRestarted(t, restarted, "database", "backend")
	})
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, stderr, err := rotateDatabase(ctx, t, &executor{fail: func() error { cancel(); return ctx.Err() }})
		require.Equal(t, operate.ExitInterrupted, operate.ExitCode(err))
		require.EqualError(t, err, "interrupted")
		golden.Require(t, "secret-failed.txt", stderr)
	})
}

var durations = regexp.MustCompile(`\([0-9.ms]+\)`)

// executor stands in for a node.
type executor struct {
	command string
	fail    func() error
}

func (e *executor) Exec(_ context.Context, pod types.NamespacedName, container string, command []string) (string, error) {
	e.command = pod.String() + " " + container + " " + strings.Join(command, " ")
	if e.fail != nil {
		return "", e.fail()
	}
	return "", nil
}

// rotateDatabase runs the command for production in this process, so that nothing is executed on a node.
func rotateDatabase(ctx context.Context, t *testing.T, by operate.Executor) (stdout, stderr string, err error) {
	t.Helper()
	e := platform.Production()
	return runInProcess(ctx, t, operate.Application{
		Program:      "go run ./apps/ai-platform",
		Executor:     by,
		Environments: []operate.Environment{{Name: e.Name, Directory: production.Path(), Secret: secret.Of(e)}},
	}, "secret", "--rotate=database-password", "--yes")
}

func (e environment) secret(t *testing.T) corev1.Secret {
	t.Helper()
	return read[corev1.Secret](t, "/api/v1/namespaces/"+e.Namespace+"/secrets/"+secretName)
}

func requireRenewed(t *testing.T, before, after corev1.Secret, keys ...string) {
	t.Helper()
	require.Len(t, after.Data, len(before.Data))
	for key := range before.Data {
		renewed := string(before.Data[key]) != string(after.Data[key])
		require.Equal(t, slices.Contains(keys, key), renewed, key)
	}
	require.Contains(t, string(after.Data["database-url"]), ":"+string(after.Data["database-password"])+"@")
}

// requireRestarted wants new pods of these tiers, and of no other.
func requireRestarted(t *testing.T, before map[string]string, tiers ...string) {
	t.Helper()
	for name, revision := range revisions(t) {
		require.Equal(t, slices.Contains(tiers, strings.TrimPrefix(name, production.Namespace+"/ai-platform-")), revision != before[name], name)
	}
}

// fails wants one clear line.
func fails(t *testing.T, kubeconfig string, code int, want string, args ...string) {
	t.Helper()
	stdout, stderr, found := secretCommand(t, kubeconfig, args...)
	require.Equal(t, code, found, stderr)
	require.Empty(t, stdout)
	require.Contains(t, stderr, want)
	require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
}

func secretCommand(t *testing.T, kubeconfig string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return runProgram(t, root, kubeconfig, append([]string{"secret"}, args...)...)
}
