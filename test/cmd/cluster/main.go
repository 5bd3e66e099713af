// Command cluster starts a Kubernetes cluster on this machine for people to try things, and removes it at Ctrl-C.
//
//	go run ./cmd/cluster
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/ai-platform/manifests/test/cluster"
)

func main() {
	buildOnly := flag.Bool("build", false, "build the cluster's programs without starting it")
	logs := flag.String("logs", "", "keep the components' logs in this `directory`")
	flag.Parse()

	// The signals are listened for until the process ends.
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	run := func() error { return serve(ctx, cluster.Options{LogFolder: *logs}) }
	if *buildOnly {
		run = func() error { return cluster.Build(ctx, os.Stderr) }
	}
	switch err := run(); {
	case errors.Is(err, context.Canceled):
		os.Exit(130) // As a shell says of a program that Ctrl-C ended.
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve runs a cluster until ctx ends.
func serve(ctx context.Context, options cluster.Options) error {
	c, err := cluster.Start(ctx, options)
	if err != nil {
		return err
	}
	fmt.Printf(`
In another terminal:

  export KUBECONFIG=%s
  export PATH=%s:$PATH  # kubectl of the cluster's version
  kubectl get nodes
  kubectl apply -f dist/

Admission, RBAC, controllers and scheduling are real; nodes, containers and disks are simulated.
Ctrl-C stops the cluster and removes all of it.
`, c.Kubeconfig(), c.Bin())
	<-ctx.Done()
	fmt.Fprintln(os.Stderr, "\nstopping …")
	return c.Stop()
}
