package rollout

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/ai-platform/manifests/apps/ai-platform/persistence"
	"github.com/ai-platform/manifests/operate"
	"github.com/ai-platform/manifests/test/golden"
)

var (
	durationsOfWaits = regexp.MustCompile(`after \d+s\n`)
	volumeName       = regexp.MustCompile(`pv \S+`)
	progressLine     = regexp.MustCompile(`(?m)^(waiting: |  \S).*\n`) // Endpoints take their time.
)

// database plays PostgreSQL: how the scripts do on a real one is tested in ../servers.
type database struct {
	forgets bool // When its pod is replaced.
	cancel  func()
	at      string // The script that is interrupted.

	pod      string
	markers  map[string]bool
	executed []string
}

func (d *database) Exec(ctx context.Context, pod types.NamespacedName, container string, command []string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if len(command) != 5 || container != "database" {
		return "", fmt.Errorf("unexpected command %q in %s", command, container)
	}
	if d.forgets && d.pod != pod.Name {
		d.markers = map[string]bool{}
	}
	d.pod = pod.Name
	scripts, marker := persistence.Database(), command[4]
	name := map[string]string{scripts.Write: "write", scripts.Read: "read", scripts.Remove: "remove"}[command[2]]
	d.executed = append(d.executed, name)
	if d.at == name {
		defer d.cancel()
	}
	switch {
	case name == "write":
		d.markers[marker] = true
	case name == "remove":
		delete(d.markers, marker)
	case d.markers[marker]:
		return marker + "\n", nil
	}
	return "", nil
}

// TestVerifyPersistence replaces the database's pod.
func TestVerifyPersistence(t *testing.T) {
	begin(t, production)
	serverSide.apply(t, production.Path())
	production.createSecret(t)
	settle(t)
	verify := func(ctx context.Context, d *database, args ...string) (stdout, stderr string, code int) {
		d.markers = map[string]bool{}
		args = append([]string{"verify", "--steps=pods,services", "--persistence"}, args...)
		out, errs, err := runInProcess(ctx, t, operate.Application{
			Executor:     d,
			Environments: []operate.Environment{{Name: "production", Directory: production.Path(), Persistence: persistence.Database()}},
		}, args...)
		if err != nil && err.Error() != "" {
			errs += err.Error() + "\n"
		}
		errs = progressLine.ReplaceAllString(normalize(errs), "")
		return normalize(out), durationsOfWaits.ReplaceAllString(errs, "after 1s\n"), operate.ExitCode(err)
	}

	t.Run("without --yes nothing changes", func(t *testing.T) {
		before, d := databasePod(t), &database{}
		stdout, stderr, code := verify(t.Context(), d, "--wait")
		require.Zero(t, code, stderr)
		require.Empty(t, stderr)
		require.Contains(t, stdout, "not checked  persistence  deletes pod ai-platform-database-xxxxxxxxxx-xxxxx of Deployment ai-platform/ai-platform-database, and interrupts backend: --yes does it (")
		require.Equal(t, before, databasePod(t))
		require.Empty(t, d.executed)
	})
	t.Run("outlives", func(t *testing.T) {
		before, d := databasePod(t), &database{}
		stdout, stderr, code := verify(t.Context(), d, "--yes", "--wait")
		require.Zero(t, code, stderr)
		golden.Require(t, "verify/persistence.txt", stderr+stdout)
		require.NotEqual(t, before.UID, databasePod(t).UID)
		require.Equal(t, []string{"write", "read", "remove"}, d.executed)
		require.Empty(t, d.markers)
	})
	settle(t)
	t.Run("lost", func(t *testing.T) {
		stdout, stderr, code := verify(t.Context(), &database{forgets: true}, "--yes", "--wait")
		require.Equal(t, operate.ExitFound, code, stderr)
		golden.Require(t, "verify/persistence-lost.txt", stderr+stdout)
	})
	settle(t)
	for at, want := range map[string][]string{"write": {"write", "remove"}, "read": {"write", "read", "remove"}} {
		t.Run("interrupted after "+at, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			d := &database{at: at, cancel: cancel}
			stdout, stderr, code := verify(ctx, d, "--yes", "--wait")
			require.Equal(t, operate.ExitInterrupted, code, stderr)
			require.Contains(t, stdout, "\nnot checked  persistence  interrupted (")
			require.Contains(t, stderr, "\ninterrupted\n")
			require.Equal(t, want, d.executed)
			require.Empty(t, d.markers)
		})
		settle(t)
	}
	t.Run("permissions", func(t *testing.T) { testPersistencePermissions(t, verify) })
	t.Run("a step has failed", func(t *testing.T) {
		here(t, "patch", "service/ai-platform-grafana", `--patch={"spec":{"selector":{"component":"api"}}}`)
		d := &database{}
		stdout, _, code := verify(t.Context(), d, "--yes")
		require.Equal(t, operate.ExitFound, code)
		require.Contains(t, stdout, "not checked  persistence  fix the steps above first (")
		require.Empty(t, d.executed)
		here(t, "patch", "service/ai-platform-grafana", `--patch={"spec":{"selector":{"component":"grafana"}}}`)
	})
	t.Run("not back in time", func(t *testing.T) {
		here(t, "delete", "secret", secretName)
		d := &database{}
		eventually(t, func() error {
			stdout, stderr, code := verify(t.Context(), d, "--yes", "--timeout=3s")
			if d.executed == nil {
				return fmt.Errorf("%s%s", stdout, stderr) // Endpoints of Grafana take their time.
			}
			require.Equal(t, operate.ExitFound, code, stderr)
			require.Contains(t, stdout, "no other pod got ready after pod ai-platform-database-xxxxxxxxxx-xxxxx was deleted: no result in time")
			require.Contains(t, stderr, "the marker may still be in the database: remove it with\n\n    kubectl -n ai-platform exec deployment/ai-platform-database -c database -- sh -c 'PGDATABASE=")
			return nil
		})
		require.Len(t, d.markers, 1)
		production.createSecret(t)
		settle(t)
	})
	t.Run("claim deleted", func(t *testing.T) { testPersistenceOfDeletedClaim(t, verify) })
}

