package cluster

import "strconv"

// Addresses within the cluster, which is dual-stack and prefers IPv4. Nothing listens to them: they only have to be private and apart.
const (
	serviceRange = "10.96.0.0/16,fd00:10:96::/112"
	podRange     = "10.244.0.0/16,fd00:10:244::/56"
	// advertisedAddress stands in the Endpoints of the Service kubernetes. It may not be a loopback address, and the API server would
	// look for one on a network interface, which a laptop without a network has not.
	advertisedAddress = "192.0.2.1"
)

// Service account tokens and controllers use these as kubeadm sets them up.
const serviceAccountIssuer = "https://kubernetes.default.svc.cluster.local"

// Controllers work as fast as they can, because tests wait for them.
const (
	clientRate  = "--kube-api-qps=1000"
	clientBurst = "--kube-api-burst=2000"
)

// component is a program of the cluster and its flags.
type component struct {
	binary string
	name   string
	flags  []string
}

// etcdPorts are the ports that etcd listens to.
type etcdPorts struct {
	client, peer int
}

func (p etcdPorts) clientURL() string { return "http://" + loopback(p.client) }
func (p etcdPorts) peerURL() string   { return "http://" + loopback(p.peer) }

func (c *Cluster) etcd(ports etcdPorts) component {
	return component{c.binaries.controlPlane, "etcd", []string{
		"--data-dir=" + c.path("etcd"),
		"--listen-client-urls=" + ports.clientURL(),
		"--advertise-client-urls=" + ports.clientURL(),
		"--listen-peer-urls=" + ports.peerURL(),
		"--initial-advertise-peer-urls=" + ports.peerURL(),
		"--initial-cluster=default=" + ports.peerURL(),
		"--unsafe-no-fsync", // nothing needs to survive a power failure
		"--log-level=warn",
	}}
}

// kubeAPIServer is set up as kubeadm does: RBAC, the default admission plugins (Pod Security among them) and NodeRestriction.
func (c *Cluster) kubeAPIServer(etcd etcdPorts, port int) component {
	return component{c.binaries.controlPlane, "kube-apiserver", []string{
		"--etcd-servers=" + etcd.clientURL(),
		"--bind-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(port),
		"--advertise-address=" + advertisedAddress,
		"--service-cluster-ip-range=" + serviceRange,
		"--tls-cert-file=" + c.certificateFile(),
		"--tls-private-key-file=" + c.keyFile(),
		"--token-auth-file=" + c.tokensFile(),
		"--service-account-issuer=" + serviceAccountIssuer,
		"--service-account-signing-key-file=" + c.keyFile(),
		"--service-account-key-file=" + c.keyFile(),
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--kubelet-preferred-address-types=InternalIP", // the names of the nodes are not resolved
		"--kubelet-certificate-authority=" + c.certificateFile(),
		"--kubelet-client-certificate=" + c.certificateFile(),
		"--kubelet-client-key=" + c.keyFile(),
		"--allow-privileged=true", // Pod Security decides, not this switch
	}}
}

func (c *Cluster) kubeControllerManager() component {
	return component{c.binaries.controlPlane, "kube-controller-manager", []string{
		"--kubeconfig=" + c.controllerManagerKubeconfig(),
		"--secure-port=0", // serves nothing
		"--leader-elect=false",
		"--use-service-account-credentials",
		"--service-account-private-key-file=" + c.keyFile(),
		"--root-ca-file=" + c.certificateFile(),
		"--allocate-node-cidrs",
		"--cluster-cidr=" + podRange,
		"--service-cluster-ip-range=" + serviceRange,
		clientRate, clientBurst,
	}}
}

func (c *Cluster) kubeScheduler() component {
	return component{c.binaries.controlPlane, "kube-scheduler", []string{
		"--kubeconfig=" + c.schedulerKubeconfig(),
		"--secure-port=0", // serves nothing
		"--leader-elect=false",
		clientRate, clientBurst,
	}}
}

func (c *Cluster) kwok() component {
	return component{c.binaries.kwok, "kwok", []string{
		"--kubeconfig=" + c.Kubeconfig(),
		"--manage-all-nodes",
		"--node-lease-duration-seconds=40", // as kubelet; without leases nodes become NotReady after a minute
		"--exec-address=" + loopback(c.kubelet),
		"--exec-programs=" + c.Programs(),
		"--exec-certificate=" + c.certificateFile(),
		"--exec-key=" + c.keyFile(),
		"--exec-client-ca=" + c.certificateFile(),
	}}
}

func (c *Cluster) standIns() component {
	return component{c.binaries.controlPlane, "stand-ins", nil}
}
