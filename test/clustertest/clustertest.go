// Package clustertest runs the tests of a package beside a cluster.
package clustertest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/cluster"
)

// control is the cluster of all tests of the package.
var control *cluster.Cluster

// Main starts a cluster, runs the tests, and removes it: a TestMain returns after it. It ends the program if anything but a test fails.
func Main(m *testing.M, options cluster.Options, prepare func(*cluster.Cluster) error) {
	flag.Parse()
	if err := run(m, options, prepare); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(m *testing.M, options cluster.Options, prepare func(*cluster.Cluster) error) (err error) {
	if control, err = cluster.Start(context.Background(), options); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, control.Stop()) }()
	if err := prepare(control); err != nil {
		return err
	}
	m.Run() // Its exit code becomes the program's when TestMain returns.
	return nil
}

// Kubectl wants no error.
func Kubectl(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	return KubectlWith(t, "", args...)
}

// KubectlWith is Kubectl with a text on the standard input.
func KubectlWith(t *testing.T, stdin string, args ...string) (stdout string) {
	t.Helper()
	stdout, _, err := control.Kubectl(t.Context(), stdin, args...)
	require.NoError(t, err)
	return stdout
}

// KubectlAtEnd runs kubectl when the test ends.
func KubectlAtEnd(t *testing.T, args ...string) {
	t.Helper()
	t.Cleanup(func() {
		_, _, err := control.Kubectl(context.WithoutCancel(t.Context()), "", args...)
		require.NoError(t, err)
	})
}
