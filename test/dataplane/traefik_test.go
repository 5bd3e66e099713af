//go:build linux

package dataplane

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/constructs"
)

// deadline is for what takes far less on a machine that does nothing else.
const deadline = 2 * time.Minute

type object = map[string]any

// standIn is a server in place of a tier's pods.
type standIn struct{ service, address string }

var (
	pages = standIn{"shop-pages", "10.99.0.1"}
	api   = standIn{"shop-api", "10.99.0.2"}
)

// standInPort is another port than the Services have, as the containers may.
const standInPort = 18080

func TestIngress(t *testing.T) {
	// Traefik has no annotation for a redirect: its entry point redirects all hosts.
	start(t, "ingress", []string{
		"--providers.kubernetesingress", "--entrypoints.websecure.http.tls",
		"--entrypoints.web.http.redirections.entrypoint.to=websecure", "--entrypoints.web.http.redirections.entrypoint.permanent",
	}, func(props *constructs.IngressProps) {
		props.Controller = constructs.IngressController{Profile: constructs.ProfileTraefik, Redirects: true}
		props.Routes[1].Path = "/account/login"
	}, object{
		"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": object{"name": "traefik"},
		"spec": object{"controller": "traefik.io/ingress-controller"},
	})
	// Of an Ingress, unlike of HTTPRoutes, Traefik takes a prefix by its letters, unless it has the option strictPrefixMatching. The longer of two
	// rules decides, and "PathPrefix(`/`)" is longer than "Path(`/login`)", which the profile refuses, but not than "Path(`/account/login`)".
	// https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-ingress/
	// https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/
	requireRouted(t, api, pages)
	requireAnswer(t, "https://shop.example.com/account/login", answer{status: http.StatusOK, from: api.service, host: "shop.example.com"})
}

func TestGateway(t *testing.T) {
	start(t, "gateway", []string{"--providers.kubernetesgateway", "--providers.kubernetesgateway.statusaddress.ip=" + pages.address}, func(props *constructs.IngressProps) {
		props.Routes = append(props.Routes, constructs.IngressRoute{Host: "plain.example.com", Tier: props.Routes[0].Tier})
		props.TLS = append(props.TLS, constructs.IngressTLS{Host: "plain.example.com", Disable: true})
		props.Gateway = &constructs.Gateway{
			ClassName: "traefik", HTTPPort: 80, HTTPSPort: 443, Proxy: constructs.GatewayProxy{Profile: constructs.GatewayTraefik},
		}
	}, gatewayClass)
	requireRouted(t, pages, api)
	requireAnswer(t, "http://plain.example.com/", answer{status: http.StatusOK, from: api.service})
	requireConditions(t, "gateway", "gateway/shop-web", "{range .status.conditions[*]}{.type}={.status} {end}", "Accepted=True", "Programmed=True")
	for _, route := range []string{"shop-web", "shop-web-api.example.com", "shop-web-plain.example.com", "shop-web-redirect"} {
		requireConditions(t, "gateway", "httproute/"+route, "{range .status.parents[*].conditions[*]}{.type}={.status} {end}", "Accepted=True", "ResolvedRefs=True")
	}
}

func TestSharedGateway(t *testing.T) {
	listener := func(name, protocol string, port int, more object) object {
		listener := object{"name": name, "protocol": protocol, "port": port, "allowedRoutes": object{"namespaces": object{"from": "All"}}}
		maps.Copy(listener, more)
		return listener
	}
	start(t, "shared", []string{"--providers.kubernetesgateway"}, func(props *constructs.IngressProps) {
		props.TLSSecretName, props.TLS = "", nil
		props.Gateway = &constructs.Gateway{Name: "public", Namespace: "shared-infra", Proxy: constructs.GatewayProxy{Profile: constructs.GatewayTraefik}}
	}, gatewayClass,
		object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": "shared-infra"}},
		secret(t, "shared-infra", "all", "shop.example.com", "api.example.com"),
		object{
			"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": object{"name": "public", "namespace": "shared-infra"},
			"spec": object{"gatewayClassName": "traefik", "listeners": []any{
				listener("http", "HTTP", 80, nil),
				listener("https", "HTTPS", 443, object{"tls": object{"certificateRefs": []any{object{"name": "all"}}}}),
			}},
		})
	requireRouted(t, pages, api)
}

