// Package argocd validates the manifests with Argo CD's own sync engine: it deploys the committed environments to a real control
// plane, wave by wave and with server-side apply, and checks what Argo CD would report afterwards: in sync, and healthy. An application with
// migrations shows their order.
//
// The engine is github.com/argoproj/gitops-engine; the scripts that assess health are those of Argo CD 3.5. It is a module of its
// own because the engine compiles Kubernetes's own API types.
//
// Argo CD 3.5 and later have a newer engine, which is not served as a module for Go 1.26. According to its source:
//   - A HorizontalPodAutoscaler without metrics is Degraded, which fails a wave that is not the last. This engine reports Healthy.
//   - An object that is deleted while its wave waits for it fails the operation. This engine keeps waiting.
//
// Not covered: the controller around the engine (Applications, projects, finding an Application's objects by their tracking
// annotation, self-heal, deletion of an Application with `Delete=confirm`), hooks, and the two seconds that Argo CD waits between
// waves. Nor is the External Secrets Operator: the test does its work.
//
// Go's cache of test results does not see files outside this module: run the tests with -count=1.
package argocd
