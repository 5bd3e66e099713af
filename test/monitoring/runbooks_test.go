package monitoring

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	runbooksFile = "docs/runbooks.md"
	// runbooksPage is where that file is read.
	runbooksPage = "https://github.com/ai-platform/manifests/blob/main/" + runbooksFile
)

var sectionHeading = regexp.MustCompile(`(?m)^## (.+)$`)

// TestRunbooks holds the alerts of this project against the sections of the page. A consumer's own alert has a page of its
// own.
func TestRunbooks(t *testing.T) {
	sections := runbookSections(t)
	require.NotEmpty(t, sections)
	var ours []string
	for _, file := range filesNamed(t, rulesFile) {
		for _, rule := range rulesIn(t, file) {
			page, anchor, _ := strings.Cut(rule.Annotations["runbook_url"], "#")
			if page != runbooksPage {
				continue
			}
			require.Equal(t, anchorOf(rule.Alert), anchor, "%s: %s leads elsewhere", file, rule.Alert)
			ours = append(ours, rule.Alert)
		}
	}
	slices.Sort(ours)
	slices.Sort(sections)
	require.Equal(t, slices.Compact(ours), sections, "alerts, and sections of %s", runbooksFile)
}

func runbookSections(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(repository, runbooksFile))
	require.NoError(t, err)
	var sections []string
	for _, heading := range sectionHeading.FindAllStringSubmatch(string(page), -1) {
		sections = append(sections, heading[1])
	}
	return sections
}

// anchorOf is what GitHub makes of a heading that is one word.
func anchorOf(heading string) string { return strings.ToLower(heading) }

// Our alerts lead to our page: one whose address is misspelt would pass as a consumer's.
func TestOnlyTheCustomAlertHasItsRunbookElsewhere(t *testing.T) {
	elsewhere := map[string]bool{}
	for _, file := range filesNamed(t, rulesFile) {
		for _, rule := range rulesIn(t, file) {
			if !strings.HasPrefix(rule.Annotations["runbook_url"], runbooksPage+"#") {
				elsewhere[rule.Alert] = true
			}
		}
	}
	require.Equal(t, map[string]bool{"OrdersStopped": true}, elsewhere)
}

var runbookLink = regexp.MustCompile(`\]\(#([^)]*)\)`)

// The page's links from section to section lead somewhere.
func TestRunbookLinks(t *testing.T) {
	var anchors []string
	for _, section := range runbookSections(t) {
		anchors = append(anchors, anchorOf(section))
	}
	page, err := os.ReadFile(filepath.Join(repository, runbooksFile))
	require.NoError(t, err)
	for _, link := range runbookLink.FindAllStringSubmatch(string(page), -1) {
		require.Contains(t, anchors, link[1])
	}
}

var quotedTitle = regexp.MustCompile(`"([A-Z][^"]*)"`)

// Whoever follows a runbook at night must find the panels that it names.
func TestRunbooksNamePanels(t *testing.T) {
	titles := map[string]bool{}
	for _, file := range filesNamed(t, dashboardFiles) {
		for _, tile := range tilesOf(mustDecode(t, file)) {
			titles[tile.title] = true
		}
	}
	page, err := os.ReadFile(filepath.Join(repository, runbooksFile))
	require.NoError(t, err)
	quoted := quotedTitle.FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, quoted)
	for _, title := range quoted {
		require.True(t, titles[title[1]], "no dashboard has the panel %q", title[1])
	}
}
