// Package crds finds the definitions of custom resources that other projects ship, which the manifests' own custom
// resources are held against.
package crds

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/ai-platform/manifests/test/cluster"
)

// prometheusOperator is the module that has the definitions of ServiceMonitor and PrometheusRule. No Go code of it is used.
const prometheusOperator = "github.com/prometheus-operator/prometheus-operator@v0.85.0"

// PrometheusOperator returns the folder of the definitions that prometheus-operator ships. Go downloads the module, unless
// it has it in its cache.
func PrometheusOperator() (folder string, err error) {
	out, err := exec.Command("go", "mod", "download", "-json", prometheusOperator).Output()
	// The reason is in the output, whatever the exit code.
	var module struct{ Dir, Error string }
	if decodeErr := json.Unmarshal(out, &module); decodeErr != nil {
		return "", fmt.Errorf("download %s: %w: %s", prometheusOperator, err, out)
	}
	if module.Error != "" {
		return "", fmt.Errorf("download %s: %s", prometheusOperator, module.Error)
	}
	return filepath.Join(module.Dir, "example", "prometheus-operator-crd"), nil
}

// InstallPrometheusOperator makes a cluster know the kinds of prometheus-operator. There is nothing that acts on them.
func InstallPrometheusOperator(ctx context.Context, into *cluster.Cluster) error {
	folder, err := PrometheusOperator()
	if err != nil {
		return err
	}
	for _, args := range [][]string{
		// On the client's side, kubectl would note each definition in an annotation, for which they are too long.
		{"apply", "--server-side", "--filename=" + folder},
		{"wait", "--for=condition=Established", "--timeout=60s", "customresourcedefinitions", "--all"},
	} {
		if _, _, err := into.Kubectl(ctx, "", args...); err != nil {
			return err
		}
	}
	return nil
}
