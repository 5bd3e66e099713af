// Package reach computes, from the network policies alone, who can reach whom, and holds the whole matrix against the
// connections that are declared in environments_test.go: each environment by itself, all in one cluster, and applications
// made of the library's constructs.
//
// The judge is github.com/np-guard/netpol-analyzer, which nobody of this project wrote. Sources and destinations are every
// pod of an environment, and around it what it must or must not meet: cluster DNS, the ingress controller, the certificate
// solver, impostors of all these, pods of other namespaces, and all IPv4 addresses. testdata has them.
//
// Each matrix is computed three times: with both directions of the policies, with ingress alone, and with egress alone. A
// side that is too open shows only where the other does not close it.
//
// Two things are refused, as the judge would be wrong about them without a word: addresses of IPv6, and pods in the
// network of their node. And it takes no pod to be among the addresses of an ipBlock, where network plugins differ.
//
// Go's cache of test results does not see files outside this module: run these tests with -count=1.
package reach
