// Package document finds the commands that the project's documents tell people to type.
package document

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/repository"
)

// Scripts are the indented blocks of a file in docs/, or of what is below one of its headings.
func Scripts(t *testing.T, name, heading string) []string {
	t.Helper()
	content, err := os.ReadFile(repository.Path("docs", name))
	require.NoError(t, err)
	var found []string
	inside, before := heading == "", ""
	for line := range strings.Lines(string(content)) {
		if title, isHeading := strings.CutPrefix(line, "## "); isHeading && heading != "" {
			inside = strings.TrimSpace(title) == heading
		}
		code, isCode := strings.CutPrefix(line, "    ")
		_, wasCode := strings.CutPrefix(before, "    ")
		switch {
		case !inside || !isCode:
		case wasCode:
			found[len(found)-1] += code
		default:
			found = append(found, code)
		}
		before = line
	}
	require.NotEmpty(t, found, "%s has no commands below %q", name, heading)
	return found
}
