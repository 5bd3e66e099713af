// Package judges has everything that the repository renders checked by programs and packages of others: dist/, the plain manifests below
// deploy/, and the library's golden files below constructs/.
//
//   - kubectl-validate compares each document with the API server's own schemas, for each Kubernetes version from 1.30 on that it embeds,
//     and custom resources with the definitions that their operators ship. Schemas know fields and types, but no enumerations, quantities or
//     names of containers.
//   - kube-score checks each application, and each golden file by itself, for common practice. What it asks for and this project declines is
//     in one list of exceptions, with the reason.
//
// Each judge has a test that it refuses what it should.
//
// Whether Pod Security admits the pods is what package acceptance asks the API server.
//
// kubectl-validate and kube-score are programs of modules of their own below test/tools/, at the versions that their authors released them
// with, because they compile only with other Kubernetes modules than this one's. Go builds them, which takes minutes the first time.
//
// Go's cache of test results does not see files outside this module: run the judges with -count=1.
package judges
