// Package rollout applies the manifests to a real control plane, as people do: with kubectl, on an empty cluster, again, over a
// former version, and with the commands that the documents name. It watches what becomes of the pods meanwhile.
//
// Admission, controllers and the scheduler are Kubernetes's own. Containers are not real: whether they work is what package servers
// is for.
//
// It needs Debian's packages nginx-light and bubblewrap.
//
// Go's cache of test results does not see files outside this module: run the tests with -count=1.
package rollout
