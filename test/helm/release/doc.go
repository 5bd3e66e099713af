// Package release installs the chart on a real control plane with Helm itself, and does with the release what people do:
// changes its values, goes back, removes it, and installs it again. It does so with an application that has migrations, too.
package release
