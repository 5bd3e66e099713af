package operate

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ai-platform/manifests/operate/internal/diagnosis"
)

// verification is what the command prints.
type verification struct {
	Environment string   `json:"environment"`
	Context     string   `json:"context,omitempty"` // Of the kubeconfig.
	Passed      bool     `json:"passed"`            // No step failed.
	Steps       []step   `json:"steps"`
	Notes       []string `json:"notes,omitempty"`
}

// step is the result of one.
type step struct {
	Name     string              `json:"name"`
	Result   result              `json:"result"`
	Summary  string              `json:"summary"`
	Seconds  float64             `json:"seconds"` // With --wait, since the beginning.
	Findings []diagnosis.Finding `json:"findings"`
}

// result is how a step ended.
type result string

const (
	passed     result = "ok"
	failed     result = "failed"
	notChecked result = "not checked"
)

var resultColors = map[result]string{passed: "\x1b[32m", failed: "\x1b[1;31m", notChecked: "\x1b[33m"}

// resultOf tells the result from what a step found.
func resultOf(found diagnosis.Result) result {
	switch {
	case len(found.Findings) > 0:
		return failed
	case found.NotChecked:
		return notChecked
	}
	return passed
}

// progress is a line for people who wait.
func (v *verification) progress() string {
	var parts []string
	for _, s := range v.Steps {
		parts = append(parts, s.Name+": "+s.Summary)
	}
	return "waiting: " + strings.Join(parts, "; ")
}

// text prints a verification for people.
func (v *verification) text(to io.Writer, color bool) error {
	var out bytes.Buffer
	count := map[result]int{}
	for _, s := range v.Steps {
		count[s.Result]++
		line := fmt.Sprintf("%-11s  %-11s  %s (%.1fs)", s.Result, s.Name, s.Summary, s.Seconds)
		if color {
			line = resultColors[s.Result] + line + "\x1b[0m"
		}
		fmt.Fprintln(&out, line)
		for _, f := range s.Findings {
			finding(&out, f)
		}
	}
	for _, note := range v.Notes {
		fmt.Fprintln(&out, "note:", note)
	}
	summary := "everything passed"
	switch {
	case count[failed] > 0:
		summary = fmt.Sprintf("%d of %d steps failed", count[failed], len(v.Steps))
	case count[notChecked] > 0:
		summary = fmt.Sprintf("%d of %d steps passed, the others were not checked", count[passed], len(v.Steps))
	}
	if v.Context != "" {
		summary += " (context " + v.Context + ")"
	}
	fmt.Fprintf(&out, "\n%s: %s\n", v.Environment, summary)
	_, err := to.Write(out.Bytes())
	return err
}

// mostAffected is how many objects a finding lists for people.
const mostAffected = 10

// finding is a block of lines.
func finding(out *bytes.Buffer, f diagnosis.Finding) {
	fmt.Fprintf(out, "\n    %s\n", f.Object)
	field(out, "cause", f.Cause)
	affected := f.Affected
	if more := len(affected) - mostAffected; more > 0 {
		affected = append(slices.Clone(affected[:mostAffected]), fmt.Sprintf("… and %d more, which --output=json lists", more))
	}
	field(out, "affects", affected...)
	if f.Changed != "" {
		field(out, "changed", f.Changed)
	}
	field(out, "do", f.Advice)
}

func field(out *bytes.Buffer, name string, values ...string) {
	for i, value := range values {
		if i == 0 {
			value = fmt.Sprintf("%-9s", name+":") + value
		} else {
			value = strings.Repeat(" ", 9) + value
		}
		fmt.Fprintln(out, "        "+value)
	}
}
