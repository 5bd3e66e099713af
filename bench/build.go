package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/ai-platform/manifests/internal/objectfile"
)

//go:embed javascript.js
var javascript []byte

// build makes the programs and their input, in a directory that is removed at the end.
type build struct {
	root, work string
	base       string // The directory of the commit to compare with, if there is one.
	revision   string // That commit.
}

func (b *build) path(elements ...string) string {
	return filepath.Join(b.work, filepath.Join(elements...))
}

func (b *build) node() string { return filepath.Join(b.root, "node_modules", "node", "bin", "node") }

func (b *build) all(base string) error {
	if _, err := os.Stat(b.node()); err != nil {
		return fmt.Errorf("run \"npm ci\" first: %w", err)
	}
	for _, program := range []struct{ module, path, name string }{
		{"", "./apps/ai-platform", "ai-platform"},
		{"", "./bench/stock", "stock"},
		{"", "./bench/platforms", "platforms"},
		{"test/helm", "helm.sh/helm/v4/cmd/helm", "helm"},
		{"test/controlplane", "k8s.io/kubernetes/cmd/kubectl", "kubectl"},
	} {
		if err := b.program(filepath.Join(b.root, program.module), program.path, program.name); err != nil {
			return err
		}
	}
	if err := b.project("project", b.root); err != nil {
		return err
	}
	if err := b.inputs(); err != nil || base == "" {
		return err
	}
	return b.commit(base)
}

func (b *build) program(module, path, name string) error {
	log.Printf("build %s", name)
	command := exec.Command("go", "build", "-o", b.path(name), path)
	command.Dir = module
	return run(command)
}

// project makes a directory in which the application writes dist/ and deploy/, with what the repository has there.
func (b *build) project(name, from string) error {
	folder := b.path(name)
	for _, part := range []string{"dist", "deploy"} {
		if err := os.CopyFS(filepath.Join(folder, part), os.DirFS(filepath.Join(from, part))); err != nil {
			return err
		}
	}
	if err := os.Symlink(filepath.Join(b.root, "node_modules"), filepath.Join(folder, "node_modules")); err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(from, "cdk8s.yaml"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "cdk8s.yaml"), content, 0o644)
}

// inputs makes what kubectl and JavaScript read: the objects of dist/, with the directory of each program.
func (b *build) inputs() error {
	dist := filepath.Join(b.root, "dist")
	if err := os.CopyFS(b.path("kustomize"), os.DirFS(dist)); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(dist, "*.yaml"))
	if err != nil {
		return err
	}
	charts, kustomization := map[string]any{}, "resources:\n"
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		objects, err := objectfile.Read(content)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		name := filepath.Base(file)
		charts[strings.TrimSuffix(name, ".k8s.yaml")] = objects
		kustomization += "- " + name + "\n"
	}
	encoded, err := json.Marshal(charts)
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"kustomize/kustomization.yaml": []byte(kustomization), "project/objects.json": encoded, "project/javascript.js": javascript,
	} {
		if err := os.WriteFile(b.path(name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// commit extracts a commit and builds its application.
func (b *build) commit(revision string) error {
	b.base, b.revision = b.path("base"), revision
	if err := os.Mkdir(b.base, 0o755); err != nil {
		return err
	}
	archive := b.path("base.tar")
	if err := run(exec.Command("git", "-C", b.root, "archive", "--output", archive, revision)); err != nil {
		return fmt.Errorf("%w: run \"git fetch --unshallow\", or set -base to another commit", err)
	}
	if err := run(exec.Command("tar", "--extract", "--file", archive, "--directory", b.base)); err != nil {
		return err
	}
	if err := os.Symlink(filepath.Join(b.root, "node_modules"), filepath.Join(b.base, "node_modules")); err != nil {
		return err
	}
	return b.program(b.base, "./apps/ai-platform", "ai-platform-base")
}

// run runs a command, and includes what it prints in its error.
func run(command *exec.Cmd) error {
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", command, err, output)
	}
	return nil
}
