//go:build linux

package servers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// authority signs certificates. Its own is in a file.
type authority struct {
	file string
	key  *ecdsa.PrivateKey
	own  *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	own := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Authority"},
		NotBefore: time.Now().AddDate(0, 0, -10), NotAfter: time.Now().AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	encoded, err := x509.CreateCertificate(rand.Reader, own, own, key.Public(), key)
	require.NoError(t, err)
	a := &authority{file: filepath.Join(newFolder(t), "authority.pem"), key: key, own: own}
	writePEM(t, a.file, "CERTIFICATE", encoded)
	return a
}

// certificate writes one for hosts that has some days left, and its key.
func (a *authority) certificate(t *testing.T, days int, hosts ...string) (certificate, key string) {
	t.Helper()
	folder := newFolder(t)
	certificate, key = filepath.Join(folder, "host.pem"), filepath.Join(folder, "host.key")
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	encoded, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: hosts[0]}, DNSNames: hosts,
		NotBefore: time.Now().AddDate(0, 0, -10), NotAfter: time.Now().AddDate(0, 0, days),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.own, own.Public(), a.key)
	require.NoError(t, err)
	writePEM(t, certificate, "CERTIFICATE", encoded)
	encoded, err = x509.MarshalECPrivateKey(own)
	require.NoError(t, err)
	writePEM(t, key, "EC PRIVATE KEY", encoded)
	return certificate, key
}

func writePEM(t *testing.T, file, kind string, content []byte) {
	t.Helper()
	writeFile(t, file, string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})))
}
