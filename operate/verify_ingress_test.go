package operate

import (
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ai-platform/manifests/operate/internal/diagnosis"
)

func TestRequestAddress(t *testing.T) {
	for address, want := range map[string]string{
		"": "shop.example.com:443", "203.0.113.7": "203.0.113.7:443", "203.0.113.7:8443": "203.0.113.7:8443", "lb.example.com": "lb.example.com:443",
		"2001:db8::7": "[2001:db8::7]:443", "[2001:db8::7]": "[2001:db8::7]:443", "[2001:db8::7]:8443": "[2001:db8::7]:8443",
	} {
		r := requests{address: address}
		found, err := r.target("shop.example.com:443")
		require.NoError(t, err, address)
		require.Equal(t, want, found)
	}
	for _, address := range []string{"https://lb.example.com", "lb.example.com:", ":443", "lb.example.com:https", "lb.example.com:65536", "a:b:c"} {
		r := requests{address: address}
		err := r.check()
		require.ErrorContains(t, err, "--address="+address+": must be a host or an IP address, and may have a port")
		require.Equal(t, ExitUsage, ExitCode(err))
	}
}

func TestRequestAuthority(t *testing.T) {
	missing, empty := filepath.Join(t.TempDir(), "missing.pem"), filepath.Join(t.TempDir(), "empty.pem")
	require.NoError(t, os.WriteFile(empty, []byte("nothing"), 0o600))
	for file, want := range map[string]string{missing: "no such file or directory", empty: "contains no certificate in PEM"} {
		err := (&requests{ca: file}).check()
		require.ErrorContains(t, err, "--ca="+file+": ")
		require.ErrorContains(t, err, want)
		require.Equal(t, ExitUsage, ExitCode(err))
	}
}

// TestRequest has a server with a certificate for example.com.
func TestRequest(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Host != "example.com" || r.TLS.ServerName != "example.com":
			w.WriteHeader(http.StatusMisdirectedRequest)
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "https://other.example.net/", http.StatusFound)
		case r.URL.Path == "/missing":
			http.Error(w, "default backend - 404", http.StatusNotFound)
		}
	}))
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	address := server.Listener.Addr().String()
	send := func(r requests, name, path string) diagnosis.Answer {
		require.NoError(t, r.check())
		return r.send(t.Context(), diagnosis.Host{Name: name, Path: path, Secured: &diagnosis.Holder{}})
	}
	trusting := requests{address: address, ca: ca}

	answer := send(trusting, "example.com", "/")
	require.NoError(t, answer.Err)
	require.True(t, answer.Works())
	require.Equal(t, server.Certificate().SerialNumber, answer.Certificate.SerialNumber)
	require.Equal(t, diagnosis.Way{Target: address, Connected: true}, answer.Way)

	answer = send(trusting, "example.com", "/moved")
	require.Equal(t, []any{http.StatusFound, "https://other.example.net/"}, []any{answer.Status, answer.Location})

	answer = send(trusting, "example.com", "/missing")
	require.Equal(t, []any{http.StatusNotFound, "default backend - 404\n"}, []any{answer.Status, answer.Text})

	require.ErrorContains(t, send(trusting, "example.org", "/").Err, "certificate is valid for ")
	require.ErrorContains(t, send(requests{address: address}, "example.com", "/").Err, "signed by unknown authority")

	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	answer = send(requests{address: "localhost:" + port, ca: ca}, "example.com", "/")
	require.NoError(t, answer.Err)
	require.Contains(t, answer.Resolved, "127.0.0.1")
}

func TestIngressNotRequested(t *testing.T) {
	v := &verifier{requests: &requests{}}
	nothing := diagnosis.Result{Summary: "no Ingress or HTTPRoute with a host is declared", NotChecked: true}
	found, err := v.verifyIngress(t.Context(), &diagnosis.State{})
	require.NoError(t, err)
	require.Equal(t, nothing, found)

	wildcard := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": map[string]any{"name": "shop"},
		"spec": map[string]any{"rules": []any{map[string]any{"host": "*.example.com"}}},
	}}
	found, err = v.verifyIngress(t.Context(), &diagnosis.State{Declared: []*unstructured.Unstructured{wildcard}})
	require.NoError(t, err)
	require.Equal(t, nothing, found)
	require.Equal(t, []string{`host "*.example.com" of Ingress shop is not requested: it stands for any`}, v.notes)

	wildcard.Object["spec"] = map[string]any{"rules": "none"}
	_, err = v.verifyIngress(t.Context(), &diagnosis.State{Declared: []*unstructured.Unstructured{wildcard}})
	require.ErrorContains(t, err, "Ingress shop: ")
}

func TestCertificateExpiry(t *testing.T) {
	v := &verifier{flags: " --context=c"}
	answer := func(name string, left time.Duration) diagnosis.Answer {
		return diagnosis.Answer{Host: diagnosis.Host{Name: name}, Certificate: &x509.Certificate{NotAfter: time.Now().Add(left)}}
	}
	v.noteExpiry([]diagnosis.Answer{answer("a.example.com", 8*24*time.Hour), answer("b.example.com", 6*24*time.Hour), {}})
	require.Len(t, v.notes, 1)
	require.Regexp(t, `^the certificate of b.example.com expires at \S+: see why it is not renewed: kubectl --context=c get certificates -A$`, v.notes[0])
}
