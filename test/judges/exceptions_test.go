package judges

import (
	"fmt"
	"path"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// singleWriter is the reason of the tiers that write to a volume of their own.
const singleWriter = "two servers must not write to one data directory, not even during a rollout"

// The reasons of the servers of monitoring.
const (
	oneSetOfSamples = "two would each have samples and alerts of their own"
	oneSession      = "each would have users' sessions of its own; it is back within a minute"
	countedTwice    = "two would have everything counted twice"
	keepsNothing    = "it keeps nothing, is back within seconds, and TierDown tells if it is not"
)

// The reasons of development, which is small enough for a laptop.
const (
	oneOfEach = "development promises no availability"
	oneNode   = "a volume that one node mounts allows one pod, and the old one must be gone first"
)

// exceptions are all complaints of kube-score that the project lives with.
var exceptions = []exception{
	{
		check:  "container-ephemeral-storage-request-and-limit",
		reason: "the root file system is read-only and every emptyDir has a size limit",
	},
	{
		check:  "container-image-pull-policy",
		reason: "a tag that does not move need not be pulled again, and a pod then starts without the registry",
	},
	{
		check:  "container-image-tag",
		reason: "the application's own images have no release to name yet",
	},
	{
		check:  "container-security-context-user-group-id",
		reason: "the images' files belong to the users that the images bring along",
	},
	{
		check:  "deployment-has-host-podantiaffinity",
		reason: "topology spread constraints spread the pods over nodes, and over zones too",
	},
	{
		check:  "pod-probes-identical",
		reason: "a failing liveness probe restarts much later than the same readiness probe takes the pod out of its Service",
	},
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
	{
		check:  "networkpolicy-targets-pod",
		object: "NetworkPolicy/*-acme-solver",
		reason: "cert-manager makes the pods that it opens when a certificate is due",
	},
	{
		check:  "ingress-targets-service",
		source: goldens + "/*",
		reason: "a golden file holds one construct, and the Service is another's",
	},
	{
		check:  "networkpolicy-targets-pod",
		source: goldens + "/*",
		reason: "a golden file holds one construct, and the pods that a policy opens to it are another's",
	},
	{
		check:  "networkpolicy-targets-pod",
		source: monitoringGoldens + "/*",
		reason: "a golden file holds one construct, and the pods that a policy opens to it are another's",
	},
}

// exception is a complaint of kube-score that the project lives with, and why.
type exception struct {
	check  string // kube-score's id of the check
	source string // a pattern of path.Match over the sources it holds for; all if empty
	object string // a pattern of path.Match over the objects it holds for, such as "Deployment/*-web"; all if empty
	reason string
}

func (e exception) String() string {
	return fmt.Sprintf("%s, source %q, object %q: %s", e.check, e.source, e.object, e.reason)
}

func (e exception) covers(c complaint) bool {
	return e.check == c.check && matches(e.source, c.source) && matches(e.object, c.object)
}

func matches(pattern, name string) bool {
	if pattern == "" {
		return true
	}
	matched, err := path.Match(pattern, name)
	if err != nil {
		panic(fmt.Sprintf("pattern %q in the list of exceptions: %v", pattern, err))
	}
	return matched
}

// unexpected returns the complaints that no exception covers.
func unexpected(complaints []complaint, exceptions []exception) []complaint {
	return slices.DeleteFunc(slices.Clone(complaints), func(c complaint) bool {
		return slices.ContainsFunc(exceptions, func(e exception) bool { return e.covers(c) })
	})
}

// unneeded returns the exceptions that cover no complaint.
func unneeded(complaints []complaint, exceptions []exception) []exception {
	return slices.DeleteFunc(slices.Clone(exceptions), func(e exception) bool {
		return slices.ContainsFunc(complaints, e.covers)
	})
}

func TestExceptionsHaveReasons(t *testing.T) {
	for _, e := range exceptions {
		require.NotEmpty(t, e.reason, "%s", e)
	}
}

func TestExceptions(t *testing.T) {
	var (
		database = complaint{source: "dist", object: "Deployment/shop-database", check: "deployment-strategy"}
		web      = complaint{source: "dist", object: "Deployment/shop-web", check: "deployment-strategy"}
		golden   = complaint{source: goldens + "/web.yaml", object: "Deployment/shop-web", check: "deployment-strategy"}
		tag      = complaint{source: "dist", object: "Deployment/shop-web", check: "container-image-tag"}
	)
	cases := map[string]struct {
		exception exception
		covers    []complaint
	}{
		"everywhere":     {exception{check: "deployment-strategy"}, []complaint{database, web, golden}},
		"of some object": {exception{check: "deployment-strategy", object: "Deployment/*-database"}, []complaint{database}},
		"in some source": {exception{check: "deployment-strategy", source: goldens + "/*"}, []complaint{golden}},
		"unneeded":       {exception{check: "deployment-replicas"}, nil},
	}
	all := []complaint{database, web, golden, tag}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			list := []exception{c.exception}
			require.ElementsMatch(t, all, append(c.covers, unexpected(all, list)...))
			require.Equal(t, len(c.covers) == 0, len(unneeded(all, list)) == 1)
		})
	}
}
