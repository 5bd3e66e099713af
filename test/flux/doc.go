// Package flux tries docs/flux.md: it takes the objects out of the document, has a real API server accept them, and does to a real
// control plane what they ask for, with the code that Flux's kustomize-controller is made of.
//
// That code is github.com/fluxcd/pkg: kustomize builds a folder, ssa applies and prunes, kstatus assesses health. It is a module of
// its own because it needs newer versions of Kubernetes's modules. They are those of kustomize-controller 1.9: later ones need a newer
// Go than 1.26.
//
// Not covered: the controllers themselves, which fetch the repository, repeat at intervals, and keep the inventory of what
// they have applied.
//
// Go's cache of test results does not see files outside this module: run the tests with -count=1.
package flux