var gatewayClass = object{
	"apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass", "metadata": object{"name": "traefik"},
	"spec": object{"controllerName": "traefik.io/gateway-controller"},
}

// requireRouted requires what all kinds of configuration promise, and who answers for a path that only begins like a prefix, and for an
// exact path.
func requireRouted(t *testing.T, beside, exact standIn) {
	t.Helper()
	for url, want := range map[string]answer{
		"https://shop.example.com/":              {status: http.StatusOK, from: pages.service, host: "shop.example.com"},
		"https://shop.example.com/cart?full=1":   {status: http.StatusOK, from: pages.service, host: "shop.example.com"},
		"https://shop.example.com/api":           {status: http.StatusOK, from: api.service, host: "shop.example.com"},
		"https://shop.example.com/api/users":     {status: http.StatusOK, from: api.service, host: "shop.example.com"},
		"https://shop.example.com/apis":          {status: http.StatusOK, from: beside.service, host: "shop.example.com"},
		"https://shop.example.com/login":         {status: http.StatusOK, from: exact.service, host: "shop.example.com"},
		"https://shop.example.com/login/again":   {status: http.StatusOK, from: pages.service, host: "shop.example.com"},
		"https://api.example.com/users":          {status: http.StatusOK, from: api.service, host: "api.example.com"},
		"http://shop.example.com/cart?full=1":    {status: http.StatusMovedPermanently, location: "https://shop.example.com/cart?full=1"},
		"http://api.example.com/":                {status: http.StatusMovedPermanently, location: "https://api.example.com/"},
		"https://unknown.example.com/":           {status: http.StatusNotFound},
		"https://shop.example.com.evil.example/": {status: http.StatusNotFound},
	} {
		requireAnswer(t, url, want)
	}
}

// answer is what a client sees.
type answer struct {
	status   int
	from     string // The stand-in.
	location string
	host     string // For which the certificate is.
}

// requireAnswer asks until the answer is right: the proxy hears of the objects one after the other.
func requireAnswer(t *testing.T, url string, want answer) {
	t.Helper()
	var got answer
	var err error
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if got, err = ask(t.Context(), url, want.host); err == nil && got == want {
			return
		}
	}
	require.NoError(t, err, url)
	require.Equal(t, want, got, url)
}

// ask reports the host only if the certificate is valid for it.
func ask(ctx context.Context, url, host string) (answer, error) {
	client := &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // The certificates are signed by themselves.
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				_, port, err := net.SplitHostPort(address)
				if err != nil {
					return nil, err
				}
				return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
			},
		},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{}, err
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	got := answer{status: response.StatusCode, location: response.Header.Get("Location")}
	if response.StatusCode == http.StatusOK {
		got.from = string(body)
	}
	if response.TLS != nil && response.TLS.PeerCertificates[0].VerifyHostname(host) == nil {
		got.host = host
	}
	return got, nil
}

func requireConditions(t *testing.T, namespace, name, path string, want ...string) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		stdout, _, err := control.Kubectl(t.Context(), "", "get", "--namespace="+namespace, name, "--output=jsonpath="+path)
		require.NoError(c, err)
		require.Subset(c, strings.Fields(stdout), want, name)
		require.NotContains(c, stdout, "Accepted=False", name)
	}, deadline, time.Second)
}

