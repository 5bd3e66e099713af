package rollout

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/certificates"
	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/nginx"
)

const (
	host = "ai-platform.example.com"

	// fakeName is of the certificate that ingress-nginx has for hosts without one: internal/net/ssl/ssl.go.
	fakeName = "Kubernetes Ingress Controller Fake Certificate"
)

// webServer is an nginx of Debian's on loopback, in place of an ingress controller: a port for each way to answer.
type webServer struct {
	folder string
	ports  map[string]string
}

// answer is what nginx does with a request to one of its ports, which has a certificate or speaks HTTP.
type answer struct{ name, certificate, does string }

var answers = []answer{
	{"valid", "valid", "return 200;"},
	{"expired", "expired", "return 200;"},
	{"wrong-host", "wrong-host", "return 200;"},
	{"self-signed", "self-signed", "return 200;"},
	{"fake", "fake", "return 404;"},
	{"missing", "valid", "return 404;"},
	{"unavailable", "valid", "return 503;"},
	{"closed", "valid", "proxy_pass http://127.0.0.1:1;"},
	{"redirect", "", "return 308 https://$host$request_uri;"},
}

func startNginx(t *testing.T) *webServer {
	t.Helper()
	n := &webServer{folder: t.TempDir(), ports: map[string]string{"none": "1"}} // Of tcpmux: nobody listens to it.
	n.makeCertificates(t)
	ports, err := cluster.FreePorts(len(answers))
	require.NoError(t, err)
	var servers strings.Builder
	for i, a := range answers {
		n.ports[a.name] = strconv.Itoa(ports[i])
		tls := ""
		if a.certificate != "" {
			tls = fmt.Sprintf(" ssl;\n    ssl_certificate %s.pem;\n    ssl_certificate_key %[1]s.key", a.certificate)
		}
		fmt.Fprintf(&servers, "  server {\n    listen %s%s;\n    location / { %s }\n  }\n", n.address(a.name), tls, a.does)
	}
	n.write(t, "nginx.conf", []byte(nginx.Configuration(servers.String())))

	command := exec.Command("nginx", "-p", n.folder, "-c", "nginx.conf")
	var log bytes.Buffer
	command.Stderr = &log
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		require.NoError(t, command.Process.Signal(syscall.SIGQUIT))
		require.NoError(t, command.Wait(), log.String())
	})
	eventually(t, func() error { return nginx.Listening(n.address("valid")) })
	return n
}

func (n *webServer) address(name string) string { return "127.0.0.1:" + n.ports[name] }

// flags make the command connect to a port, and trust the authority.
func (n *webServer) flags(name string) []string {
	return []string{"--address=" + n.address(name), "--ca=" + filepath.Join(n.folder, "authority.pem")}
}

// step also limits the command to the step ingress.
func (n *webServer) step(name string) []string { return append(n.flags(name), "--steps=ingress") }

// makeCertificates makes those of a certificate authority, and two that are signed by nobody else.
func (n *webServer) makeCertificates(t *testing.T) {
	t.Helper()
	authority, err := certificates.New("Test Authority")
	require.NoError(t, err)
	n.write(t, "authority.pem", authority.Certificate)
	for _, issued := range []struct {
		name, host string
		days       int
	}{{"valid", host, 90}, {"expired", host, -1}, {"wrong-host", "other.example.com", 90}} {
		pair, err := authority.Issue(time.Now().AddDate(0, 0, issued.days), issued.host)
		require.NoError(t, err)
		n.writePair(t, issued.name, pair)
	}
	selfSigned, err := certificates.New(host, host)
	require.NoError(t, err)
	n.writePair(t, "self-signed", selfSigned.Pair)
	fake, err := certificates.New(fakeName, "ingress.local")
	require.NoError(t, err)
	n.writePair(t, "fake", fake.Pair)
}

func (n *webServer) writePair(t *testing.T, name string, pair certificates.Pair) {
	t.Helper()
	n.write(t, name+".pem", pair.Certificate)
	n.write(t, name+".key", pair.Key)
}

func (n *webServer) write(t *testing.T, file string, content []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(n.folder, file), content, 0o600))
}
