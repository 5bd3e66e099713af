package operate

import (
	"errors"
	"io"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic/fake"
	ktesting "k8s.io/client-go/testing"
)

func TestKeepInJSON(t *testing.T) {
	const keys = `"environment": "production", "context": "test", "namespace": "shop", "name": "shop",
		"kept": ["password"], "added": ["init", "projected", "url"], "renewed": [],
		"absent": [{"key": "hook", "required": false}, {"key": "maybe", "required": false}],`
	for name, of := range map[string]struct {
		yes, show bool
		want      string
	}{
		"planned": {false, false, `{` + keys + `"written": false}`},
		"written": {true, false, `{` + keys + `"written": true}`},
		"shown":   {false, true, `{` + keys + `"written": false, "data": {"init": "bWFkZQ==", "password": "b2xk", "projected": "bWFkZQ==", "url": "ZGI6Ly9vbGQ="}}`},
	} {
		t.Run(name, func(t *testing.T) {
			c, stdout, stderr := shopCluster(t)
			c.environment, c.json = "production", true
			c.inCluster(t, shopLive)
			require.NoError(t, c.keep(t.Context(), of.yes, of.show))
			require.JSONEq(t, of.want, stdout.String())
			require.Equal(t, c.summary(planOf(t, c)), stderr.String())
		})
	}
}

// planOf plans for the Secret as it is in shopLive, whatever was written.
func planOf(t *testing.T, c *secretCluster) *secretPlan {
	t.Helper()
	p, err := c.complete(map[string]string{"password": "old"})
	require.NoError(t, err)
	return p
}

// rotating gives the cluster a Deployment that is restarted twice. Only in a dry run nothing fails.
func rotating(t *testing.T, c *secretCluster, resource string, failure error) {
	t.Helper()
	c.environment, c.json, c.renew = "production", true, "password"
	c.secret.Rotations = map[string]Rotation{"password": {Derived: []string{"url"}, Steps: []Step{{Deployment: "db"}, {Deployment: "db"}}}}
	failing(c.inCluster(t, shopLive), resource, failure)
}

func failing(client *fake.FakeDynamicClient, resource string, failure error) {
	client.PrependReactor("patch", "*", func(action ktesting.Action) (bool, runtime.Object, error) {
		patch := action.(ktesting.PatchActionImpl)
		if patch.GetResource().Resource == resource && len(patch.PatchOptions.DryRun) == 0 {
			return true, nil, failure
		}
		return true, &unstructured.Unstructured{}, nil
	})
}

const plannedSteps = `{
	"environment": "production", "context": "test", "namespace": "shop", "name": "shop", "key": "password", "steps": [
		{"what": "write a new password and url to Secret shop/shop, and add init, projected, url",
		 "commands": ["shop secret production --keep --renew password --yes --context='a b'"] RESULT0},
		{"what": "restart Deployment db and wait for it",
		 "commands": ["kubectl --context='a b' -n shop rollout restart deployment/db", "kubectl --context='a b' -n shop rollout status deployment/db"] RESULT1},
		{"what": "restart Deployment db and wait for it",
		 "commands": ["kubectl --context='a b' -n shop rollout restart deployment/db", "kubectl --context='a b' -n shop rollout status deployment/db"]}
	]}`

var seconds = regexp.MustCompile(`"seconds": [0-9.]+`)

func TestRotationInJSON(t *testing.T) {
	lostAnswer := &url.Error{Op: "Patch", URL: "https://a", Err: io.EOF}
	for name, of := range map[string]struct {
		yes              bool
		resource         string
		failure          error
		result0, result1 string
	}{
		"printed": {false, "", nil, ``, ``},
		"failed":  {true, "deployments", errors.New("no node"), `, "result": {"state": "done", "seconds": 0}`, `, "result": {"state": "failed", "seconds": 0, "error": "no node"}`},
		"refused": {true, "secrets", errors.New("no"), `, "result": {"state": "failed", "seconds": 0, "error": "no"}`, ``},
		"unknown": {true, "secrets", lostAnswer, `, "result": {"state": "unknown", "seconds": 0, "error": "Patch \"https://a\": EOF"}`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			c, stdout, stderr := shopCluster(t)
			rotating(t, c, of.resource, of.failure)
			err := c.rotate(t.Context(), of.yes)
			if of.failure != nil {
				require.ErrorIs(t, err, of.failure)
				require.Contains(t, stderr.String(), "Secret shop/shop (context test)\n1/3 write")
			} else {
				require.NoError(t, err)
			}
			require.JSONEq(t, strings.NewReplacer("RESULT0", of.result0, "RESULT1", of.result1).Replace(plannedSteps), seconds.ReplaceAllString(stdout.String(), `"seconds": 0`))
		})
	}
}
