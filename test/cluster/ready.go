package cluster

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// pollInterval is how often the API server is asked whether it is ready.
const pollInterval = 50 * time.Millisecond

// storageClasses are what a cluster of a cloud provider has.
//
//go:embed storageclasses.yaml
var storageClasses string

// waitForAPIServer returns when the API server says that it is ready.
func (c *Cluster) waitForAPIServer(ctx context.Context) error {
	for {
		answer, err := c.readyz(ctx)
		if err == nil {
			return nil
		}
		if c.failure() != nil {
			return errors.New("the API server did not get ready") // Stop says why
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the API server is not ready: %w: %w: %s", ctx.Err(), err, answer)
		case <-time.After(pollInterval):
		}
	}
}

func (c *Cluster) readyz(ctx context.Context) (answer string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL()+"/readyz?verbose", nil)
	if err != nil {
		return "", err
	}
	response, err := c.client.Do(request)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return string(body), errors.New(response.Status)
	}
	return string(body), nil
}

// furnish gives the cluster nodes and storage classes, and returns when pods can be made and scheduled.
func (c *Cluster) furnish(ctx context.Context) error {
	nodes, err := nodes(c.kubelet)
	if err != nil {
		return err
	}
	objects := strings.Join([]string{nodes, storageClasses}, "\n---\n")
	for _, step := range []struct {
		input string
		args  []string
	}{
		{objects, []string{"create", "--filename=-"}},
		{"", []string{"annotate", "storageclass", c.defaultStorageClass, "storageclass.kubernetes.io/is-default-class=true"}},
		{"", []string{"wait", "--for=condition=Ready", "nodes", "--all", "--timeout=1m"}},
		// Without it no pod is admitted. The controller manager makes it.
		{"", []string{"wait", "--for=create", "serviceaccount/default", "--timeout=1m"}},
	} {
		if _, _, err := c.Kubectl(ctx, step.input, step.args...); err != nil {
			return err
		}
	}
	return nil
}
