package monitoring

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/repository"
)

const (
	runbooksFile = "docs/runbooks.md"
	runbooksPage = "https://github.com/ai-platform/manifests/blob/main/" + runbooksFile
)

// customAlert is an alert of the golden files that an importer wrote. Its runbook is the importer's.
const customAlert = "OrdersStopped"

var (
	sectionHeading = regexp.MustCompile(`(?m)^## (.+)$`)
	sectionLink    = regexp.MustCompile(`\]\(#([^)]*)\)`)
	quotedTitle    = regexp.MustCompile(`"([A-Z][^"]*)"`)
)

// Each alert links to its section of the page, each section is about an alert, and the sections' links to each other work.
func TestRunbooks(t *testing.T) {
	page, err := os.ReadFile(repository.Path(runbooksFile))
	require.NoError(t, err)
	var sections, alerts []string
	for _, heading := range sectionHeading.FindAllStringSubmatch(string(page), -1) {
		sections = append(sections, heading[1])
	}
	eachRule(t, func(f file, r rule) {
		if r.Alert == customAlert {
			require.Regexp(t, "^https://", r.Annotations["runbook_url"], f)
			return
		}
		require.Equal(t, runbooksPage+"#"+anchorOf(r.Alert), r.Annotations["runbook_url"], f)
		alerts = append(alerts, r.Alert)
	})
	slices.Sort(alerts)
	slices.Sort(sections)
	require.Equal(t, slices.Compact(alerts), sections, "alerts, and sections of %s", runbooksFile)
	for _, link := range sectionLink.FindAllStringSubmatch(string(page), -1) {
		require.True(t, slices.ContainsFunc(sections, func(section string) bool { return anchorOf(section) == link[1] }), link[0])
	}
}

// anchorOf is what GitHub makes of a heading that is one word.
func anchorOf(heading string) string { return strings.ToLower(heading) }

// Whoever follows a runbook at night must find the panels that it names.
func TestRunbooksNamePanels(t *testing.T) {
	titles := map[string]bool{}
	for _, f := range filesNamed(t, dashboardFiles) {
		for _, tile := range tilesOf(decoded(t, f)) {
			titles[tile.title] = true
		}
	}
	page, err := os.ReadFile(repository.Path(runbooksFile))
	require.NoError(t, err)
	quoted := quotedTitle.FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, quoted)
	for _, title := range quoted {
		require.True(t, titles[title[1]], "no dashboard has the panel %q", title[1])
	}
}
