//go:build linux

package servers

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// sandbox is a pod of one container whose files are where they are in the cluster: those of the manifests, the volumes,
// and of this machine the programs in /usr. Nothing but the volumes can be written to.
type sandbox struct {
	container
	process *process
	program string
	mounts  []string          // Arguments of bwrap.
	folders map[string]string // What is on the volumes, by their names.
}

// newSandbox makes a sandbox for the first container of a Deployment, in which the image's program has another name here. A volume of a
// Secret is empty; variables come from the given one.
func newSandbox(t *testing.T, from delivery, file, deployment, program string, secret corev1.Secret) *sandbox {
	t.Helper()
	pod := object[appsv1.Deployment](t, from, file, "Deployment", deployment).Spec.Template.Spec
	s := &sandbox{
		container: newContainer(t, pod.Containers[0], secret, busybox),
		program:   program,
		folders:   map[string]string{},
	}
	require.True(t, *s.SecurityContext.ReadOnlyRootFilesystem)
	s.mounts = []string{
		"--unshare-user", "--cap-drop", "ALL", "--die-with-parent", "--chdir", "/",
		"--uid", strconv.FormatInt(*pod.SecurityContext.RunAsUser, 10),
		"--gid", strconv.FormatInt(*pod.SecurityContext.RunAsGroup, 10),
		"--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
		"--ro-bind", "/proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev",
	}
	for _, volume := range pod.Volumes {
		folder := newFolder(t)
		s.folders[volume.Name] = folder
		if volume.ConfigMap != nil {
			for name, content := range object[corev1.ConfigMap](t, from, file, "ConfigMap", volume.ConfigMap.Name).Data {
				writeFile(t, filepath.Join(folder, name), content)
			}
		}
	}
	for _, mount := range s.VolumeMounts {
		s.mount(mount.ReadOnly, filepath.Join(s.folders[mount.Name], mount.SubPath), mount.MountPath)
	}
	// A kubelet writes these.
	folder := newFolder(t)
	for name, content := range map[string]string{
		"hosts":       "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n",
		"resolv.conf": fmt.Sprintf("search %s svc.%s %[2]s\nnameserver %s\noptions ndots:5\n", namespaceDomain, clusterDomain, loopback),
	} {
		writeFile(t, filepath.Join(folder, name), content)
		s.mount(true, filepath.Join(folder, name), "/etc/"+name)
	}
	return s
}

func (s *sandbox) mount(readOnly bool, from, at string) {
	bind := "--bind"
	if readOnly {
		bind = "--ro-bind"
	}
	s.mounts = append(s.mounts, bind, from, at)
}

// edit changes a file of the ConfigMap.
func (s *sandbox) edit(t *testing.T, file string, change func(string) string) {
	t.Helper()
	path := filepath.Join(s.folders["files"], file)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	writeFile(t, path, change(string(content)))
}

// start runs the container, and waits until it is ready.
func (s *sandbox) start(t *testing.T) {
	t.Helper()
	s.process = start(t, s.env, slices.Concat([]string{"bwrap"}, s.mounts, []string{"--remount-ro", "/", "--", s.program}, s.arguments())...)
	s.process.until(t, s.ready)
}

// ready asks what the readiness probe asks.
func (s *sandbox) ready() error { return requireOK(s.url(s.ReadinessProbe.HTTPGet.Path)) }

// alive asks what the liveness probe asks.
func (s *sandbox) alive() error { return requireOK(s.url(s.LivenessProbe.HTTPGet.Path)) }

// url is an address of the container, on the port that the manifest names.
func (s *sandbox) url(path string) string {
	return fmt.Sprintf("http://%s:%s%s", loopback, s.clusterPort(), path)
}

// requireOK asks for a page as a kubelet does for a probe.
func requireOK(url string) error {
	response, err := http.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}

// ownNetwork is the variable that says to this program that it runs in a network of its own.
const ownNetwork = "SERVERS_OWN_NETWORK"

// inOwnNetwork runs a test of the package in a network that has only a loopback interface: there servers listen on the ports of the
// manifests, whatever else listens on this machine. The program runs this one test of itself once more in there. Such tests wait most of the
// time, and run in parallel.
func inOwnNetwork(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	if os.Getenv(ownNetwork) != "" {
		test(t)
		return
	}
	t.Parallel()
	self, err := os.Executable()
	require.NoError(t, err)

	arguments := slices.Concat(networkArguments(), []string{"--", self, "-test.run=^" + t.Name() + "$", "-test.v"})
	command := exec.CommandContext(t.Context(), "bwrap", arguments...)
	command.Env = append(os.Environ(), ownNetwork+"=1")
	// With --die-with-parent, bwrap ends what it has started.
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	printed, err := command.CombinedOutput()
	require.NoError(t, err, "in a network of its own:\n%s", printed)
	t.Logf("in a network of its own:\n%s", printed)
}

// networkArguments are those of bwrap for a network of its own, in which all else is as outside.
func networkArguments() []string {
	arguments := []string{"--unshare-net", "--die-with-parent", "--dev-bind", "/", "/"}
	if os.Geteuid() != 0 {
		// The name server and the frontend listen below 1024, as root may.
		arguments = append(arguments, "--unshare-user", "--uid", "0", "--gid", "0", "--cap-add", "ALL")
	}
	return arguments
}

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
