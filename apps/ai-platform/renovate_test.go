package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Renovate's expressions find every image of others that the code names, and the modules that no go.mod names.
func TestRenovateFindsVersions(t *testing.T) {
	images, inDocstrings, modules := renovatePatterns(t)

	imageConstant := regexp.MustCompile(`(?m)^\s*(?:const )?\w*[iI]mage\w*\s*= "([^":]+):`)
	var named, documented []string
	for _, file := range sources(t, "constructs", "apps/ai-platform") {
		want := slices.DeleteFunc(firstGroups(imageConstant, file.text), func(image string) bool {
			return strings.HasPrefix(image, "ai-platform-") // Our own, at "latest".
		})
		require.Equal(t, want, firstGroups(images, file.text), "%s: put //renovate:image above each image", file.path)
		named = append(named, want...)
		documented = append(documented, firstGroups(inDocstrings, file.text)...)
	}
	require.Subset(t, named, []string{"postgres", "redis", "grafana/grafana", "quay.io/prometheus/blackbox-exporter"})
	slices.Sort(named)
	slices.Sort(documented)
	require.Equal(t, slices.Compact(named), documented, "each image is the documented default of a prop")

	for _, file := range sources(t, "test/gomodule") {
		require.Equal(t, []string{
			"github.com/argoproj/argo-cd/v3", "github.com/fluxcd/source-controller", "github.com/fluxcd/kustomize-controller",
			"github.com/external-secrets/external-secrets", "github.com/cert-manager/cert-manager", "github.com/prometheus-operator/prometheus-operator",
			"sigs.k8s.io/gateway-api", "github.com/cilium/cilium",
		}, firstGroups(modules, file.text), file.path)
	}
}

func renovatePatterns(t *testing.T) (images, inDocstrings, modules *regexp.Regexp) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, "renovate.json"))
	require.NoError(t, err)
	var config struct {
		CustomManagers []struct{ MatchStrings []string }
	}
	require.NoError(t, json.Unmarshal(content, &config))
	var patterns []*regexp.Regexp
	for _, manager := range config.CustomManagers {
		for _, text := range manager.MatchStrings {
			patterns = append(patterns, regexp.MustCompile(strings.ReplaceAll(text, "(?<", "(?P<")))
		}
	}
	require.Len(t, patterns, 3)
	return patterns[0], patterns[1], patterns[2]
}

type sourceFile struct{ path, text string }

// sources are the Go files below the directories, without tests.
func sources(t *testing.T, directories ...string) []sourceFile {
	t.Helper()
	var files []sourceFile
	for _, directory := range directories {
		require.NoError(t, filepath.WalkDir(filepath.Join(repository, directory), func(path string, _ os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata") {
				return err
			}
			text, err := os.ReadFile(path)
			files = append(files, sourceFile{path, string(text)})
			return err
		}))
	}
	return files
}

func firstGroups(pattern *regexp.Regexp, text string) []string {
	groups := []string{}
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		groups = append(groups, match[1])
	}
	return groups
}
