package cluster_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/cluster"
)

func TestStopLeavesNothing(t *testing.T) {
	c, err := cluster.Start(t.Context(), cluster.Options{})
	require.NoError(t, err)
	folder := filepath.Dir(c.Kubeconfig())
	require.NotEmpty(t, processes(t, folder))

	require.NoError(t, c.Stop())
	require.NoDirExists(t, folder)
	require.Empty(t, processes(t, folder))
	require.NoError(t, c.Stop(), "a second time")
}

func TestStartBroughtToAnEndLeavesNothing(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	require.NoError(t, cluster.Build(t.Context(), os.Stderr))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()

	_, err := cluster.Start(ctx, cluster.Options{})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	entries, err := os.ReadDir(temporary)
	require.NoError(t, err)
	require.Empty(t, entries)
}

// killedVariable makes TestKilledRunLeavesNothing the program that it kills.
const killedVariable = "CLUSTER_TEST_TO_BE_KILLED"

func TestKilledRunLeavesNothing(t *testing.T) {
	if os.Getenv(killedVariable) != "" {
		beKilled(t)
	}
	require.NoError(t, cluster.Build(t.Context(), os.Stderr))
	command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	command.Env = append(os.Environ(), killedVariable+"=1")
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() { require.Error(t, command.Wait()) }) // it was killed

	line, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	folder := strings.TrimSpace(line)
	require.DirExists(t, folder)
	require.NotEmpty(t, processes(t, folder))

	require.NoError(t, command.Process.Kill())
	require.Eventually(t, func() bool { return len(processes(t, folder)) == 0 }, 10*time.Second, 50*time.Millisecond)
	require.NoDirExists(t, folder)
}

// beKilled tells the folder of a cluster and waits for the end.
func beKilled(t *testing.T) {
	c, err := cluster.Start(t.Context(), cluster.Options{Progress: io.Discard})
	require.NoError(t, err)
	fmt.Println(filepath.Dir(c.Kubeconfig()))
	select {}
}

// processes returns the command lines of the processes that have to do with a folder.
func processes(t *testing.T, folder string) []string {
	t.Helper()
	output, err := exec.Command("ps", "-axww", "-o", "pid=,command=").Output()
	require.NoError(t, err)
	var found []string
	for line := range strings.Lines(string(output)) {
		pid, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		number, err := strconv.Atoi(pid)
		require.NoError(t, err)
		if number != os.Getpid() && strings.Contains(command, folder) {
			found = append(found, command)
		}
	}
	return found
}
