// Package certificates issues the certificates of the tests' servers.
package certificates

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"time"
)

// Pair is a certificate and its private key, in PEM.
type Pair struct{ Certificate, Key []byte }

// Authority signs certificates. Its own is one that it has signed itself.
type Authority struct {
	Pair
	signs *x509.Certificate
	key   *ecdsa.PrivateKey
}

// New makes an authority. Its own certificate is for hosts, too.
func New(name string, hosts ...string) (*Authority, error) {
	a := &Authority{signs: certificate(name, time.Now().AddDate(1, 0, 0), hosts)}
	a.signs.IsCA, a.signs.KeyUsage = true, a.signs.KeyUsage|x509.KeyUsageCertSign
	var err error
	a.Pair, a.key, err = a.issue(a.signs)
	return a, err
}

// Issue makes a certificate for hosts, which are names or addresses.
func (a *Authority) Issue(expires time.Time, hosts ...string) (Pair, error) {
	pair, _, err := a.issue(certificate(hosts[0], expires, hosts))
	return pair, err
}

func certificate(name string, expires time.Time, hosts []string) *x509.Certificate {
	c := &x509.Certificate{
		Subject:      pkix.Name{CommonName: name},
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		NotBefore:    time.Now().AddDate(0, 0, -10),
		NotAfter:     expires,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},

		BasicConstraintsValid: true,
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, host)
		}
	}
	return c
}

// issue makes a key, and signs a certificate for it: the first one with that key itself.
func (a *Authority) issue(c *x509.Certificate) (Pair, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, nil, err
	}
	signer := a.key
	if signer == nil {
		signer = key
	}
	signed, err := x509.CreateCertificate(rand.Reader, c, a.signs, key.Public(), signer)
	// Not PKCS #8: the API server derives the public key of service accounts from this form only.
	encoded, keyErr := x509.MarshalECPrivateKey(key)
	return Pair{
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: encoded}),
	}, key, errors.Join(err, keyErr)
}
