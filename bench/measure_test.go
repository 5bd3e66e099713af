package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMain lets the test program be the relay.
func TestMain(m *testing.M) {
	if file := os.Getenv(countVariable); file != "" {
		os.Exit(relay(file))
	}
	os.Exit(m.Run())
}

func TestRelay(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "requests")
	command := exec.Command(self)
	command.Env = append(os.Environ(), countVariable+"="+file, kernelVariable+"=cat\n-")
	requests := strings.Repeat("{}\n", 1234) + strings.Repeat("long", 100_000) + "\n"
	command.Stdin = strings.NewReader(requests)
	answers, err := command.Output()
	require.NoError(t, err)
	require.Equal(t, requests, string(answers))
	counted, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "1235", string(counted))
}

func TestRelayFails(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(self)
	command.Env = append(os.Environ(), countVariable+"="+filepath.Join(t.TempDir(), "requests"), kernelVariable+"=false")
	require.Error(t, command.Run())
}

func TestMeasure(t *testing.T) {
	folder := t.TempDir()
	cache := filepath.Join(folder, "cache")
	quick := &row{command: []string{"sh", "-c", "echo quick >> log"}, dir: folder}
	slow := &row{command: []string{"sh", "-c", "test ! -e cache && mkdir cache && echo slow $KEY >> log"}, dir: folder, env: []string{"KEY=value"}, slow: true, compiles: true, empty: cache}
	require.NoError(t, measure([]*row{quick, slow}, options{rounds: 3, slow: 2}))
	require.Len(t, quick.runs, 3)
	require.Len(t, slow.runs, 2)
	require.Len(t, quick.memory, memoryRuns)
	require.Empty(t, slow.memory)
	for _, s := range append(quick.runs, slow.runs...) {
		require.Positive(t, s.wall)
	}
	log, err := os.ReadFile(filepath.Join(folder, "log"))
	require.NoError(t, err)
	require.Equal(t, 3+memoryRuns, strings.Count(string(log), "quick"))
	require.Equal(t, 2, strings.Count(string(log), "slow value"))
}

func TestMeasureReportsFailure(t *testing.T) {
	failing := &row{command: []string{"sh", "-c", "echo why; exit 3"}}
	require.EqualError(t, measure([]*row{failing}, options{rounds: 1}), "sh -c echo why; exit 3: exit status 3\nwhy\n")
}

// The shell waits for a process that holds 60 MB.
func TestMemoryOfChildren(t *testing.T) {
	alone := &row{command: []string{"sh", "-c", "sleep 0.5"}}
	require.NoError(t, alone.runForMemory())
	parent := &row{command: []string{"sh", "-c", "head -c 60000000 /dev/zero | tail -c 60000000 | (sleep 0.5; cat > /dev/null); true"}}
	require.NoError(t, parent.runForMemory())
	require.Greater(t, parent.memory[0]-alone.memory[0], 50e6)
	require.Less(t, parent.memory[0]-alone.memory[0], 120e6)
}
