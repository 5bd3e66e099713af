// Package gomodule finds files in modules of which no Go code is used.
package gomodule

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
)

// ArgoCD has the definitions of Argo CD's own kinds, and its scripts that assess health. Go does not unpack 3.6 for this module, which
// has an older version of Go, and does not find the engine that 3.5's own code needs.
const ArgoCD = "github.com/argoproj/argo-cd/v3@v3.5.7"

// Flux's controllers, which have the definitions of its kinds. Later versions need a newer Go than 1.26.
const (
	FluxSource    = "github.com/fluxcd/source-controller@v1.9.6"
	FluxKustomize = "github.com/fluxcd/kustomize-controller@v1.9.6"
)

// ExternalSecrets has the definitions of the External Secrets Operator. Go finds no module of 2.x.
const ExternalSecrets = "github.com/external-secrets/external-secrets@v1.3.2"

// CertManager has the definitions of cert-manager.
const CertManager = "github.com/cert-manager/cert-manager@v1.21.2"

// PrometheusOperator has the definitions of the operator.
const PrometheusOperator = "github.com/prometheus-operator/prometheus-operator@v0.85.0"

// GatewayAPI has the definitions of Gateway API. 1.7 needs a newer Go than 1.26.
const GatewayAPI = "sigs.k8s.io/gateway-api@v1.6.3"

// Cilium has the definitions of its policies.
const Cilium = "github.com/cilium/cilium@v1.20.2"

// Folder returns a folder of a module at a version. Go downloads the module, unless it has it in its cache.
func Folder(module, folder string) (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	// The reason is in the output, whatever the exit code.
	var found struct{ Dir, Error string }
	if decodeErr := json.Unmarshal(out, &found); decodeErr != nil {
		return "", fmt.Errorf("download %s: %w: %s", module, err, out)
	}
	if found.Error != "" {
		return "", fmt.Errorf("download %s: %s", module, found.Error)
	}
	return filepath.Join(found.Dir, filepath.FromSlash(folder)), nil
}
