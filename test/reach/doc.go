// Package reach has an analyzer of network policies list who may connect to whom: in each environment, and in applications made of the
// library's constructs. The lists in testdata are reviewed like code; UPDATE_GOLDEN=1 writes them.
//
// The analyzer is github.com/np-guard/netpol-analyzer. Besides the application, testdata/cluster.yaml and testdata/namespace.yaml put into
// the cluster what it must meet (cluster DNS, the ingress controller, the certificate solver, cert-manager) and impostors: pods of other
// namespaces with the same labels, and pods of the application's namespace with others. Each list ends with the peers without outgoing
// connections: an impostor that gets in moves from there to the top.
//
// Two things are refused, because the analyzer would misread them without an error: addresses of IPv6, and pods that use their node's
// network. And it takes no pod to be among the addresses of an ipBlock, where network plugins differ.
//
// Go's cache of test results does not see files outside this module: run these tests with -count=1.
package reach
