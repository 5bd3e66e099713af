// Package helm judges the chart in deploy/helm by Helm's own engine and linter: with the same values it gives what the
// constructs do, and it refuses what they refuse. The package release installs it.
//
// It is a module of its own because Helm needs other versions of Kubernetes' modules than the other tests.
package helm
