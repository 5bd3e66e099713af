package cluster

import (
	"encoding/json"
	"fmt"
)

// Two nodes in each of three zones: a pod whose disk is in one zone has somewhere to go when its node is drained.
var zones = []string{"zone-a", "zone-b", "zone-c"}

const nodesPerZone = 2

// nodeList returns the nodes as a List, in JSON. kwok makes them ready. All have the same kubelet.
func nodeList(kubelet int) (string, error) {
	type object = map[string]any
	var nodes []object
	for _, zone := range zones {
		for number := range nodesPerZone {
			name := fmt.Sprintf("%s-%d", zone, number+1)
			nodes = append(nodes, object{
				"apiVersion": "v1",
				"kind":       "Node",
				"metadata": object{
					"name": name,
					"labels": object{
						"kubernetes.io/hostname":        name,
						"kubernetes.io/os":              "linux",
						"kubernetes.io/arch":            "amd64",
						"topology.kubernetes.io/region": "region",
						"topology.kubernetes.io/zone":   zone,
					},
				},
				// A common machine of a cloud provider: requests that fit no such node stay pending.
				"status": object{
					"addresses":       []object{{"type": "InternalIP", "address": "127.0.0.1"}, {"type": "Hostname", "address": name}},
					"daemonEndpoints": object{"kubeletEndpoint": object{"Port": kubelet}},
					"capacity":        object{"cpu": "8", "memory": "32Gi", "pods": "110", "ephemeral-storage": "100Gi"},
					"allocatable":     object{"cpu": "8", "memory": "32Gi", "pods": "110", "ephemeral-storage": "100Gi"},
				},
			})
		}
	}
	list, err := json.Marshal(object{"apiVersion": "v1", "kind": "List", "items": nodes})
	return string(list), err
}
