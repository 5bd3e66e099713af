//go:build linux

package servers

import (
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/ai-platform/manifests/test/certificates"
	"github.com/ai-platform/manifests/test/nginx"
)

const (
	blackboxFile = "65-blackbox-exporter.k8s.yaml"
	blackboxName = "ai-platform-blackbox-exporter"

	frontendName = "ai-platform-frontend"
	publicHost   = "ai-platform.example.com"
)

// Addresses of the pods.
const (
	frontendAddress   = "127.0.2.1"
	controllerAddress = "127.0.2.2"
	exporterAddress   = "127.0.0.1"
)

// TestBlackboxExporter has a real Prometheus and a real exporter watch a web server with static pages, which exports nothing, behind
// another one that has the host's certificate.
func TestBlackboxExporter(t *testing.T) {
	inOwnNetwork(t, func(t *testing.T) {
		ca := newAuthority(t)
		nameServer{
			frontendName + "." + namespaceDomain + ".":         {net.ParseIP(frontendAddress)},
			blackboxName + "." + namespaceDomain + ".":         {net.ParseIP(exporterAddress)},
			blackboxName + "-metrics." + namespaceDomain + ".": {net.ParseIP(exporterAddress)},
			publicHost + ".": {net.ParseIP(controllerAddress)},
		}.serve(t)
		exporter := newBlackboxExporter(t, production, ca)
		exporter.start(t)
		prometheus := newHurriedPrometheus(t)
		frontend := startFrontend(t, 200)
		controller := startController(t, ca, 60, frontendAddress)
		prometheus.start(t)

		requireProbes(t, prometheus, 3)
		var metrics []string
		for _, series := range query(t, prometheus, `group by (__name__) ({job="`+frontendName+`"})`) {
			metrics = append(metrics, series["__name__"])
		}
		requireMetrics(t, frontendName, metrics)
		requireFiring(t, prometheus)

		t.Log("there is no page")
		require.NoError(t, frontend.stop(t, syscall.SIGQUIT))
		frontend = startFrontend(t, 404)
		requireFiring(t, prometheus, "ProbeFailing", "PublicHostDown")

		t.Log("nothing answers")
		require.NoError(t, frontend.stop(t, syscall.SIGQUIT))
		requireFiring(t, prometheus, "TierDown")

		t.Log("all is well again")
		startFrontend(t, 200)
		requireFiring(t, prometheus)

		t.Log("the controller finds no server")
		require.NoError(t, controller.stop(t, syscall.SIGQUIT))
		controller = startController(t, ca, 60, "127.0.2.9")
		requireFiring(t, prometheus, "PublicHostDown")

		for _, c := range []struct {
			days  int
			alert string
		}{{13, "PublicCertificateExpiring"}, {2, "PublicCertificateAboutToExpire"}, {-1, "PublicHostDown"}} {
			t.Logf("the certificate has %d days left", c.days)
			require.NoError(t, controller.stop(t, syscall.SIGQUIT))
			controller = startController(t, ca, c.days, frontendAddress)
			requireFiring(t, prometheus, c.alert)
		}

		t.Log("the exporter is gone")
		require.NoError(t, exporter.process.quit())
		requireFiring(t, prometheus, "TierDown of "+blackboxName)
	})
}

// Staging's issuer signs with a key that nobody trusts: the host is up all the same, and its certificate is watched.
func TestBlackboxExporterOfStaging(t *testing.T) {
	inOwnNetwork(t, func(t *testing.T) {
		host := "staging." + publicHost
		nameServer{host + ".": {net.ParseIP(controllerAddress)}}.serve(t)
		exporter := newBlackboxExporter(t, staging, newAuthority(t))
		exporter.start(t)
		startFrontend(t, 200)
		startController(t, newAuthority(t), 60, frontendAddress)

		exported, err := scrape(exporter.url("/probe?module=http_tls_any_certificate&target=https://" + host + "/"))
		require.NoError(t, err)
		require.Equal(t, "1", exported["probe_success"])
		require.Contains(t, exported, "probe_ssl_earliest_cert_expiry")
	})
}

// A host that redirects to plain HTTP answers, and is down all the same.
func TestBlackboxExporterOfPlainHTTP(t *testing.T) {
	inOwnNetwork(t, func(t *testing.T) {
		nameServer{publicHost + ".": {net.ParseIP(controllerAddress)}}.serve(t)
		ca := newAuthority(t)
		exporter := newBlackboxExporter(t, production, ca)
		exporter.start(t)
		startHost(t, ca, 60, `if ($scheme = https) { return 302 http://$host/; } return 200 "page";`)

		exported, err := scrape(exporter.url("/probe?module=http_tls&target=https://" + publicHost + "/"))
		require.NoError(t, err)
		require.Equal(t, "200", exported["probe_http_status_code"])
		require.Equal(t, "0", exported["probe_success"])
	})
}

