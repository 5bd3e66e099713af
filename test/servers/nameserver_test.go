//go:build linux

package servers

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
)

const (
	clusterDomain   = "cluster.local"
	namespaceDomain = "ai-platform.svc." + clusterDomain
)

// nameServer stands in for that of the cluster. It knows IPv4 addresses of Services, by their full names.
type nameServer map[string][]net.IP

// serve answers at the address that is in the pods' resolv.conf.
func (n nameServer) serve(t *testing.T) {
	t.Helper()
	socket, err := net.ListenPacket("udp", net.JoinHostPort(loopback, "53"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		query := make([]byte, 4096)
		for {
			length, client, err := socket.ReadFrom(query)
			if err != nil {
				return // The test has ended.
			}
			if answer, err := n.answer(query[:length]); err == nil {
				_, _ = socket.WriteTo(answer, client)
			}
		}
	}()
}

// answer says that there is no such name, or gives its addresses: none if those that are asked for are IPv6.
func (n nameServer) answer(query []byte) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(query)
	if err != nil {
		return nil, err
	}
	question, err := parser.Question()
	if err != nil {
		return nil, err
	}
	answer := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: header.ID, Response: true, Authoritative: true},
		Questions: []dnsmessage.Question{question},
	}
	addresses, exists := n[question.Name.String()]
	if !exists {
		answer.RCode = dnsmessage.RCodeNameError
	}
	if question.Type == dnsmessage.TypeA {
		for _, address := range addresses {
			answer.Answers = append(answer.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: question.Name, Class: question.Class, TTL: 5},
				Body:   &dnsmessage.AResource{A: [4]byte(address.To4())},
			})
		}
	}
	return answer.Pack()
}
