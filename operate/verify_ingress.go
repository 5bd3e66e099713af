package operate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"github.com/ai-platform/manifests/operate/internal/diagnosis"
)

const (
	// requestTimeout is longer than ingress controllers wait for a connection to the application by default, which is 5 s for
	// ingress-nginx (proxy-connect-timeout).
	requestTimeout = 10 * time.Second

	// expiryNotice is less than the third of a certificate's life before whose end cert-manager renews it, for 90 days and more.
	expiryNotice = 7 * 24 * time.Hour

	// longestText is how much of an answer's text is read.
	longestText = 100
)

// verifyIngress requests each host, and looks into the cluster only if one does not answer.
func (v *verifier) verifyIngress(ctx context.Context, state *diagnosis.State) (diagnosis.Result, error) {
	if err := v.readForeignGateways(ctx, state); err != nil {
		return diagnosis.Result{}, err
	}
	all, err := state.Hosts()
	if err != nil {
		return diagnosis.Result{}, err
	}
	var hosts []diagnosis.Host
	for _, host := range all {
		if host.Name == "" || strings.HasPrefix(host.Name, "*") {
			by := host.Publisher()
			v.note(fmt.Sprintf("host %q of %s %s is not requested: it stands for any", host.Name, by.Kind, by.Name))
			continue
		}
		hosts = append(hosts, host)
	}
	if len(hosts) == 0 {
		return diagnosis.Result{Summary: "no Ingress or HTTPRoute with a host is declared", NotChecked: true}, nil
	}
	answers := make([]diagnosis.Answer, len(hosts))
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, host := range hosts {
		group.Go(func() error {
			answers[i] = v.requests.send(ctx, host)
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return diagnosis.Result{}, err
	}
	if slices.ContainsFunc(answers, func(a diagnosis.Answer) bool { return !a.Works() }) {
		if err := v.readEntry(ctx, state, answers); err != nil {
			return diagnosis.Result{}, err
		}
	}
	v.noteExpiry(answers)
	return diagnosis.Ingress(state, answers), nil
}

// noteExpiry warns of certificates that should have been renewed.
func (v *verifier) noteExpiry(answers []diagnosis.Answer) {
	for _, a := range answers {
		if c := a.Certificate; c != nil && time.Until(c.NotAfter) < expiryNotice {
			v.note(fmt.Sprintf("the certificate of %s expires at %s: see why it is not renewed: kubectl%s get certificates -A", a.Name, c.NotAfter.UTC().Format(time.RFC3339), v.flags))
		}
	}
}

// requests send one to each host.
type requests struct {
	address string
	ca      string
	trusted *x509.CertPool // Nil means the system's.
}

func (r *requests) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&r.address, "address", "", "connect to this `host[:port]` instead of the address that DNS has (default: from DNS)")
	flags.StringVar(&r.ca, "ca", "", "`file` of certificates, in PEM, to trust in addition to the system's")
}

// check wants usable flags.
func (r *requests) check() error {
	if _, err := r.target("localhost:443"); err != nil {
		return Usage(fmt.Errorf("--address=%s: must be a host or an IP address, and may have a port: %w", r.address, err))
	}
	if r.ca == "" {
		return nil
	}
	content, err := os.ReadFile(r.ca)
	if err != nil {
		return Usage(fmt.Errorf("--ca=%s: %w", r.ca, err))
	}
	if r.trusted, err = x509.SystemCertPool(); err != nil {
		return fmt.Errorf("read the system's certificates: %w", err)
	}
	if !r.trusted.AppendCertsFromPEM(content) {
		return Usage(fmt.Errorf("--ca=%s: contains no certificate in PEM", r.ca))
	}
	return nil
}

// target replaces an address with that of the flag, and keeps the port if the flag has none.
func (r *requests) target(address string) (string, error) {
	if r.address == "" {
		return address, nil
	}
	host, port, err := net.SplitHostPort(r.address)
	if err != nil {
		_, port, _ = net.SplitHostPort(address)
		host = strings.TrimSuffix(strings.TrimPrefix(r.address, "["), "]")
		if _, err := netip.ParseAddr(host); err != nil && strings.ContainsAny(host, ":/[]") {
			return "", errors.New("invalid host")
		}
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil || host == "" {
		return "", errors.New("invalid host or port")
	}
	return net.JoinHostPort(host, port), nil
}

// send requests a host's path. What goes wrong is in the answer.
func (r *requests) send(ctx context.Context, host diagnosis.Host) diagnosis.Answer {
	answer, way := diagnosis.Answer{Host: host}, &way{requests: r}
	ctx, cancel := context.WithTimeout(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{DNSDone: way.resolved}), requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, host.URL(), nil)
	if err != nil {
		answer.Err = err
		return answer
	}
	transport := &http.Transport{
		DialContext: way.dial, DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: r.trusted, MinVersion: tls.VersionTLS12},
	}
	if r.address == "" {
		transport.Proxy = http.ProxyFromEnvironment
	}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	answer.Way = way.taken()
	if err != nil {
		answer.Err = err
		return answer
	}
	defer response.Body.Close()
	answer.Status, answer.Location = response.StatusCode, response.Header.Get("Location")
	if response.TLS != nil {
		answer.Certificate = response.TLS.PeerCertificates[0]
	}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") {
		var text []byte
		text, answer.Err = io.ReadAll(io.LimitReader(response.Body, longestText))
		answer.Text = string(text)
	}
	return answer
}

// way notes how a request gets to the server. A connection may still be made after its request was given up.
type way struct {
	*requests
	mutex sync.Mutex
	so    diagnosis.Way
}

func (w *way) taken() diagnosis.Way {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.so
}

func (w *way) resolved(info httptrace.DNSDoneInfo) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.so.Resolved = nil
	for _, address := range info.Addrs {
		w.so.Resolved = append(w.so.Resolved, address.String())
	}
}

func (w *way) dial(ctx context.Context, network, address string) (net.Conn, error) {
	address, err := w.target(address)
	if err != nil {
		return nil, err
	}
	w.note(address, false)
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		if failed := (&net.OpError{}); errors.As(err, &failed) && failed.Addr != nil {
			w.note(failed.Addr.String(), false)
		}
		return nil, err
	}
	w.note(conn.RemoteAddr().String(), true)
	return conn, nil
}

func (w *way) note(target string, connected bool) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.so.Target, w.so.Connected = target, connected
}
