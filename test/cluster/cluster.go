// Package cluster starts a Kubernetes cluster on this machine, without Docker and without machines of its own: a real etcd, API
// server, controller manager and scheduler, built from Go modules (../controlplane), and nodes whose kubelets kwok plays.
//
// Admission, RBAC, Pod Security, controllers and scheduling are Kubernetes's own. Nodes, containers and disks are not real: no image
// is pulled, no probe runs, no packet flows. What a pod needs before its containers start (Secrets, ConfigMaps and their keys,
// volumes) is checked as kubelet does, and volumes are provisioned, grow and go away.
package cluster

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Options say how a cluster is started. The zero value is a good one.
type Options struct {
	// Progress is told what takes time. Defaults to the standard error stream.
	Progress io.Writer
	// LogFolder is where the components' logs are written, one file each; it is made if needed and stays.
	// Defaults to a temporary folder that goes with the cluster.
	LogFolder string
	// DefaultStorageClass is that of claims that name none: "standard", which waits for the first pod that mounts the claim, or
	// "immediate". In one that waits, the scheduler puts all pods that share an unbound claim on one node; where several nodes
	// can share one, the class is a file server's, which need not wait. Defaults to "standard".
	DefaultStorageClass string
}

// Cluster is a running cluster. Its methods may be used from several goroutines.
type Cluster struct {
	folder    string // all that the cluster writes
	logFolder string
	binaries  binaries
	apiServer string // address and port
	kubelet   int    // port of all nodes
	client    *http.Client

	defaultStorageClass string

	lifelines  *lifelines
	components []*process
	stop       func() error
}

// Start builds what is not built yet, starts a cluster and returns when its nodes are ready. ctx bounds the start alone.
//
// The cluster ends with Stop, or with the process that started it, however that one ends: nothing stays behind, neither a process nor a
// file.
func Start(ctx context.Context, options Options) (*Cluster, error) {
	writer := options.Progress
	if writer == nil {
		writer = os.Stderr
	}
	progress := log.New(writer, "", 0)
	binaries, err := buildAll(ctx, progress)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	c, err := prepare(binaries, options)
	if err != nil {
		return nil, err
	}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	progress.Printf("a cluster is ready at %s after %s", c.URL(), time.Since(began).Round(100*time.Millisecond))
	return c, nil
}

// prepare makes the cluster's folder, and the janitor that will remove it.
func prepare(binaries binaries, options Options) (*Cluster, error) {
	folder, err := os.MkdirTemp("", "ai-platform-cluster-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{folder: folder, logFolder: options.LogFolder, binaries: binaries, defaultStorageClass: cmp.Or(options.DefaultStorageClass, "standard")}
	c.stop = sync.OnceValue(c.end)
	if c.logFolder == "" {
		c.logFolder = filepath.Join(folder, "logs")
	}
	c.lifelines, err = newLifelines(binaries.controlPlane, folder)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return c, nil
}

// start brings up the components in the order in which they need each other.
func (c *Cluster) start(ctx context.Context) error {
	ports, err := FreePorts(4)
	if err != nil {
		return err
	}
	etcd := etcdPorts{client: ports[0], peer: ports[1]}
	c.apiServer, c.kubelet = loopback(ports[2]), ports[3]

	if err := c.writeFiles(); err != nil {
		return err
	}
	for _, component := range []component{c.etcd(etcd), c.kubeAPIServer(etcd, ports[2])} {
		if err := c.run(component); err != nil {
			return err
		}
	}
	if err := c.waitForAPIServer(ctx); err != nil {
		return err
	}
	for _, component := range []component{c.kubeControllerManager(), c.kubeScheduler(), c.kwok(), c.standIns()} {
		if err := c.run(component); err != nil {
			return err
		}
	}
	return c.furnish(ctx)
}

// writeFiles writes what the components read at their start.
func (c *Cluster) writeFiles() error {
	for _, folder := range []string{c.logFolder, c.path("pki"), c.path("bin"), c.path("tmp")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
	}
	if err := os.Symlink(c.binaries.controlPlane, c.path("bin", "kubectl")); err != nil {
		return err
	}
	return c.writeIdentities()
}

// Stop ends all of the cluster's processes and removes its files. It is an error if a component had ended before.
// Further calls return what the first one did.
func (c *Cluster) Stop() error {
	return c.stop()
}

func (c *Cluster) end() error {
	failed := c.failure()
	for _, component := range c.components {
		failed = errors.Join(failed, component.kill())
	}
	return errors.Join(failed, c.lifelines.cut())
}

// path returns a path within the cluster's folder.
func (c *Cluster) path(elements ...string) string {
	return filepath.Join(append([]string{c.folder}, elements...)...)
}

// URL is the API server's address.
func (c *Cluster) URL() string { return "https://" + c.apiServer }

// Client talks to the API server as an administrator.
func (c *Cluster) Client() *http.Client { return c.client }

// Kubeconfig is the path of a file that makes its user an administrator of the cluster.
func (c *Cluster) Kubeconfig() string { return c.path("kubeconfig") }

// Bin is a folder that holds kubectl.
func (c *Cluster) Bin() string { return c.path("bin") }

// Programs is a folder in which each container may have a folder with the programs that "kubectl exec" finds in it, by its name up to a
// hyphen. It does not exist at first.
func (c *Cluster) Programs() string { return c.path("containers") }
