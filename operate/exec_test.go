package operate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
)

// fakeNode runs commands on this machine, and answers as a kubelet does behind the API server.
func fakeNode(t *testing.T) *rest.Config {
	t.Helper()
	upgrader := websocket.Upgrader{Subprotocols: []string{"v5.channel.k8s.io"}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if r.URL.Path != "/api/v1/namespaces/shop/pods/db-1/exec" || query.Get("container") != "server" {
			http.NotFound(w, r)
			return
		}
		connection, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer connection.Close()
		command := exec.CommandContext(t.Context(), query["command"][0], query["command"][1:]...)
		var stdout, stderr bytes.Buffer
		command.Stdout, command.Stderr = &stdout, &stderr
		status := map[string]any{"status": "Success"}
		if err := command.Run(); err != nil {
			cause := map[string]any{"reason": "ExitCode", "message": strconv.Itoa(command.ProcessState.ExitCode())}
			status = map[string]any{"status": "Failure", "reason": "NonZeroExitCode", "message": err.Error(), "details": map[string]any{"causes": []any{cause}}}
		}
		encoded, _ := json.Marshal(status)
		for channel, content := range map[byte][]byte{1: stdout.Bytes(), 2: stderr.Bytes(), 3: encoded} {
			_ = connection.WriteMessage(websocket.BinaryMessage, append([]byte{channel}, content...))
		}
		_ = connection.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
	}))
	t.Cleanup(server.Close)
	return &rest.Config{Host: server.URL}
}

func TestExec(t *testing.T) {
	executor := remoteExecutor{fakeNode(t)}
	pod := types.NamespacedName{Namespace: "shop", Name: "db-1"}
	run := func(ctx context.Context, script string) error {
		_, err := executor.Exec(ctx, pod, "server", []string{"sh", "-c", script})
		return err
	}
	stdout, err := executor.Exec(t.Context(), pod, "server", []string{"sh", "-c", `test "a  b" = 'a  b' && echo out && echo err >&2`})
	require.NoError(t, err)
	require.Equal(t, "out\n", stdout)
	require.EqualError(t, run(t.Context(), "echo no such >&2; echo role >&2; exit 3"), "command terminated with exit code 3: no such; role")
	require.EqualError(t, run(t.Context(), "exit 4"), "command terminated with exit code 4")
	_, err = executor.Exec(t.Context(), pod, "another", []string{"true"})
	require.Error(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, run(ctx, "sleep 0.3"), context.DeadlineExceeded)
}

// client-go keeps no more than the text of an answer that refuses to upgrade the connection.
func TestExecForbidden(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		status := apierrors.NewForbidden(corev1.Resource("pods"), "db-1", errors.New(`User "viewer" cannot create resource "pods/exec" in API group ""`)).Status()
		status.APIVersion, status.Kind = "v1", "Status"
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_ = json.NewEncoder(w).Encode(status)
	}))
	t.Cleanup(server.Close)
	_, err := remoteExecutor{&rest.Config{Host: server.URL}}.Exec(t.Context(), types.NamespacedName{Namespace: "shop", Name: "db-1"}, "server", []string{"true"})
	require.EqualError(t, err, `pods "db-1" is forbidden: User "viewer" cannot create resource "pods/exec" in API group ""`)
	require.True(t, isDenied(err))
}
