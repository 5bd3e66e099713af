// Command kwok plays the kubelets of a cluster: it keeps the nodes ready and moves pods through the stages of kwok's own "fast" set,
// where every pod is running and ready at once. It is kwok as it is, with four changes: it ends with the process that started
// it, a pod waits until it may start, pods with some images do not start (failures.go), and commands in containers are run on this
// machine (exec.go).
//
// It has a module of its own because this kwok does not compile with the Kubernetes version of ../controlplane.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/pflag"
	"sigs.k8s.io/kwok/pkg/config"
	"sigs.k8s.io/kwok/pkg/kwok/cmd"
	"sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/signals"

	"github.com/ai-platform/manifests/test/lifeline"
)

func main() {
	lifeline.ExitWithParent()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	stages, err := writePodStages()
	if err != nil {
		return err
	}
	os.Args = append(os.Args, "--config", stages)

	// kwok reads its configuration and its verbosity before it parses the rest of the command line.
	early := pflag.NewFlagSet("kwok", pflag.ContinueOnError)
	early.ParseErrorsWhitelist.UnknownFlags = true
	var node kubelet
	node.addFlags(early)
	ctx, _ := log.InitFlags(signals.SetupSignalContext(), early)
	ctx, err = config.InitFlags(ctx, early)
	if err != nil {
		return err
	}
	if err := os.Remove(stages); err != nil {
		return err
	}
	if err := node.serve(); err != nil {
		return err
	}

	command := cmd.NewCommand(ctx)
	command.PersistentFlags().AddFlagSet(early)
	return command.ExecuteContext(ctx)
}
