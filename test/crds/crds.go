// Package crds finds the definitions of custom resources that other projects ship, which the manifests' own custom
// resources are held against.
package crds

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/ai-platform/manifests/test/cluster"
)

// source is a folder of definitions, in a module of which no Go code is used.
type source struct {
	module, folder string
}

var sources = []source{
	// ServiceMonitor and PrometheusRule.
	{"github.com/prometheus-operator/prometheus-operator@v0.85.0", "example/prometheus-operator-crd"},
	// AppProject, Application and ApplicationSet. Go does not unpack 3.6 for this module, which has an older version of Go.
	{"github.com/argoproj/argo-cd/v3@v3.5.7", "manifests/crds"},
}

// Folders returns the folders of all definitions. Go downloads the modules, unless it has them in its cache.
func Folders() ([]string, error) {
	var folders []string
	for _, s := range sources {
		folder, err := s.find()
		if err != nil {
			return nil, err
		}
		folders = append(folders, folder)
	}
	return folders, nil
}

func (s source) find() (folder string, err error) {
	out, err := exec.Command("go", "mod", "download", "-json", s.module).Output()
	// The reason is in the output, whatever the exit code.
	var module struct{ Dir, Error string }
	if decodeErr := json.Unmarshal(out, &module); decodeErr != nil {
		return "", fmt.Errorf("download %s: %w: %s", s.module, err, out)
	}
	if module.Error != "" {
		return "", fmt.Errorf("download %s: %s", s.module, module.Error)
	}
	return filepath.Join(module.Dir, filepath.FromSlash(s.folder)), nil
}

// Install makes a cluster know all kinds. There is nothing that acts on them.
func Install(ctx context.Context, into *cluster.Cluster) error {
	files, err := files()
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

// files are those of all definitions.
func files() ([]string, error) {
	folders, err := Folders()
	if err != nil {
		return nil, err
	}
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
