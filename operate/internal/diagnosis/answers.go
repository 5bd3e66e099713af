package diagnosis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Answer is what came of a request.
type Answer struct {
	Host
	Way
	Status   int
	Location string // Of a redirect.
	Text     string // Its beginning, if it is plain.
	Err      error

	// Certificate is the server's. Nil without TLS, and if it is not valid.
	Certificate *x509.Certificate
}

// Way is how a request got to the server.
type Way struct {
	Resolved  []string // Addresses in DNS. Nil if it was not asked.
	Target    string   // The address that was tried last, with the port.
	Connected bool
}

// defaultCertificates are those that controllers use if the Ingress's Secret is missing or invalid: ingress-nginx's
// internal/ingress/controller/nginx.go and Traefik's pkg/tls/generate/generate.go.
var defaultCertificates = []string{"Kubernetes Ingress Controller Fake Certificate", "TRAEFIK DEFAULT CERT"}

// Works reports whether the application answers. That a user must log in, or may not send GET, is an answer. 400 is nginx's to plain HTTP
// on a port for TLS, 404 a controller's without a rule for the request, and 421 a server's that is for other names.
func (a *Answer) Works() bool {
	return a.Err == nil && a.Status < 500 && !slices.Contains([]int{http.StatusBadRequest, http.StatusNotFound, http.StatusMisdirectedRequest}, a.Status)
}

// untrusted is the error of a certificate that was not accepted, or nil.
func (a *Answer) untrusted() *tls.CertificateVerificationError {
	var err *tls.CertificateVerificationError
	errors.As(a.Err, &err)
	return err
}

// unresolved is the error of DNS, or nil.
func (a *Answer) unresolved() *net.DNSError {
	var err *net.DNSError
	errors.As(a.Err, &err)
	return err
}

// unconnected says that there was no TCP connection.
func (a *Answer) unconnected() bool { return a.Err != nil && !a.Connected }

// isUnavailable reports whether a controller answers that the application does not.
func (a *Answer) isUnavailable() bool {
	return a.Err == nil && a.Status >= http.StatusBadGateway && a.Status <= http.StatusGatewayTimeout
}

// summary is of one that works.
func (a *Answer) summary() string {
	text := fmt.Sprintf("%s answers %d over HTTP", a.Name, a.Status)
	if a.Certificate != nil {
		text = fmt.Sprintf("%s answers %d over HTTPS, certificate of %s until %s", a.Name, a.Status, issuer(a.Certificate), day(a.Certificate.NotAfter))
	}
	if a.Location != "" {
		text += ", redirects to " + a.Location
	}
	return text
}

// symptom is what one sees from outside.
func (a *Answer) symptom() string {
	switch dns := a.unresolved(); {
	case a.Err == nil:
		return a.status()
	case dns != nil && dns.IsNotFound:
		return dns.Name + " does not exist in DNS"
	case dns != nil:
		return fmt.Sprintf("cannot look up %s: %s", dns.Name, dns.Err)
	case a.untrusted() != nil:
		return certificateError(a.untrusted())
	}
	return a.connectionError()
}

func (a *Answer) status() string {
	text := strings.TrimSpace(fmt.Sprintf("answers %d %s", a.Status, http.StatusText(a.Status)))
	if a.Text != "" {
		text += fmt.Sprintf(" (%s)", oneLine(a.Text))
	}
	return text
}

func (a *Answer) connectionError() string {
	switch {
	case errors.Is(a.Err, http.ErrSchemeMismatch):
		return a.Target + " speaks HTTP instead of TLS"
	case errors.Is(a.Err, syscall.ECONNREFUSED):
		return a.Target + " refuses the connection"
	case isTimeout(a.Err) && a.unconnected():
		return "no connection to " + a.Target + ": timeout"
	case isTimeout(a.Err):
		return "no answer from " + a.Target + ": timeout"
	}
	var wrapped *url.Error
	if errors.As(a.Err, &wrapped) {
		return oneLine(wrapped.Err.Error())
	}
	return oneLine(a.Err.Error())
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// certificateError says why a certificate is not valid.
func certificateError(err *tls.CertificateVerificationError) string {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	certificate := err.UnverifiedCertificates[0]
	switch {
	case isDefault(certificate):
		return fmt.Sprintf("its certificate is the controller's own (%s)", certificate.Subject.CommonName)
	case errors.As(err, &name):
		return fmt.Sprintf("its certificate is for %s", names(certificate))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && certificate.NotBefore.After(time.Now()):
		return "its certificate is not valid before " + day(certificate.NotBefore)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && certificate.NotAfter.Before(time.Now()):
		return "its certificate expired on " + day(certificate.NotAfter)
	case errors.As(err, &authority) && certificate.CheckSignature(certificate.SignatureAlgorithm, certificate.RawTBSCertificate, certificate.Signature) == nil:
		return fmt.Sprintf("its certificate is self-signed (%s)", certificate.Subject)
	case errors.As(err, &authority):
		return fmt.Sprintf("its certificate is of an unknown authority (%s)", certificate.Issuer)
	}
	return "its certificate is invalid: " + oneLine(err.Err.Error())
}

func isDefault(certificate *x509.Certificate) bool {
	return slices.Contains(defaultCertificates, certificate.Subject.CommonName)
}

// names are those that a certificate is for.
func names(certificate *x509.Certificate) string {
	found := slices.Clone(certificate.DNSNames)
	for _, ip := range certificate.IPAddresses {
		found = append(found, ip.String())
	}
	if len(found) == 0 {
		return fmt.Sprintf("no host (%s)", certificate.Subject)
	}
	return strings.Join(found, ", ")
}

func issuer(certificate *x509.Certificate) string {
	if certificate.Issuer.CommonName != "" {
		return certificate.Issuer.CommonName
	}
	return certificate.Issuer.String()
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
