package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/ai-platform/manifests/internal/objectfile"
)

type object = map[string]any

// compare runs the programs once, counts their objects, and fails unless those that are to write the same objects do.
func (b *build) compare(rows []*row) error {
	want := map[string]object{}
	for _, r := range rows {
		if r.empty != "" {
			continue // Starting cold is not made faster by it.
		}
		log.Printf("compare %s", r.name)
		objects, err := r.objectsOfRun()
		if err != nil {
			return err
		}
		r.objects = len(objects)
		got := byName(objects)
		switch r.key {
		case application:
			want = got
		case javaScript, kustomize, helm:
			if difference := cmp.Diff(want, got); difference != "" {
				return fmt.Errorf("%s does not write the objects of the application; if dist/ and deploy/ are old, run \"make synth\" first (-application +other):\n%s", r.name, difference)
			}
		case one, ten, hundred:
			if err := compareCopies(want, objects); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		}
	}
	return nil
}

// objectsOfRun runs a program and returns the objects that it writes, if it writes any.
func (r *row) objectsOfRun() ([]object, error) {
	if r.output != "" {
		if err := os.RemoveAll(r.output); err != nil {
			return nil, err
		}
	}
	output, err := r.start().Output()
	if err != nil {
		return nil, r.failure(err)
	}
	switch {
	case r.output != "":
		return readFolder(r.output)
	case r.slow:
		return nil, nil // It writes more than objects, or something else.
	}
	return objectfile.Read(output)
}

func readFolder(folder string) ([]object, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var all []object
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		objects, err := objectfile.Read(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, objects...)
	}
	return all, nil
}

// byName returns objects by kind and name, without the annotations that are for Argo CD and Helm only.
func byName(objects []object) map[string]object {
	named := map[string]object{}
	for _, o := range objects {
		metadata, _ := o["metadata"].(object)
		annotations, _ := metadata["annotations"].(object)
		for key := range annotations {
			if strings.HasPrefix(key, "argocd.argoproj.io/") || key == "helm.sh/resource-policy" {
				delete(annotations, key)
			}
		}
		if annotations != nil && len(annotations) == 0 {
			delete(metadata, "annotations")
		}
		named[fmt.Sprint(o["kind"], " ", metadata["name"])] = o
	}
	return named
}

// compareCopies wants each namespace to have the objects of the application, by kind and name. Namespaces are named differently.
func compareCopies(want map[string]object, objects []object) error {
	copies := map[string]map[string]bool{}
	for _, o := range objects {
		metadata, _ := o["metadata"].(object)
		namespace, name := fmt.Sprint(metadata["namespace"]), fmt.Sprint(o["kind"], " ", metadata["name"])
		if o["kind"] == "Namespace" {
			namespace, name = fmt.Sprint(metadata["name"]), "Namespace ai-platform"
		}
		if copies[namespace] == nil {
			copies[namespace] = map[string]bool{}
		}
		copies[namespace][name] = true
	}
	names := map[string]bool{}
	for name := range want {
		names[name] = true
	}
	for namespace, got := range copies {
		if difference := cmp.Diff(names, got); difference != "" {
			return fmt.Errorf("namespace %s has not the objects of the application (-application +copy):\n%s", namespace, difference)
		}
	}
	return nil
}
