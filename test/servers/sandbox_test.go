//go:build linux

package servers

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
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

// newSandbox makes a sandbox for the first container of a Deployment of production, in which the image's program has
// another name here. A volume of a Secret is empty.
func newSandbox(t *testing.T, file, deployment, program string) *sandbox {
	t.Helper()
	return newSandboxOf(t, production, file, deployment, program)
}

// newSandboxOf makes a sandbox for a Deployment of any delivery.
func newSandboxOf(t *testing.T, from delivery, file, deployment, program string) *sandbox {
	t.Helper()
	pod := object[appsv1.Deployment](t, from, file, "Deployment", deployment).Spec.Template.Spec
	s := &sandbox{
		container: newContainer(t, pod.Containers[0], corev1.Secret{}, busybox),
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
		s.folders[volume.Name] = newVolume(t, from, file, volume)
	}
	for _, mount := range s.VolumeMounts {
		s.mount(mount.ReadOnly, filepath.Join(s.folders[mount.Name], mount.SubPath), mount.MountPath)
	}
	s.writePodFiles(t)
	return s
}

// add adds arguments of bwrap.
func (s *sandbox) add(arguments ...string) { s.mounts = append(s.mounts, arguments...) }

// newVolume makes the folder of a volume.
func newVolume(t *testing.T, from delivery, file string, volume corev1.Volume) string {
	t.Helper()
	folder := newFolder(t)
	if volume.ConfigMap != nil {
		for name, content := range object[corev1.ConfigMap](t, from, file, "ConfigMap", volume.ConfigMap.Name).Data {
			writeFile(t, filepath.Join(folder, name), content)
		}
	}
	return folder
}

func (s *sandbox) mount(readOnly bool, from, at string) {
	bind := "--bind"
	if readOnly {
		bind = "--ro-bind"
	}
	s.mounts = append(s.mounts, bind, from, at)
}

// writePodFiles writes what a kubelet writes.
func (s *sandbox) writePodFiles(t *testing.T) {
	t.Helper()
	folder := newFolder(t)
	for name, content := range map[string]string{
		"hosts": "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n",
		"resolv.conf": fmt.Sprintf("search %s svc.%s %[2]s\nnameserver %s\noptions ndots:5\n",
			namespaceDomain, clusterDomain, loopback),
	} {
		writeFile(t, filepath.Join(folder, name), content)
		s.mount(true, filepath.Join(folder, name), "/etc/"+name)
	}
}

// start runs the container, and waits until it is ready.
func (s *sandbox) start(t *testing.T) {
	t.Helper()
	s.process = start(t, s.env, slices.Concat([]string{"bwrap"}, s.mounts, []string{"--remount-ro", "/", "--", s.program}, s.arguments())...)
	s.process.until(t, s.ready)
	requireAsInThePod(t, s)
}

// ready asks what the readiness probe asks.
func (s *sandbox) ready() error { return s.get(s.ReadinessProbe) }

// alive asks what the liveness probe asks.
func (s *sandbox) alive() error { return s.get(s.LivenessProbe) }

func (s *sandbox) get(probe *corev1.Probe) error { return requireOK(s.url(probe.HTTPGet.Path)) }

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
