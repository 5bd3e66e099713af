package rollout

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	host = "ai-platform.example.com"

	// fakeName is of the certificate that ingress-nginx has for hosts without one: internal/net/ssl/ssl.go.
	fakeName = "Kubernetes Ingress Controller Fake Certificate"
)

// nginx is a server of Debian's on loopback, in place of an ingress controller: a port for each way to answer.
type nginx struct {
	folder string
	ports  map[string]string
}

// answer is what nginx does with a request to one of its ports, which has a certificate or speaks HTTP.
type answer struct{ Name, Certificate, Does, Port string }

var answers = []answer{
	{Name: "valid", Certificate: "valid", Does: "return 200;"},
	{Name: "expired", Certificate: "expired", Does: "return 200;"},
	{Name: "wrong-host", Certificate: "wrong-host", Does: "return 200;"},
	{Name: "self-signed", Certificate: "self-signed", Does: "return 200;"},
	{Name: "fake", Certificate: "fake", Does: "return 404;"},
	{Name: "missing", Certificate: "valid", Does: "return 404;"},
	{Name: "unavailable", Certificate: "valid", Does: "return 503;"},
	{Name: "closed", Certificate: "valid", Does: "proxy_pass http://127.0.0.1:1;"},
	{Name: "redirect", Does: "return 308 https://$host$request_uri;"},
}

var nginxConfiguration = template.Must(template.New("").Parse(`
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; scgi_temp_path temp; uwsgi_temp_path temp;
  {{range .}}
  server {
    listen 127.0.0.1:{{.Port}}{{if .Certificate}} ssl;
    ssl_certificate {{.Certificate}}.pem;
    ssl_certificate_key {{.Certificate}}.key{{end}};
    location / { {{.Does}} }
  }
  {{end}}
}
`))

func startNginx(t *testing.T) *nginx {
	t.Helper()
	n := &nginx{folder: t.TempDir(), ports: map[string]string{"none": "1"}} // Of tcpmux: nobody listens to it.
	n.makeCertificates(t)
	all := slices.Clone(answers)
	var listeners []net.Listener
	for i := range all {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		listeners = append(listeners, listener) // Held until all are found, so that they differ.
		_, all[i].Port, err = net.SplitHostPort(listener.Addr().String())
		require.NoError(t, err)
		n.ports[all[i].Name] = all[i].Port
	}
	for _, listener := range listeners {
		require.NoError(t, listener.Close())
	}
	var configuration bytes.Buffer
	require.NoError(t, nginxConfiguration.Execute(&configuration, all))
	require.NoError(t, os.WriteFile(filepath.Join(n.folder, "nginx.conf"), configuration.Bytes(), 0o600))

	command := exec.Command("nginx", "-p", n.folder, "-c", "nginx.conf")
	var log bytes.Buffer
	command.Stderr = &log
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		require.NoError(t, command.Process.Signal(syscall.SIGQUIT))
		require.NoError(t, command.Wait(), log.String())
	})
	eventually(t, func() error {
		connection, err := net.DialTimeout("tcp", n.address("valid"), time.Second)
		if err != nil {
			return err
		}
		return connection.Close()
	})
	return n
}

func (n *nginx) address(name string) string { return "127.0.0.1:" + n.ports[name] }

// flags make the command connect to a port, and trust the authority.
func (n *nginx) flags(name string) []string {
	return []string{"--address=" + n.address(name), "--ca=" + filepath.Join(n.folder, "authority.pem")}
}

// step also limits the command to the step ingress.
func (n *nginx) step(name string) []string { return append(n.flags(name), "--steps=ingress") }

// makeCertificates uses openssl as a certificate authority.
func (n *nginx) makeCertificates(t *testing.T) {
	t.Helper()
	n.openssl(t, `req -x509 -subj "/CN=Test Authority" -days 2 -out authority.pem -keyout authority.key`)
	for name, certificate := range map[string]struct{ host, days string }{
		"valid": {host, "90"}, "expired": {host, "-1"}, "wrong-host": {"other.example.com", "90"},
	} {
		n.openssl(t, fmt.Sprintf("req -subj /CN=%s -addext subjectAltName=DNS:%[1]s -out %s.csr -keyout %[2]s.key", certificate.host, name))
		n.run(t, fmt.Sprintf("x509 -req -in %s.csr -copy_extensions copy -CA authority.pem -CAkey authority.key -CAcreateserial -days %s -out %[1]s.pem", name, certificate.days))
	}
	n.openssl(t, fmt.Sprintf("req -x509 -subj /CN=%s -addext subjectAltName=DNS:%[1]s -days 90 -out self-signed.pem -keyout self-signed.key", host))
	n.openssl(t, fmt.Sprintf(`req -x509 -subj "/CN=%s" -addext subjectAltName=DNS:ingress.local -days 90 -out fake.pem -keyout fake.key`, fakeName))
}

// openssl makes a key too.
func (n *nginx) openssl(t *testing.T, args string) {
	t.Helper()
	n.run(t, args+" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc")
}

func (n *nginx) run(t *testing.T, args string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-c", "openssl "+args)
	command.Dir = n.folder
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s\n%s", args, strings.TrimSpace(string(output)))
}
