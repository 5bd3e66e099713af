package monitoring

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// ruleGroups is what a file of rules says.
type ruleGroups struct {
	Groups []struct {
		Name  string
		Rules []rule
	}
}

type rule struct {
	Alert       string
	Expr        string
	Labels      map[string]string
	Annotations map[string]string
}

// rulesIn returns the rules of all groups of a file.
func rulesIn(t *testing.T, f file) []rule {
	t.Helper()
	var content ruleGroups
	require.NoError(t, yaml.Unmarshal([]byte(f.content), &content), f)
	var rules []rule
	for _, group := range content.Groups {
		rules = append(rules, group.Rules...)
	}
	return rules
}

// alertsIn returns the names of all alerts of files, sorted.
func alertsIn(t *testing.T, files []file) []string {
	t.Helper()
	names := map[string]bool{}
	for _, file := range files {
		for _, rule := range rulesIn(t, file) {
			names[rule.Alert] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// The cases of testdata are for this file's rules, so it must lack none.
func TestOneGoldenFileHasEveryAlert(t *testing.T) {
	require.Equal(t, alertsIn(t, filesNamed(t, rulesFile)), alertsIn(t, []file{fileIn(t, everyAlert, rulesFile)}))
}

// Every alert says who must look, in which words, and where to read on.
func TestAlertsHaveWhatPeopleAreShown(t *testing.T) {
	for _, file := range filesNamed(t, rulesFile) {
		for _, rule := range rulesIn(t, file) {
			severities := []string{"critical", "warning"}
			if rule.Alert == heartbeat {
				severities = []string{"none"}
			}
			require.Contains(t, severities, rule.Labels["severity"], "%s: %s", file, rule.Alert)
			require.NotEmpty(t, rule.Annotations["summary"], "%s: %s", file, rule.Alert)
			require.True(t, strings.HasPrefix(rule.Annotations["runbook_url"], "https://"), "%s: %s", file, rule.Alert)
		}
	}
}
