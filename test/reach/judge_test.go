package reach

import (
	"fmt"
	"strings"

	"github.com/np-guard/netpol-analyzer/pkg/netpol/eval"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// measure has the judge compute the matrix. Connections between two addresses are no part of it.
func measure(m manifests) (matrix, error) {
	engine, err := m.engine()
	if err != nil {
		return nil, err
	}
	peers, err := engine.GetPeersList()
	if err != nil {
		return nil, err
	}
	measured := matrix{}
	for _, from := range peers {
		for _, to := range peers {
			if from.IsPeerIPType() && to.IsPeerIPType() {
				continue
			}
			between, err := cellOf(from, to)
			if err != nil {
				return nil, err
			}
			connections, err := engine.AllAllowedConnectionsBetweenWorkloadPeers(from, to)
			if err != nil {
				return nil, err
			}
			measured[between] = openPorts(connections.AllConnections(), connections.ProtocolsAndPortsMap())
		}
	}
	return measured, nil
}

func cellOf(from, to eval.Peer) (cell, error) {
	source, err := peerName(from)
	if err != nil {
		return cell{}, err
	}
	destination, err := peerName(to)
	return cell{source, destination}, err
}

// peerName is what workload.peer is, or a block of addresses.
func peerName(peer eval.Peer) (string, error) {
	if peer.IsPeerIPType() {
		return cidr(peer.IP())
	}
	return peer.Namespace() + "/" + peer.Name(), nil
}

// engine shows the manifests to the judge.
func (m manifests) engine() (*eval.PolicyEngine, error) {
	if err := m.checkJudgeable(); err != nil {
		return nil, err
	}
	engine := eval.NewPolicyEngine()
	for _, object := range m.objects() {
		if err := engine.UpsertObject(object); err != nil {
			return nil, err
		}
	}
	return engine, nil
}

func (m manifests) objects() []runtime.Object {
	var objects []runtime.Object
	for _, namespace := range m.namespaces {
		objects = append(objects, namespace)
	}
	for _, w := range m.workloads {
		for _, pod := range w.pods() {
			objects = append(objects, pod)
		}
	}
	for _, policy := range m.policies {
		objects = append(objects, policy)
	}
	return objects
}

// checkJudgeable refuses what the judge would be wrong about without a word.
func (m manifests) checkJudgeable() error {
	seen := map[string]bool{}
	for _, w := range m.workloads {
		if seen[w.peer()] {
			return fmt.Errorf("two workloads are called %s, and the judge knows one", w.peer())
		}
		seen[w.peer()] = true
		if w.spec.HostNetwork {
			return fmt.Errorf("%s is in the network of its node, where policies do not hold", w.peer())
		}
	}
	for _, policy := range m.policies {
		for _, block := range addresses(policy) {
			if strings.Contains(block, ":") {
				return fmt.Errorf("policy %s names %s, and the judge knows IPv4 only", policy.Name, block)
			}
		}
	}
	return nil
}

// addresses are the blocks that a policy names.
func addresses(policy *networkingv1.NetworkPolicy) []string {
	var peers []networkingv1.NetworkPolicyPeer
	for _, rule := range policy.Spec.Ingress {
		peers = append(peers, rule.From...)
	}
	for _, rule := range policy.Spec.Egress {
		peers = append(peers, rule.To...)
	}
	var blocks []string
	for _, peer := range peers {
		if peer.IPBlock != nil {
			blocks = append(blocks, peer.IPBlock.CIDR)
		}
	}
	return blocks
}
