package cluster_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/cluster"
)

// TestCluster holds of the stand-ins what other tests rely on without a sign of it. The rest is what package rollout is about. One cluster serves all of it: each part has a namespace of its own.
func TestCluster(t *testing.T) {
	c, err := cluster.Start(t.Context(), cluster.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Stop()) })

	for _, part := range []struct {
		name string
		test func(*testing.T, namespace)
	}{
		{"disk", testDisk},
		{"attach", testDiskIsForOneNode},
		{"references", testReferences},
		{"exec", testExec},
	} {
		t.Run(part.name, func(t *testing.T) {
			n := namespace{t, c, part.name}
			n.kubectl("create", "namespace", part.name)
			part.test(t, n)
		})
	}
}

// namespace runs kubectl in a namespace and fails the test where it fails.
type namespace struct {
	t       *testing.T
	cluster *cluster.Cluster
	name    string
}

func (n namespace) kubectl(args ...string) string {
	n.t.Helper()
	stdout, _, err := n.cluster.Kubectl(n.t.Context(), "", append([]string{"--namespace=" + n.name}, args...)...)
	require.NoError(n.t, err)
	return stdout
}

func (n namespace) apply(file string) {
	n.t.Helper()
	_, stderr, err := n.cluster.Apply(n.t.Context(), "testdata/"+file, "--namespace="+n.name)
	require.NoError(n.t, err)
	require.Empty(n.t, cluster.Warnings(stderr))
}

// wait waits for a condition as `kubectl wait --for` takes it.
func (n namespace) wait(condition string, objects ...string) {
	n.t.Helper()
	n.kubectl(append([]string{"wait", "--timeout=30s", "--for=" + condition}, objects...)...)
}

// get returns the value of a JSONPath in an object.
func (n namespace) get(object, path string) string {
	n.t.Helper()
	return n.kubectl("get", object, "--output=jsonpath="+path)
}

// zone returns the zone of a node.
func (n namespace) zone(node string) string {
	n.t.Helper()
	return n.get("node/"+node, `{.metadata.labels.topology\.kubernetes\.io/zone}`)
}

func testDisk(t *testing.T, n namespace) {
	n.apply("claim.yaml")
	n.wait("condition=Ready", "pod/user")
	require.Equal(t, "Bound", n.get("persistentvolumeclaim/disk", "{.status.phase}"))

	volume := "persistentvolume/" + n.get("persistentvolumeclaim/disk", "{.spec.volumeName}")
	require.Equal(t, n.zone(n.get("pod/user", "{.spec.nodeName}")),
		n.get(volume, "{.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]}"))

	n.kubectl("patch", "persistentvolumeclaim/disk", `--patch={"spec":{"resources":{"requests":{"storage":"2Gi"}}}}`)
	n.wait("jsonpath={.status.capacity.storage}=2Gi", "persistentvolumeclaim/disk")
	require.Equal(t, "2Gi", n.get(volume, "{.spec.capacity.storage}"))

	n.kubectl("delete", "pod/user", "persistentvolumeclaim/disk")
	n.wait("delete", volume)
}

func testDiskIsForOneNode(t *testing.T, n namespace) {
	n.apply("claim.yaml")
	n.wait("condition=Ready", "pod/user")
	n.applyOnOtherNode("second-user.yaml", n.get("pod/user", "{.spec.nodeName}"))
	n.wait("jsonpath={.status.containerStatuses[0].state.waiting.reason}=ContainerCreating", "pod/second-user")
	require.Contains(t, n.get("pod/second-user", "{.status.containerStatuses[0].state.waiting.message}"), "Multi-Attach")

	n.kubectl("delete", "pod/user")
	n.wait("condition=Ready", "pod/second-user")
}

// applyOnOtherNode applies a file for the other node of a node's zone.
func (n namespace) applyOnOtherNode(file, node string) {
	n.t.Helper()
	content, err := os.ReadFile("testdata/" + file)
	require.NoError(n.t, err)
	other := strings.TrimSuffix(node, "-1") + "-2"
	if strings.HasSuffix(node, "-2") {
		other = strings.TrimSuffix(node, "-2") + "-1"
	}
	_, _, err = n.cluster.Kubectl(n.t.Context(), strings.ReplaceAll(string(content), "NODE", other),
		"apply", "--namespace="+n.name, "--filename=-")
	require.NoError(n.t, err)
}

func testReferences(t *testing.T, n namespace) {
	n.apply("references.yaml")

	n.wait("jsonpath={.status.containerStatuses[0].state.waiting.reason}=ContainerCreating", "pod/reader")
	n.wait(`jsonpath={.status.containerStatuses[0].state.waiting.message}=`+
		`MountVolume.SetUp failed for volume "certificate": secret "certificate" not found`, "pod/reader")

	n.kubectl("create", "secret", "generic", "certificate")
	n.wait("jsonpath={.status.initContainerStatuses[0].state.waiting.reason}=CreateContainerConfigError", "pod/reader")

	n.kubectl("create", "configmap", "settings")
	n.wait("jsonpath={.status.containerStatuses[0].state.waiting.reason}=CreateContainerConfigError", "pod/reader")
	require.Equal(t, `secret "credentials" not found`, n.get("pod/reader", "{.status.containerStatuses[0].state.waiting.message}"))

	n.kubectl("create", "secret", "generic", "credentials", "--from-literal=user=anyone")
	n.wait("jsonpath={.status.containerStatuses[0].state.waiting.message}="+
		"couldn't find key password in secret references/credentials", "pod/reader")

	n.kubectl("patch", "secret", "credentials", `--patch={"stringData":{"password":"anything"}}`)
	n.wait("condition=Ready", "pod/reader")
}

func testExec(t *testing.T, n namespace) {
	n.apply("web.yaml")
	n.wait("condition=Available", "deployment/web")
	folder := filepath.Join(n.cluster.Programs(), "web") // Of containers whose name begins so.
	require.NoError(t, os.MkdirAll(folder, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "sh"), []byte("#!/bin/sh\nexec /bin/sh \"$@\"\n"), 0o700))
	require.Equal(t, "a  b\n", n.kubectl("exec", "deployment/web", "--", "sh", "-c", `echo "$1"`, "sh", "a  b"))
	for script, want := range map[string]string{
		"echo no >&2; exit 22": "exit status 22\nno\ncommand terminated with exit code 22",
		"exit 127":             "exit status 127",
	} {
		_, _, err := n.cluster.Kubectl(t.Context(), "", "--namespace="+n.name, "exec", "deployment/web", "--", "sh", "-c", script)
		require.ErrorContains(t, err, want)
	}
	_, _, err := n.cluster.Kubectl(t.Context(), "", "--namespace="+n.name, "exec", "deployment/web", "--", "curl")
	require.ErrorContains(t, err, `exec: "curl": executable file not found in $PATH`)
}