// start publishes the tiers in a namespace of the test, and starts Traefik and the servers behind it.
func start(t *testing.T, namespace string, flags []string, change func(*constructs.IngressProps), more ...object) {
	t.Helper()
	for _, server := range []standIn{pages, api} {
		server.serve(t)
	}
	objects := slices.Concat(more, []object{{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": namespace}}}, []object{
		secret(t, namespace, "shop-tls", "shop.example.com"), secret(t, namespace, "api-tls", "api.example.com"),
		pages.endpoints(namespace), api.endpoints(namespace),
	}, published(t, namespace, change))
	apply(t, objects)
	// What another test has published would be served, too.
	t.Cleanup(func() {
		_, _, err := control.Kubectl(context.Background(), "", "delete", "--namespace="+namespace, "ingress,gateway,httproute", "--all")
		require.NoError(t, err)
	})

	log, err := os.Create(filepath.Join(t.TempDir(), "traefik.log"))
	require.NoError(t, err)
	process := exec.Command(traefik, append(flags,
		"--entrypoints.web.address=:80", "--entrypoints.websecure.address=:443", "--log.level=INFO", "--global.checknewversion=false", "--global.sendanonymoususage=false",
	)...)
	process.Env = []string{"KUBECONFIG=" + control.Kubeconfig(), "HOME=" + t.TempDir()}
	process.Stdout, process.Stderr = log, log
	process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, process.Start())
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
		if t.Failed() {
			written, _ := os.ReadFile(log.Name())
			t.Logf("Traefik:\n%s", written)
		}
	})
}

// published are the Services and what routes requests to them. Pods and policies are left out: nothing runs them.
func published(t *testing.T, namespace string, change func(*constructs.IngressProps)) []object {
	t.Helper()
	files, err := constructs.Render(func(app cdk8s.App) {
		chart := cdk8s.NewChart(app, jsii.String("shop"), &cdk8s.ChartProps{Namespace: jsii.String(namespace)})
		backend := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1"})
		props := constructs.IngressProps{
			Host: "shop.example.com", Tier: constructs.NewFrontend(chart, "pages", constructs.FrontendProps{Image: "pages:1"}),
			Routes: []constructs.IngressRoute{
				{Path: "/api", Tier: backend},
				{Path: "/login", PathType: constructs.PathExact, Tier: backend},
				{Host: "api.example.com", Tier: backend},
			},
			TLS: []constructs.IngressTLS{{Host: "api.example.com", SecretName: "api-tls"}},
		}
		change(&props)
		constructs.NewIngress(chart, "web", props)
	})
	require.NoError(t, err)
	var objects []object
	for _, document := range strings.Split(string(files["shop.k8s.yaml"]), "\n---\n") {
		var decoded object
		require.NoError(t, yaml.Unmarshal([]byte(document), &decoded))
		if slices.Contains([]string{"Service", "Ingress", "Gateway", "HTTPRoute"}, decoded["kind"].(string)) {
			objects = append(objects, decoded)
		}
	}
	return objects
}

func apply(t *testing.T, objects []object) {
	t.Helper()
	for _, o := range objects {
		encoded, err := json.Marshal(o)
		require.NoError(t, err)
		_, _, err = control.Kubectl(t.Context(), string(encoded), "apply", "--server-side", "--filename=-")
		require.NoError(t, err)
	}
}

// serve answers every request with the Service's name.
func (s standIn) serve(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(s.address, fmt.Sprint(standInPort)))
	require.NoError(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s.service) })}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
}

// endpoints lead the Service to the stand-in.
func (s standIn) endpoints(namespace string) object {
	return object{
		"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
		"metadata":  object{"name": s.service + "-stand-in", "namespace": namespace, "labels": object{"kubernetes.io/service-name": s.service}},
		"ports":     []any{object{"name": "http", "port": standInPort, "protocol": "TCP"}},
		"endpoints": []any{object{"addresses": []any{s.address}, "conditions": object{"ready": true, "serving": true}}},
	}
}

// secret has a certificate for the hosts, signed by itself.
func secret(t *testing.T, namespace, name string, hosts ...string) object {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: hosts[0]}, DNSNames: hosts,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	encodedKey, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return object{
		"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": object{"name": name, "namespace": namespace},
		"stringData": object{
			"tls.crt": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})),
			"tls.key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encodedKey})),
		},
	}
}
