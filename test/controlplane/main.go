// Command controlplane is a whole Kubernetes control plane in one binary: the component is chosen by the name that the binary is
// started under, as busybox does, or else by the first argument. One binary because the components share nearly all of their code:
// it is compiled and linked once.
//
// Package cluster (../cluster) builds, starts and stops it.
package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ai-platform/manifests/test/lifeline"
)

func main() {
	run, err := choose()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	lifeline.ExitWithParent()
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[0], err)
		os.Exit(1)
	}
}

// choose finds the component, and takes its name off os.Args where it was an argument.
func choose() (func() error, error) {
	if run, ok := components[filepath.Base(os.Args[0])]; ok {
		return run, nil
	}
	if len(os.Args) > 1 {
		if run, ok := components[os.Args[1]]; ok {
			os.Args = os.Args[1:]
			return run, nil
		}
	}
	return nil, fmt.Errorf("usage: controlplane %s …", strings.Join(slices.Sorted(maps.Keys(components)), "|"))
}
