// Package judges puts everything the repository renders before judges that nobody of this project wrote: dist/, the
// plain manifests below deploy/, and the library's golden files below constructs/.
//
//   - kubectl-validate holds each document against the API server's own schemas, for each Kubernetes version from 1.30
//     on that it embeds, and custom resources against the definitions that their operators ship. They know fields and
//     types; no enumerations, quantities or names of containers.
//   - The Pod Security evaluator, the one inside the API server, holds each pod against the level restricted.
//   - kube-score holds each application, and each golden file by itself, against common practice. What it asks and this
//     project declines stands in one list of exceptions, with the reason.
//
// Each judge comes with a test that it refuses what it should.
//
// kubectl-validate and kube-score compile only with Kubernetes modules older than the evaluator's, and each with others.
// So they are programs, each with a module of its own below test/tools/, at the versions its authors released it with. The
// tests have Go build them; that takes minutes the first time and is cached afterwards.
//
// Go's cache of test results does not see files outside this module: run the judges with -count=1.
package judges
