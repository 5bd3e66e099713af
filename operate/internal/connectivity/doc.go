// Package connectivity works out who may connect to whom from the objects of a directory: pods, network policies, Ingresses and
// HTTPRoutes. It reads https://kubernetes.io/docs/concepts/services-networking/network-policies/, and of what network plugins add to it only
// Cilium's entities, as which its own proxies connect.
//
// What is not in the directory is known by what the policies say of it: pods by the labels that a policy selects, addresses by its blocks.
// A block has the ports of the blocks that contain it too. Pods are in none of them: network plugins differ there.
package connectivity
