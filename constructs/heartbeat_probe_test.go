package constructs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The command of the probe does what its props say, as this machine's shell runs it.
func TestHeartbeat(t *testing.T) {
	probe := HeartbeatProbe{MaxAge: 90 * time.Second}
	for name, test := range map[string]struct {
		age   time.Duration
		alive bool
	}{
		"fresh":    {0, true},
		"younger":  {60 * time.Second, true},
		"older":    {100 * time.Second, false},
		"from now": {-time.Hour, true}, // After the clock was set back.
	} {
		t.Run(name, func(t *testing.T) {
			probe.Path = filepath.Join(t.TempDir(), `heart "beat" $HOME`)
			require.NoError(t, os.WriteFile(probe.Path, nil, 0o600))
			changed := time.Now().Add(-test.age)
			require.NoError(t, os.Chtimes(probe.Path, changed, changed))
			require.Equal(t, test.alive, succeeds(t, probe))
		})
	}
	t.Run("no file", func(t *testing.T) {
		probe.Path = filepath.Join(t.TempDir(), "heartbeat")
		require.False(t, succeeds(t, probe))
	})
}

// succeeds runs the command of a probe.
func succeeds(t *testing.T, p HeartbeatProbe) bool {
	t.Helper()
	var words []string
	for _, word := range *p.withDefaults(livenessTiming).probe(probed{}).Exec.Command {
		words = append(words, strings.ReplaceAll(*word, "$$", "$")) // As Kubernetes does.
	}
	err := exec.CommandContext(t.Context(), words[0], words[1:]...).Run()
	if err != nil {
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
	}
	return err == nil
}
