package judges

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func TestPodSecurityAllowsAllPods(t *testing.T) {
	root := os.DirFS(repository)
	files, err := renderedFiles(root)
	require.NoError(t, err)

	found := 0
	for _, file := range files {
		pods, err := podsOf(root, file)
		require.NoError(t, err)
		found += len(pods)
		for _, pod := range pods {
			t.Run(file+"/"+pod.owner, func(t *testing.T) { require.Empty(t, forbidden(t, pod)) })
		}
	}
	require.NotZero(t, found, "no manifest holds a pod")
}

func TestPodSecurityForbids(t *testing.T) {
	cases := []struct {
		name string
		edit edit
		want string
	}{
		{"root", edit{"runAsNonRoot: true", "runAsNonRoot: false"}, "runAsNonRoot != true"},
		{"privilege escalation", edit{"allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true"}, "allowPrivilegeEscalation != false"},
		{"kept capability", edit{"- ALL", "- NET_RAW"}, "unrestricted capabilities"},
		{"no seccomp profile", edit{"type: RuntimeDefault", "type: Unconfined"}, "seccompProfile"},
		{"host network", edit{"    spec:\n", "    spec:\n      hostNetwork: true\n"}, "host namespaces"},
		{"host path", edit{"    spec:\n", "    spec:\n      volumes: [{name: etc, hostPath: {path: /etc}}]\n"}, "restricted volume types"},
		// Forbidden since policy 1.34: an older evaluator would allow it.
		{"probe of another host", edit{"tcpSocket:\n", "tcpSocket:\n              host: example.com\n"}, "probe or lifecycle host"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pods, err := podsOf(fstest.MapFS{"edited.yaml": {Data: c.edit.apply(t)}}, "edited.yaml")
			require.NoError(t, err)
			require.Len(t, pods, 1)
			require.Contains(t, forbidden(t, pods[0]), c.want)
		})
	}
}

// forbidden returns why the newest policy of the level restricted forbids a pod; nothing if it allows it.
func forbidden(t *testing.T, pod podManifest) string {
	t.Helper()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	require.NoError(t, err)
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	result := policy.AggregateCheckResults(evaluator.EvaluatePod(restricted, pod.metadata, pod.spec))
	return result.ForbiddenDetail()
}
