// Package crds finds the definitions of custom resources that other projects ship, which the manifests' own custom
// resources are held against.
package crds

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/gomodule"
)

// sources are the folders of the definitions, and the files that are installed: all others would only take time.
var sources = []struct {
	module, folder string
	files          []string
}{
	{gomodule.PrometheusOperator, "example/prometheus-operator-crd", []string{
		"monitoring.coreos.com_probes.yaml", "monitoring.coreos.com_prometheusrules.yaml", "monitoring.coreos.com_servicemonitors.yaml",
	}},
	{gomodule.ArgoCD, "manifests/crds", []string{"application-crd.yaml", "applicationset-crd.yaml", "appproject-crd.yaml"}},
	{gomodule.ExternalSecrets, "config/crds/bases", []string{
		"external-secrets.io_externalsecrets.yaml", "generators.external-secrets.io_passwords.yaml",
	}},
	{gomodule.GatewayAPI, "config/crd/standard", []string{
		"gateway.networking.k8s.io_gatewayclasses.yaml", "gateway.networking.k8s.io_gateways.yaml", "gateway.networking.k8s.io_httproutes.yaml",
		"gateway.networking.k8s.io_listenersets.yaml",
	}},
	{gomodule.Cilium, "pkg/k8s/apis/cilium.io/client/crds/v2", []string{"ciliumnetworkpolicies.yaml"}},
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

// Install makes a cluster know the kinds that the manifests have. There is nothing that acts on them.
func Install(ctx context.Context, into *cluster.Cluster) error {
	var all []string
	for _, s := range sources {
		folder, err := gomodule.Folder(s.module, s.folder)
		if err != nil {
			return err
		}
		for _, file := range s.files {
			all = append(all, filepath.Join(folder, file))
		}
	}
	return installFiles(ctx, into, all)
}

// InstallFrom makes a cluster know the kinds that are defined in these folders.
func InstallFrom(ctx context.Context, into *cluster.Cluster, folders ...string) error {
	files, err := files(folders)
	if err != nil {
		return err
	}
	return installFiles(ctx, into, files)
}

func installFiles(ctx context.Context, into *cluster.Cluster, files []string) error {
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
	return slices.DeleteFunc(files, func(file string) bool {
		name := filepath.Base(file)
		return name == "kustomization.yaml" || strings.Contains(name, "_vap_") // Gateway API's policy on its own definitions.
	}), nil
}
