package operate

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/exec"

	"github.com/ai-platform/manifests/operate/internal/diagnosis"
)

// programs stand in for a container: what each of its programs answers.
type programs map[string]error

func (p programs) Exec(_ context.Context, _ types.NamespacedName, container string, command []string) (string, error) {
	err, exists := p[container+" "+command[0]]
	if !exists {
		return "", errors.New(`Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "0f": ` +
			`OCI runtime exec failed: exec failed: unable to start container process: exec: "` + command[0] + `": executable file not found in $PATH: unknown`)
	}
	return "", err
}

func ended(code int, said string) error {
	return exec.CodeExitError{Err: errors.New(said), Code: code}
}

func TestSend(t *testing.T) {
	denied := apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "web-1", errors.New(`User "viewer" cannot create resource "pods/exec" in API group ""`))
	unknown := diagnosis.Failure{Kind: diagnosis.Unresolved, Said: "curl: (6) Could not resolve host: api"}
	for _, test := range []struct {
		name     string
		programs programs
		failure  *diagnosis.Failure
		notSent  string
	}{
		{"curl", programs{"web curl": nil, "web wget": errors.New("not asked")}, nil, ""},
		{"wget", programs{"web wget": nil}, nil, ""},
		{"curl fails", programs{"web curl": ended(6, unknown.Said), "web wget": nil}, &unknown, ""},
		{"exit code of a missing program", programs{"web curl": ended(127, "exit code 127"), "web wget": nil}, nil, ""},
		{"none", programs{}, nil, "container web of Deployment shop/web has neither curl nor wget: --debug-image=IMAGE adds a container that has"},
		{"denied", programs{"web curl": denied}, nil, "you may not run commands in pods of Deployment shop/web (create pods/exec)"},
		{"no way", programs{"web curl": errors.New("error dialing backend")}, nil, "cannot run curl in container web of pod web-1: error dialing backend"},
	} {
		t.Run(test.name, func(t *testing.T) {
			pod := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "web"}, {Name: "sidecar"}}}}
			pod.Namespace, pod.Name = "shop", "web-1"
			r := &diagnosis.Request{Client: "Deployment shop/web", URL: "http://api:8000/health", Pod: pod}
			require.NoError(t, (&verifier{executor: test.programs}).send(t.Context(), r))
			require.Equal(t, test.failure, r.Failure)
			require.Equal(t, test.notSent, r.NotSent)
		})
	}
	t.Run("connection lost", func(t *testing.T) {
		r := &diagnosis.Request{Pod: &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "web"}}}}}
		require.ErrorIs(t, (&verifier{executor: programs{"web curl": io.ErrUnexpectedEOF}}).send(t.Context(), r), io.ErrUnexpectedEOF)
	})
}

// TestRequestHeaders wants those of the probe.
func TestRequestHeaders(t *testing.T) {
	r := &diagnosis.Request{URL: "http://api:8000/health", Headers: []corev1.HTTPHeader{{Name: "Host", Value: "shop.example.com"}, {Name: "X-Empty"}}}
	require.Equal(t, [][]string{
		{"curl", "-fsS", "-m", "5", "-o", "/dev/null", "-H", "Host: shop.example.com", "-H", "X-Empty;", r.URL},
		{"wget", "-nv", "-t", "1", "-T", "5", "-O", "/dev/null", "--header=Host: shop.example.com", "--header=X-Empty: ", r.URL},
	}, requestCommands(r))
}

func TestIsMissing(t *testing.T) {
	for want, answers := range map[bool][]error{
		true: {
			ended(126, "command terminated with exit code 126"),
			ended(127, "command terminated with exit code 127"),
			ended(255, "command terminated with exit code 255: executable file `curl` not found in $PATH: No such file or directory"),
			errors.New(`error executing command in container: failed to exec in container: exec: "/bin/curl": stat /bin/curl: no such file or directory: unknown`),
			errors.New(`error executing command in container: failed to exec in container: rpc status: code: INTERNAL message: "the file curl was not found"`),
		},
		false: {
			ended(6, "curl: (6) Could not resolve host: api"),
			ended(22, "curl: (22) The requested URL returned error: 404"),
			ended(1, "wget: server returned error: HTTP/1.1 404 Not Found"),
			errors.New(`container not found ("web")`),
			errors.New("error dialing backend: dial tcp: lookup node-1: no such host"),
		},
	} {
		for _, answer := range answers {
			require.Equal(t, want, isMissing(answer), answer.Error())
		}
	}
}
