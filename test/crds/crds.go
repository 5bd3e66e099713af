// Package crds finds the definitions of custom resources that other projects ship, which the manifests' own custom
// resources are held against.
package crds

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/gomodule"
)

var sources = []struct{ module, folder string }{
	{gomodule.PrometheusOperator, "example/prometheus-operator-crd"}, // ServiceMonitor, Probe and PrometheusRule.
	{gomodule.ArgoCD, "manifests/crds"},                              // AppProject, Application and ApplicationSet.
	{gomodule.ExternalSecrets, "config/crds/bases"},                  // ExternalSecret and Password.
}

// Folders returns the folders of all definitions.
func Folders() ([]string, error) {
	var folders []string
	for _, s := range sources {
		folder, err := gomodule.Folder(s.module, s.folder)
		if err != nil {
			return nil, err
		}
		folders = append(folders, folder)
	}
	return folders, nil
}

// Install makes a cluster know all kinds. There is nothing that acts on them.
func Install(ctx context.Context, into *cluster.Cluster) error {
	folders, err := Folders()
	if err != nil {
		return err
	}
	return InstallFrom(ctx, into, folders...)
}

// InstallFrom makes a cluster know the kinds that are defined in these folders.
func InstallFrom(ctx context.Context, into *cluster.Cluster, folders ...string) error {
	files, err := files(folders)
	if err != nil {
		return err
	}
	// On the client's side, kubectl would note each definition in an annotation, for which they are too long.
	apply := []string{"apply", "--server-side"}
	for _, file := range files {
		apply = append(apply, "--filename="+file)
	}
	for _, args := range [][]string{
		apply,
		{"wait", "--for=condition=Established", "--timeout=60s", "customresourcedefinitions", "--all"},
	} {
		if _, _, err := into.Kubectl(ctx, "", args...); err != nil {
			return err
		}
	}
	return nil
}

// files are those of all definitions in these folders.
func files(folders []string) ([]string, error) {
	var files []string
	for _, folder := range folders {
		found, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return slices.DeleteFunc(files, func(file string) bool { return filepath.Base(file) == "kustomization.yaml" }), nil
}
