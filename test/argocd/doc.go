// Package argocd judges the manifests by Argo CD's own sync engine: it deploys the committed environments on a real control
// plane, wave by wave, with server-side apply, and asks what Argo CD would say of them afterwards: in sync, and healthy?
//
// The engine is github.com/argoproj/gitops-engine; the scripts that assess health are those of Argo CD 3.5. It is a module of its
// own because the engine compiles Kubernetes's own API types.
//
// What differs from Argo CD 3.5 and later, whose engine is no module that Go 1.26 can fetch, was found by reading its source:
//   - A HorizontalPodAutoscaler without metrics is Degraded there, which fails a wave; this engine finds it Healthy.
//   - An object that is deleted while its wave waits for it fails the operation there; this engine waits on.
//
// Not run here: the controller around the engine (Applications, tracking of objects by listing the cluster, self-heal, the
// confirmation of a cascading deletion, `Delete=confirm`), hooks, and the two seconds that Argo CD waits between waves.
//
// Go's cache of test results does not see files outside this module: run the tests with -count=1.
package argocd
