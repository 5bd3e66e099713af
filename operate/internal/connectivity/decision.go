package connectivity

import (
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Dependency is a workload to which one that is reached from outside may connect. Both are named with kind, namespace and name.
type Dependency struct {
	Client, Server string
	Ports          []Port // Of the server's pods.
}

// Dependencies are those of all workloads that Ingresses and HTTPRoutes lead to.
func Dependencies(objects []unstructured.Unstructured) ([]Dependency, error) {
	c, err := read(objects)
	if err != nil {
		return nil, err
	}
	var found []Dependency
	for _, client := range c.workloads {
		if !c.routed(client) {
			continue
		}
		for _, server := range c.workloads {
			if ports := c.edge(client, server).Ports; server != client && len(ports) > 0 {
				found = append(found, Dependency{client.object(), server.object(), ports})
			}
		}
	}
	return found, nil
}

// routed reports whether an Ingress or an HTTPRoute leads to a workload.
func (c *cluster) routed(w *endpoint) bool {
	return slices.ContainsFunc(c.published(), func(p publication) bool {
		return slices.ContainsFunc(p.routes, func(r route) bool { return len(c.portOf(r, w)) > 0 })
	})
}

func (e *endpoint) object() string { return fmt.Sprintf("%s %s/%s", e.Kind, e.Namespace, e.Name) }

// Include reports whether one of the ports has a number.
func Include(ports []Port, protocol corev1.Protocol, number int32) bool {
	return len(intersection(ports, []Port{portRange(protocol, number, number)})) > 0
}

// Decision is what policies say about one end of a connection.
type Decision struct {
	// Selecting are the policies that select the end. Where there are none, the connection is open.
	Selecting []string

	// Opening are those of them that allow the connection.
	Opening []string
}

// Open reports whether the connection is allowed at this end.
func (d Decision) Open() bool { return len(d.Selecting) == 0 || len(d.Opening) > 0 }

// Decide says what the policies among objects decide about a connection to a port: at the client, and at the server. Both are among the
// objects too, and are named with kind, namespace and name.
func Decide(objects []unstructured.Unstructured, client, server string, protocol corev1.Protocol, port int32) (egress, ingress Decision, err error) {
	c, err := read(objects)
	if err != nil {
		return egress, ingress, err
	}
	from, to := c.named(client), c.named(server)
	if from == nil || to == nil {
		return egress, ingress, errors.New(client + " and " + server + " must be among the objects")
	}
	return c.decision(from, to, networkingv1.PolicyTypeEgress, protocol, port), c.decision(to, from, networkingv1.PolicyTypeIngress, protocol, port), nil
}

func (c *cluster) named(object string) *endpoint {
	for _, w := range c.workloads {
		if w.object() == object {
			return w
		}
	}
	return nil
}

// decision asks each policy alone.
func (c *cluster) decision(end, other *endpoint, direction networkingv1.PolicyType, protocol corev1.Protocol, port int32) Decision {
	var d Decision
	for _, p := range c.policies {
		if _, decides := p.rules[direction]; !decides || !p.pods.selects(end.pod) {
			continue
		}
		d.Selecting = append(d.Selecting, p.object)
		alone := &cluster{policies: []policy{p}}
		if Include(alone.openingOf(end, other, direction).ports(), protocol, port) {
			d.Opening = append(d.Opening, p.object)
		}
	}
	return d
}

// ClientsOf are the IDs of the workloads that may connect to one of the ports of a workload. CronJobs are not among them: they connect now
// and then, and try again.
func (g Graph) ClientsOf(kind, namespace, name string, ports []int32) []string {
	i := slices.IndexFunc(g.Nodes, func(n Node) bool { return n.Kind == kind && n.Namespace == namespace && n.Name == name })
	if i < 0 {
		return nil
	}
	isWorkload := func(id string) bool {
		return slices.ContainsFunc(g.Nodes, func(n Node) bool { return n.ID == id && n.Type == Workload && n.Kind != "CronJob" })
	}
	var clients []string
	for _, e := range g.Edges {
		opens := slices.ContainsFunc(ports, func(port int32) bool { return Include(e.Ports, corev1.ProtocolTCP, port) })
		if e.To == g.Nodes[i].ID && opens && isWorkload(e.From) {
			clients = append(clients, e.From)
		}
	}
	return clients
}
