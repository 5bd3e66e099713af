package rollout

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/cluster"
)

// played goes before every script. Nodes are played here, so nothing can be had from within a container, and a Job's pod ends as soon
// as it has started: where a script wants something of a Job's pod, the pod has to have come so far. Where people type into a
// container, they take a second at least, and kubectl refuses two restarts within one. Production's Secret is not from a store.
// The program is built once, so that it runs in any folder.
const played = `
kubectl() {
  case " $* " in
  *" cp "* | *" logs "* | *.status.ready*) command kubectl "$1" "$2" wait --for=condition=complete --timeout=1m job --all ;;
  *" exec "*) sleep 1 ;;
  *" externalsecret "*) command kubectl --namespace=ai-platform-staging "${@:3}" ;;
  *) command kubectl "$@" ;;
  esac
}
go() {
  [[ "$1 $2" == "run ./apps/ai-platform" ]] || { echo "not played: go $*" >&2; return 1; }
  "$AI_PLATFORM" "${@:3}"
}
`

// runScript runs commands as people do in their shell. It wants no error and no warning.
func runScript(t *testing.T, folder, script string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", played+script)
	command.Dir = folder
	command.Env = append(os.Environ(),
		"PATH="+control.Bin()+":"+os.Getenv("PATH"),
		"AI_PLATFORM="+program,
		"KUBECONFIG="+control.Kubeconfig(),
		"KUBERC=off", // Nothing of the user's,
		"KUBECACHEDIR="+filepath.Join(filepath.Dir(control.Kubeconfig()), ".kube", "cache"), // and nothing left with him.
	)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	require.NoError(t, command.Run(), "%s\n%s%s", strings.TrimSpace(script), &stdout, &stderr)
	require.Empty(t, cluster.Warnings(stderr.String()), script)
}
