package operate

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	scenariosDocument = "../docs/verify.md"
	scenariosBegin    = "<!-- scenarios: made by the tests -->\n"
	scenariosEnd      = "<!-- end of scenarios -->\n"
)

// TestScenariosDocument wants the document to list what verify says of each broken platform: test/rollout breaks a real cluster so, and
// keeps the output. UPDATE_GOLDEN=1 writes the list anew.
func TestScenariosDocument(t *testing.T) {
	files, err := filepath.Glob("../test/rollout/testdata/verify/*.txt")
	require.NoError(t, err)
	var table strings.Builder
	for _, step := range append(stepNames(), persistenceStep) {
		fmt.Fprintf(&table, "\n### %s\n\n| broken | cause | what to do |\n|---|---|---|\n", step)
		rows := 0
		for _, file := range files {
			output, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, f := range findingsOf(string(output), step) {
				name := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(file), ".txt"), "-", " ")
				fmt.Fprintf(&table, "| %s | %s: %s | %s |\n", name, f.object, f.cause, f.do)
				rows++
			}
		}
		require.NotZero(t, rows, "no scenario breaks "+step)
	}
	content, err := os.ReadFile(scenariosDocument)
	require.NoError(t, err)
	for _, session := range []string{"working", "persistence"} {
		output, err := os.ReadFile("../test/rollout/testdata/verify/" + session + ".txt")
		require.NoError(t, err)
		require.Contains(t, string(content), string(output), "the session of %s", session)
	}
	before, rest, found := strings.Cut(string(content), scenariosBegin)
	require.True(t, found)
	_, after, found := strings.Cut(rest, scenariosEnd)
	require.True(t, found)
	want := before + scenariosBegin + table.String() + "\n" + scenariosEnd + after
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(scenariosDocument, []byte(want), 0o600))
		return
	}
	require.Equal(t, want, string(content), "UPDATE_GOLDEN=1 go test ./operate -run TestScenariosDocument")
}

// printedFinding is a cell each.
type printedFinding struct{ object, cause, do string }

var (
	stepLine    = regexp.MustCompile(`(?m)^(?:ok|failed|not checked) +([a-z]+) .*$`)
	findingText = regexp.MustCompile(`(?m)^    (\S.*)\n        cause:   (.*)\n(?:        (?:affects:|        ) .*\n)*(?:        changed: (.*)\n)?        do:      (.*)$`)
	whenChanged = regexp.MustCompile(` at \S+Z`)
)

// findingsOf are those of a step, without Services that lack nothing but ready pods.
func findingsOf(output, step string) []printedFinding {
	var found []printedFinding
	for i, line := range stepLine.FindAllStringSubmatchIndex(output, -1) {
		if output[line[2]:line[3]] != step {
			continue
		}
		end := len(output)
		if next := stepLine.FindAllStringIndex(output, -1); i+1 < len(next) {
			end = next[i+1][0]
		}
		for _, f := range findingText.FindAllStringSubmatch(output[line[1]:end], -1) {
			if f[1] == "Services" {
				continue
			}
			cause := f[2]
			if f[3] != "" {
				cause += "; changed: " + whenChanged.ReplaceAllLiteralString(f[3], "")
			}
			found = append(found, printedFinding{cell(f[1]), cell(cause), cell(f[4])})
		}
	}
	return found
}

// cell escapes what a table would take for its own.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", `\<`, "*", `\*`).Replace(text)
}
