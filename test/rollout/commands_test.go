package rollout

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/ai-platform/manifests/operate"
	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/clustertest"
)

// mode is one of the two ways to apply.
type mode struct {
	name  string
	flags []string // Of kubectl apply and kubectl diff.
}

var (
	clientSide = mode{name: "client-side"}
	serverSide = mode{name: "server-side", flags: []string{"--server-side"}}
)

// apply wants no error and no word on the error stream, which is where warnings are.
func (m mode) apply(t *testing.T, folders ...string) {
	t.Helper()
	_, stderr, err := control.Kubectl(t.Context(), "", slices.Concat([]string{"apply"}, files(folders...), m.flags)...)
	require.NoError(t, err)
	require.Empty(t, stderr)
}

var (
	kubectl      = clustertest.Kubectl
	kubectlWith  = clustertest.KubectlWith
	kubectlAtEnd = clustertest.KubectlAtEnd
)

// here runs kubectl in production's namespace.
func here(t *testing.T, args ...string) {
	t.Helper()
	kubectl(t, append(args, "--namespace="+production.Namespace)...)
}

// files are flags that name folders.
func files(folders ...string) []string {
	flags := make([]string, 0, len(folders))
	for _, folder := range folders {
		flags = append(flags, "--filename="+folder)
	}
	return flags
}

// newProgram prepares ai-platform in a folder, which has the folders of manifests.
func newProgram(t *testing.T, folder, kubeconfig string, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Dir, command.Env = folder, append(os.Environ(), "KUBECONFIG="+kubeconfig)
	return command
}

// runProgram runs ai-platform to its end.
func runProgram(t *testing.T, folder, kubeconfig string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	command := newProgram(t, folder, kubeconfig, args...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil {
		var failed *exec.ExitError
		require.ErrorAs(t, err, &failed)
	}
	return out.String(), errs.String(), command.ProcessState.ExitCode()
}

// runInProcess runs a command in this process, with an executor of the test's.
func runInProcess(ctx context.Context, t *testing.T, app operate.Application, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	t.Setenv("KUBECONFIG", control.Kubeconfig())
	program := &cobra.Command{Use: "ai-platform", SilenceUsage: true, SilenceErrors: true}
	program.AddCommand(operate.Commands(app)...)
	program.SetArgs(args)
	var out, errs bytes.Buffer
	program.SetOut(&out)
	program.SetErr(&errs)
	err = program.ExecuteContext(ctx)
	return out.String(), errs.String(), err
}

// newAccount creates a ServiceAccount that may do nothing yet, and returns its kubeconfig.
func newAccount(t *testing.T, namespace, name string) (kubeconfig string) {
	t.Helper()
	kubectl(t, "create", "serviceaccount", name, "--namespace="+namespace)
	kubectlAtEnd(t, "delete", "serviceaccount", name, "--namespace="+namespace, "--ignore-not-found")
	return writeKubeconfig(t, control.URL(), strings.TrimSpace(kubectl(t, "create", "token", name, "--namespace="+namespace)))
}

// allow gives an account of namespace default a ClusterRole.
func allow(t *testing.T, account, role string, flags ...string) {
	t.Helper()
	kubectl(t, append([]string{"create", "clusterrole", role}, flags...)...)
	kubectl(t, "create", "clusterrolebinding", role, "--clusterrole="+role, "--serviceaccount=default:"+account)
	kubectlAtEnd(t, "delete", "clusterrole/"+role, "clusterrolebinding/"+role)
}

// allowHere gives an account of production's namespace a Role.
func allowHere(t *testing.T, account, role string, flags ...string) {
	t.Helper()
	here(t, append([]string{"create", "role", role}, flags...)...)
	here(t, "create", "rolebinding", role, "--role="+role, "--serviceaccount="+production.Namespace+":"+account)
}

func writeKubeconfig(t *testing.T, server, token string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, cluster.WriteKubeconfig(file, "it", api.Cluster{Server: server, InsecureSkipTLSVerify: true}, token))
	return file
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	return file
}

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
