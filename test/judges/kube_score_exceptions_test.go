package judges

import (
	"fmt"
	"path"
	"testing"

	"github.com/stretchr/testify/require"
)

// exception is a complaint of kube-score that the project accepts, and why.
type exception struct {
	check  string // kube-score's id of the check.
	source string // A pattern of path.Match for sources. Defaults to all.
	object string // A pattern of path.Match for objects, such as "Deployment/*-web". Defaults to all.
	reason string
}

// Reasons of several exceptions.
const (
	singleWriter    = "two servers must not write to one data directory, not even during a rollout"
	oneSetOfSamples = "two would each have samples and alerts of their own"
	oneSession      = "each would have users' sessions of its own; it is back within a minute"
	countedTwice    = "two would have everything counted twice"
	keepsNothing    = "it keeps nothing, is back within seconds, and TierDown tells if it is not"
	oneOfEach       = "development is small enough for a laptop, and promises no availability"
	oneNode         = "a volume that one node mounts allows one pod, and the old one must be gone first"
	runsOnce        = "two would run every task twice"
	asDeclared      = "the case is there to show what a prop takes away"
	oneConstruct    = "a golden file has one construct, and its policies and Ingresses name pods and Services of others"
)

// exceptions are all complaints of kube-score that the project accepts.
var exceptions = []exception{
	{check: "container-ephemeral-storage-request-and-limit", reason: "the root file system is read-only and every emptyDir has a size limit"},
	{check: "container-image-pull-policy", reason: "a tag that does not move need not be pulled again, and a pod then starts without the registry"},
	{check: "container-image-tag", reason: "the application's own images have no release to name yet"},
	{check: "container-security-context-user-group-id", reason: "the images' files belong to the users that the images bring along"},
	{check: "deployment-has-host-podantiaffinity", reason: "topology spread constraints spread the pods over nodes, and over zones too"},
	{check: "pod-probes-identical", reason: "a failing liveness probe restarts much later than the same readiness probe takes the pod out of its Service"},
	{check: "deployment-replicas", object: "Deployment/*-database", reason: singleWriter},
	{check: "deployment-replicas", object: "Deployment/*-redis", reason: singleWriter},
	{check: "deployment-strategy", object: "Deployment/*-database", reason: singleWriter},
	{check: "deployment-strategy", object: "Deployment/*-redis", reason: singleWriter},
	{check: "deployment-replicas", object: "Deployment/*-prometheus", reason: oneSetOfSamples},
	{check: "deployment-strategy", object: "Deployment/*-prometheus", reason: singleWriter},
	{check: "deployment-replicas", object: "Deployment/*-alertmanager", reason: oneSetOfSamples},
	{check: "deployment-strategy", object: "Deployment/*-alertmanager", reason: singleWriter},
	{check: "deployment-replicas", object: "Deployment/*-grafana", reason: oneSession},
	{check: "deployment-replicas", object: "Deployment/*-kube-state-metrics", reason: countedTwice},
	{check: "deployment-replicas", object: "Deployment/*-blackbox-exporter", reason: keepsNothing},
	{check: "deployment-replicas", source: "deploy/development", object: "Deployment/*-frontend", reason: oneOfEach},
	{check: "deployment-replicas", source: "deploy/development", object: "Deployment/*-backend", reason: oneOfEach},
	{check: "deployment-strategy", source: "deploy/development", object: "Deployment/*-backend", reason: oneNode},
	{check: "deployment-replicas", source: goldens + "/backend-one-node.yaml", reason: oneNode},
	{check: "deployment-strategy", source: goldens + "/backend-one-node.yaml", reason: oneNode},
	{check: "deployment-replicas", object: "Deployment/*-scheduler", reason: runsOnce},
	{check: "deployment-strategy", object: "Deployment/*-scheduler", reason: runsOnce},
	{check: "pod-probes", source: goldens + "/backend-no-probes.yaml", reason: asDeclared},
	{check: "service-type", source: goldens + "/backend-node-port.yaml", reason: asDeclared},
	{check: "service-targets-pod", source: goldens + "/pods-full.yaml", reason: "the pods are the program's own"},
	{check: "container-resources", source: goldens + "/backend-without-cpu-limit.yaml", reason: asDeclared},
	{check: "networkpolicy-targets-pod", object: "NetworkPolicy/*-acme-solver", reason: "cert-manager creates the pods when a certificate is due"},
	{check: "networkpolicy-targets-pod", source: goldens + "/*", reason: oneConstruct},
	{check: "networkpolicy-targets-pod", source: monitoringGoldens + "/*", reason: oneConstruct},
	{check: "ingress-targets-service", source: goldens + "/*", reason: oneConstruct},
}

func (e exception) covers(c complaint) bool {
	return e.check == c.check && matches(e.source, c.source) && matches(e.object, c.object)
}

func matches(pattern, name string) bool {
	matched, err := path.Match(pattern, name)
	if err != nil {
		panic(fmt.Sprintf("pattern %q in the list of exceptions: %v", pattern, err))
	}
	return matched || pattern == ""
}

func TestExceptionCovers(t *testing.T) {
	database := complaint{source: "dist", object: "Deployment/shop-database", check: "deployment-strategy"}
	for _, c := range []struct {
		exception exception
		want      bool
	}{
		{exception{check: "deployment-strategy"}, true},
		{exception{check: "deployment-replicas"}, false},
		{exception{check: "deployment-strategy", object: "Deployment/*-database"}, true},
		{exception{check: "deployment-strategy", object: "Deployment/*-redis"}, false},
		{exception{check: "deployment-strategy", source: "dist"}, true},
		{exception{check: "deployment-strategy", source: goldens + "/*"}, false},
	} {
		require.Equal(t, c.want, c.exception.covers(database), "%+v", c.exception)
	}
}
