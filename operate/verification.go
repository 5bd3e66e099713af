package operate

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/ai-platform/manifests/operate/internal/diagnosis"
)

// verification is what the command prints.
type verification struct {
	Environment string   `json:"environment"`
	Context     string   `json:"context,omitempty"` // Of the kubeconfig.
	Passed      bool     `json:"passed"`
	Steps       []step   `json:"steps"`
	Notes       []string `json:"notes,omitempty"`
}

// step is the result of one.
type step struct {
	Name     string              `json:"name"`
	Passed   bool                `json:"passed"`
	Summary  string              `json:"summary"`
	Seconds  float64             `json:"seconds"` // With --wait, since the beginning.
	Findings []diagnosis.Finding `json:"findings"`
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
	failed := 0
	for _, s := range v.Steps {
		result, code := "ok", "\x1b[32m"
		if !s.Passed {
			failed++
			result, code = "failed", "\x1b[1;31m"
		}
		line := fmt.Sprintf("%-7s %-9s %s (%.1fs)", result, s.Name, s.Summary, s.Seconds)
		if color {
			line = code + line + "\x1b[0m"
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
	if failed > 0 {
		summary = fmt.Sprintf("%d of %d steps failed", failed, len(v.Steps))
	}
	if v.Context != "" {
		summary += " (context " + v.Context + ")"
	}
	fmt.Fprintf(&out, "\n%s: %s\n", v.Environment, summary)
	_, err := to.Write(out.Bytes())
	return err
}

// finding is a block of lines.
func finding(out *bytes.Buffer, f diagnosis.Finding) {
	fmt.Fprintf(out, "\n    %s\n", f.Object)
	field(out, "cause", f.Cause)
	field(out, "affects", f.Affected...)
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
