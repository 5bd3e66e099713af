//go:build linux

package servers

import (
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"

	"github.com/ai-platform/manifests/constructs"
)

//go:embed testdata/shop.py
var celeryTasks string

const (
	celeryFile = "worker.k8s.yaml"
	celeryName = "ai-platform-worker"
)

// celeryShop has the names of production's servers, and a worker beside them.
func celeryShop(app cdk8s.App) {
	const secret = "ai-platform-secrets"
	db := constructs.NewPostgres(productionChart(app, "database"), "database", constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: secret}})
	queue := constructs.NewRedis(productionChart(app, "redis"), "redis", constructs.RedisProps{Password: constructs.SecretKeyRef{Secret: secret, Key: redisPasswordKey}})
	constructs.NewWorker(productionChart(app, "worker"), "worker", constructs.WorkerProps{
		Image:      "ghcr.io/acme/shop:1.4.2",
		Command:    []string{debianPython, "-m", "celery", "--app=shop", "worker", "--concurrency=$(CONCURRENCY)"},
		WorkingDir: "/app",
		Files:      map[string]string{"/app/shop.py": celeryTasks},
		Liveness:   constructs.HeartbeatProbe{Path: "/tmp/alive", MaxAge: 5 * time.Second},
		Database:   db,
		Redis:      queue,
		Env:        map[string]string{"CELERY_BROKER_URL": "$(REDIS_URL)", "CONCURRENCY": "4"},
		Pod:        constructs.PodProps{TerminationGracePeriodSeconds: 300},
	})
}

// celery is a Worker on this machine, with the servers that it is connected to.
type celery struct {
	*sandbox
	database    *postgres
	queue       *redis
	name        string // Of the database.
	gracePeriod time.Duration
}

func newCelery(t *testing.T) *celery {
	t.Helper()
	secret := newSecret(t, production, nil)
	database, queue := startPostgres(t, production, secret), startRedis(t, secret, busybox)
	rendered := renderDelivery(t, celeryShop)
	pod := object[appsv1.Deployment](t, rendered, celeryFile, "Deployment", celeryName).Spec.Template.Spec
	c := &celery{
		newSandbox(t, rendered, celeryFile, celeryName, "", secret), database, queue, database.env["POSTGRES_DB"],
		time.Duration(*pod.TerminationGracePeriodSeconds) * time.Second,
	}
	for name, server := range map[string]struct{ there, here string }{
		"DATABASE_URL":      {postgresName + ":5432", net.JoinHostPort(loopback, database.port)},
		"CELERY_BROKER_URL": {redisName + ":6379", net.JoinHostPort(loopback, queue.port)},
	} {
		c.env[name] = replaceOnce(t, c.env[name], server.there, server.here)
	}
	require.Equal(t, "/app", c.WorkingDir)
	// Every pod has /dev/shm, also on a root that is read-only.
	c.mounts = append(c.mounts, "--symlink", "usr/bin", "/bin", "--tmpfs", "/dev/shm", "--chdir", c.WorkingDir)
	for _, sh := range shells {
		c.mount(true, sh.folder(), sh.folder())
	}
	database.must(t, c.name, "CREATE TABLE begun (number int); CREATE TABLE ended (number int)")
	return c
}

// inside is a command line in the container.
func (c *celery) inside(arguments ...string) []string {
	return slices.Concat([]string{"bwrap"}, c.mounts, []string{"--remount-ro", "/", "--"}, arguments)
}

func (c *celery) start(t *testing.T) {
	t.Helper()
	c.process = start(t, c.env, c.inside(c.arguments()...)...)
	c.process.until(t, func() error { return c.alive(t, busybox) })
}

// first is the container's first process, which a kubelet tells to end.
func (c *celery) first(t *testing.T) int {
	t.Helper()
	children, err := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", c.process.Process.Pid))
	require.NoError(t, err)
	first, err := strconv.Atoi(strings.TrimSpace(string(children)))
	require.NoError(t, err, "bwrap has started one process")
	return first
}

// alive runs the liveness probe.
func (c *celery) alive(t *testing.T, sh shell) error {
	t.Helper()
	printed, err := output(t, variables{"PATH": sh.path()}, c.inside(c.LivenessProbe.Exec.Command...)...)
	if err != nil {
		return fmt.Errorf("%w: %s", err, printed)
	}
	return nil
}

// numbers are the orders in a table, in their order.
func (c *celery) numbers(t *testing.T, table string) []string {
	t.Helper()
	return strings.Fields(c.database.must(t, c.name, "SELECT number FROM "+table+" ORDER BY number"))
}

// queued is how many orders are in the queue.
func (c *celery) queued(t *testing.T) string {
	t.Helper()
	return c.queue.must(t, "LLEN", "celery")
}

// A worker that nobody here wrote takes tasks with the rendered command and environment. When it is told to stop it finishes those that it has
// begun, within the grace period, and gives the others back.
func TestCelery(t *testing.T) {
	c := newCelery(t)
	c.start(t)
	// Four are begun, and the worker takes as many as sixteen in advance. Debian's Kombu loses an order that is in the queue when it closes its
	// connection (https://github.com/celery/kombu/pull/1733).
	const orders = 18
	var all []string
	for i := range orders {
		all = append(all, fmt.Sprint(i+100)) // Sorted alike as numbers and as texts.
	}
	printed, err := output(t, c.env, c.inside(debianPython, "-c", "import shop\nfor i in range(100, 118): shop.order.delay(i)")...)
	require.NoError(t, err, printed)

	c.process.until(t, func() error {
		if ended, queued := len(c.numbers(t, "ended")), c.queued(t); ended < 2 || queued != "0" {
			return fmt.Errorf("%d orders have ended, and %s are in the queue", ended, queued)
		}
		return nil
	})
	require.NoError(t, syscall.Kill(c.first(t), syscall.SIGTERM))
	select {
	case <-c.process.ended:
		require.NoError(t, c.process.err, c.process.printed(t))
	case <-time.After(c.gracePeriod):
		require.FailNow(t, "the kubelet would kill it", c.process.printed(t))
	}
	ended := c.numbers(t, "ended")
	require.Equal(t, c.numbers(t, "begun"), ended, "what it had begun, it has finished")
	require.Less(t, len(ended), orders, "it was stopped in the midst of the orders")
	require.NotEqual(t, "0", c.queued(t), "it gives back what it had taken in advance")

	c.start(t)
	// Celery delivers at least once: an order that a process has taken while the worker stops may go back to the queue as well.
	c.process.until(t, func() error {
		if ended := slices.Compact(c.numbers(t, "ended")); !slices.Equal(ended, all) {
			return fmt.Errorf("these orders have ended: %v", ended)
		}
		return nil
	})

	// A worker that hangs is restarted.
	require.NoError(t, syscall.Kill(-c.process.Process.Pid, syscall.SIGSTOP))
	for _, sh := range shells {
		c.process.until(t, func() error {
			if c.alive(t, sh) == nil {
				return errors.New("the probe succeeds")
			}
			return nil
		})
	}
	require.NoError(t, syscall.Kill(-c.process.Process.Pid, syscall.SIGCONT))
	for _, sh := range shells {
		c.process.until(t, func() error { return c.alive(t, sh) })
	}
}