// newBlackboxExporter makes one that trusts an authority, as the image trusts those of the public.
func newBlackboxExporter(t *testing.T, from delivery, trusted *certificates.Authority) *sandbox {
	t.Helper()
	program, err := blackboxExporter()
	require.NoError(t, err)
	const inside = "/bin/blackbox_exporter"
	s := newSandbox(t, from, blackboxFile, blackboxName, inside, corev1.Secret{})
	s.mount(true, program, inside)
	file := filepath.Join(newFolder(t), "authority.pem")
	writeFile(t, file, string(trusted.Certificate))
	s.mount(true, file, "/etc/ssl/certs/ca-certificates.crt")
	return s
}

// newHurriedPrometheus makes a Prometheus that scrapes and evaluates more often than production's, and whose alerts wait for less.
func newHurriedPrometheus(t *testing.T) *sandbox {
	t.Helper()
	s := newPrometheus(t)
	s.edit(t, "prometheus.yml", func(text string) string {
		return replaceOnce(t, replaceOnce(t, text, "scrape_interval: 30s", "scrape_interval: 2s"), "evaluation_interval: 30s", "evaluation_interval: 1s")
	})
	s.edit(t, "rules.yml", func(text string) string {
		return regexp.MustCompile(`(?m)^( +for): .*$`).ReplaceAllString(text, "$1: 1s")
	})
	return s
}

// startFrontend starts a web server with a page that is answered with a status, and with nothing else but /health.
func startFrontend(t *testing.T, status int) *process {
	t.Helper()
	return startNginx(t, frontendAddress+":80", fmt.Sprintf(`listen %s:80;
    location = /health { return 200 "ok"; }
    location = / { return %d "<title>page</title>"; }`, frontendAddress, status))
}

// startController starts a web server that has the host's certificate, and leads to the frontend at an address.
func startController(t *testing.T, ca *certificates.Authority, days int, frontend string) *process {
	t.Helper()
	return startHost(t, ca, days, "proxy_pass http://"+frontend+":80;")
}

// startHost starts a web server that has the host's certificate, and answers every request in one way.
func startHost(t *testing.T, ca *certificates.Authority, days int, answer string) *process {
	t.Helper()
	issued, err := ca.Issue(time.Now().AddDate(0, 0, days), publicHost, "staging."+publicHost)
	require.NoError(t, err)
	file := filepath.Join(newFolder(t), "host.pem")
	writeFile(t, file, string(issued.Certificate)+string(issued.Key))
	return startNginx(t, controllerAddress+":443", fmt.Sprintf(`listen %[1]s:80;
    listen %[1]s:443 ssl;
    ssl_certificate %[2]s;
    ssl_certificate_key %[2]s;
    location / { %[3]s }`, controllerAddress, file, answer))
}

// startNginx starts an nginx with one server, and waits until it listens.
func startNginx(t *testing.T, address, server string) *process {
	t.Helper()
	// As in the frontend's pods.
	require.NoError(t, os.WriteFile("/proc/sys/net/ipv4/ip_unprivileged_port_start", []byte("0"), 0))
	folder := newFolder(t)
	writeFile(t, filepath.Join(folder, "nginx.conf"), nginx.Configuration("  server {\n    "+server+"\n  }"))
	p := start(t, variables{"PATH": "/usr/sbin:/usr/bin:/bin"}, "nginx", "-p", folder, "-c", "nginx.conf")
	p.until(t, func() error { return nginx.Listening(address) })
	return p
}

// requireProbes waits until all probes of the frontend are made, and succeed.
func requireProbes(t *testing.T, prometheus *sandbox, count int) {
	t.Helper()
	prometheus.process.within(t, alertDeadline, func() error {
		if found := query(t, prometheus, `probe_success{job="`+frontendName+`",namespace="ai-platform",component="frontend"} == 1`); len(found) != count {
			return fmt.Errorf("%d probes succeed: %v", len(found), found)
		}
		return nil
	})
}

// requireFiring waits until exactly these alerts fire of the frontend, or of the exporter. Nobody else is there. Whether an answer is
// slow is up to this machine.
func requireFiring(t *testing.T, prometheus *sandbox, wanted ...string) {
	t.Helper()
	slices.Sort(wanted)
	prometheus.process.within(t, alertDeadline, func() error {
		firing := map[string]bool{}
		for _, found := range ask[alerts](t, prometheus, "alerts", nil).Alerts {
			switch found.Labels["job"] {
			case frontendName:
				firing[found.Labels["alertname"]] = true
			case blackboxName:
				firing[found.Labels["alertname"]+" of "+blackboxName] = true
			}
		}
		delete(firing, "PublicHostSlow")
		if found := slices.Sorted(maps.Keys(firing)); !slices.Equal(found, wanted) {
			return fmt.Errorf("fire %v, not %v", found, wanted)
		}
		return nil
	})
}

func newAuthority(t *testing.T) *certificates.Authority {
	t.Helper()
	ca, err := certificates.New("Test Authority")
	require.NoError(t, err)
	return ca
}