// verifyDatabase runs the command with --persistence.
type verifyDatabase func(ctx context.Context, d *database, args ...string) (stdout, stderr string, code int)

// testPersistenceOfDeletedClaim comes last: nothing undoes a deletion.
func testPersistenceOfDeletedClaim(t *testing.T, verify verifyDatabase) {
	here(t, "delete", "pvc/postgres-data-pvc", "--wait=false")
	before, d := databasePod(t), &database{}
	stdout, stderr, code := verify(t.Context(), d, "--yes", "--steps=services")
	require.Equal(t, operate.ExitFound, code, stderr)
	golden.Require(t, "verify/claim-being-deleted.txt", volumeName.ReplaceAllString(stderr+stdout, "pv pvc-x"))
	require.Equal(t, before, databasePod(t))
	require.Empty(t, d.executed)
}

// testPersistencePermissions wants a missing permission to be found before anything is changed.
func testPersistencePermissions(t *testing.T, verify verifyDatabase) {
	kubeconfig := newAccount(t, production.Namespace, "watcher")
	allowHere(t, "watcher", "watcher", "--verb=get,list", "--resource=deployments,replicasets,pods,persistentvolumeclaims,services,endpointslices,events")
	before, d := databasePod(t), &database{}
	requireDenied := func(all ...string) {
		want := ""
		for _, what := range all {
			want += "missing permission: " + what + " in namespace ai-platform: nothing was changed\n"
		}
		stdout, stderr, code := verify(t.Context(), d, "--yes", "--wait", "--kubeconfig="+kubeconfig, "--output=json")
		require.Equal(t, operate.ExitForbidden, code, stderr)
		require.Equal(t, want, stderr)
		var found struct {
			Steps []struct{ Name, Result, Summary string }
		}
		require.NoError(t, json.Unmarshal([]byte(stdout), &found), stdout)
		require.Len(t, found.Steps, 3)
		require.Equal(t, "ok", found.Steps[0].Result)
		require.Equal(t, "not checked", found.Steps[2].Result)
		require.Equal(t, strings.ReplaceAll(strings.TrimSpace(want), "\n", "; "), found.Steps[2].Summary)
	}
	requireDenied("create pods/exec", "delete pods")
	allowHere(t, "watcher", "executor", "--verb=create", "--resource=pods/exec")
	requireDenied("delete pods")
	require.Equal(t, before, databasePod(t))
	require.Empty(t, d.executed)
	allowHere(t, "watcher", "deleter", "--verb=delete", "--resource=pods")
	_, stderr, code := verify(t.Context(), d, "--yes", "--wait", "--kubeconfig="+kubeconfig)
	require.Zero(t, code, stderr)
	settle(t)
}

func databasePod(t *testing.T) corev1.Pod {
	t.Helper()
	found := read[corev1.PodList](t, podsPath+"%2Ccomponent%3Ddatabase").Items
	require.Len(t, found, 1)
	return found[0]
}
