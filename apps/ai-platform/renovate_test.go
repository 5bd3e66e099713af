package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Renovate's expression finds every image of this repository that others publish.
func TestRenovateFindsTheImages(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(repository, "renovate.json"))
	require.NoError(t, err)
	var config struct {
		CustomManagers []struct{ MatchStrings []string }
	}
	require.NoError(t, json.Unmarshal(content, &config))
	pattern := strings.ReplaceAll(config.CustomManagers[0].MatchStrings[0], "(?<", "(?P<")
	image := regexp.MustCompile(pattern)

	for file, want := range map[string][]string{
		"apps/ai-platform/environments.go": {"postgres", "redis"},
		"constructs/postgres.go":           {"postgres"},
		"constructs/redis.go":              {"redis"},
	} {
		source, err := os.ReadFile(filepath.Join(repository, file))
		require.NoError(t, err)
		var found []string
		for _, match := range image.FindAllStringSubmatch(string(source), -1) {
			found = append(found, match[image.SubexpIndex("depName")])
		}
		require.Equal(t, want, found, file)
	}
}
