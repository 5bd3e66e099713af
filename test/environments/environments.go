// Package environments has the environments of ai-platform as they are committed, and their Secrets.
package environments

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ai-platform/manifests/test/cluster"
	"github.com/ai-platform/manifests/test/externalsecrets"
	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/yamldoc"
)

// SecretName is that of each environment's Secret.
const SecretName = "ai-platform-secrets"

// Environment is a folder of manifests, for a namespace of its own.
type Environment struct {
	Folder, Namespace string
	Argument          string // Of the command that makes its Secret. Empty where External Secrets does.
}

// The environments.
var (
	Production  = Environment{"dist", "ai-platform", "production"}
	Staging     = Environment{"deploy/staging", "ai-platform-staging", ""}
	Development = Environment{"deploy/development", "ai-platform-development", "development"}

	All = []Environment{Production, Staging, Development}
)

// Path is where the manifests are.
func (e Environment) Path() string { return repository.Path(e.Folder) }

// Objects reads the manifests, in the order of their names.
func (e Environment) Objects() ([]*unstructured.Unstructured, error) {
	files, err := filepath.Glob(filepath.Join(e.Path(), "*.yaml"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s has no manifests: %w", e.Folder, err)
	}
	var objects []*unstructured.Unstructured
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		found, err := yamldoc.Objects(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		objects = append(objects, found...)
	}
	return objects, nil
}

// CreateSecret runs the command that the documents name, or does the operator's work.
func (e Environment) CreateSecret(ctx context.Context, in *cluster.Cluster) error {
	if e.Argument == "" {
		return externalsecrets.Reconcile(ctx, in, e.Namespace, SecretName)
	}
	secret, err := e.PrintSecret()
	if err != nil {
		return err
	}
	_, _, err = in.Kubectl(ctx, string(secret), "create", "--filename=-")
	return err
}

// PrintSecret is the Secret that the application's command prints.
func (e Environment) PrintSecret() ([]byte, error) {
	command := exec.Command("go", "run", "./apps/ai-platform", "secret", e.Argument)
	command.Dir = repository.Path()
	// A workspace around the repository may not list the module, and go refuses to work on one that it does not list.
	command.Env = append(os.Environ(), "GOWORK=off")
	var stderr strings.Builder
	command.Stderr = &stderr
	printed, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", command, err, &stderr)
	}
	return printed, nil
}
