package monitoring

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/stretchr/testify/require"
)

// grafanaDashboard is the model that Grafana reads from files. What the schema prefers instead is what its API takes.
type grafanaDashboard = dashboard.Dashboard //nolint:staticcheck // Deprecated for a model that files are not written in.

// left are fields that Grafana's schema requires and Grafana itself fills in as it loads a dashboard: where, and with what.
var left = []struct{ field, with string }{
	{"annotations", "its own list: alerts and annotations of the dashboard"},
	{"panels", "no panels: those of a row that is open stand below it"},
	{"options.legend.calcs", "no calculations beside the legend"},
	{"options.justifyMode", "auto"},
	{"options.orientation", "auto"},
	{"options.percentChangeColorMode", "standard"},
	{"options.showPercentChange", "false"},
	{"options.textMode", "auto"},
	{"options.wideLayout", "true"},
}

var (
	isMissing = regexp.MustCompile(`^required field is missing`)
	panelPath = regexp.MustCompile(`^panels\[\d+\]\.`)
)

// schemaErrors are what Grafana's schema does not allow.
func schemaErrors(content []byte) cog.BuildErrors {
	var strict grafanaDashboard
	errs := buildErrors(strict.UnmarshalJSONStrict(content))
	var raw rawDashboard
	if err := json.Unmarshal(content, &raw); err != nil {
		return errs // Which say so.
	}
	for i, panel := range raw.Panels {
		errs = append(errs, cog.MakeBuildErrors(fmt.Sprintf("panels[%d]", i), panel.errors())...)
	}
	return errs
}

// rawDashboard has what the schema's own decoder takes as any JSON, inside a panel that it otherwise reads strictly.
type rawDashboard struct {
	Panels []rawPanel
}

type rawPanel struct {
	FieldConfig json.RawMessage
	Targets     []json.RawMessage
}

func (p rawPanel) errors() cog.BuildErrors {
	var config dashboard.FieldConfigSource
	errs := cog.MakeBuildErrors("fieldConfig", buildErrors(config.UnmarshalJSONStrict(p.FieldConfig)))
	for i, target := range p.Targets {
		_, err := cog.StrictUnmarshalDataquery(target, "prometheus")
		errs = append(errs, cog.MakeBuildErrors(fmt.Sprintf("targets[%d]", i), buildErrors(err))...)
	}
	return errs
}

// buildErrors are the errors of the schema in an error, which is one of another kind if the content is no JSON at all.
func buildErrors(err error) cog.BuildErrors {
	var errs cog.BuildErrors
	if err != nil && !errors.As(err, &errs) {
		return cog.BuildErrors{{Path: "dashboard", Message: err.Error()}}
	}
	return errs
}

// schemaFaults are those of the errors that Grafana does not mend itself. What it mends is noted.
func schemaFaults(content []byte, filledIn map[string]bool) []string {
	var faults []string
	for _, err := range schemaErrors(content) {
		field := panelPath.ReplaceAllString(err.Path, "")
		if isMissing.MatchString(err.Message) && isLeft(field) {
			filledIn[field] = true
			continue
		}
		faults = append(faults, err.Error())
	}
	return faults
}

// decode reads a dashboard as far as it can be read.
func decode(content []byte) (grafanaDashboard, error) {
	var decoded grafanaDashboard
	if err := json.Unmarshal(content, &decoded); err != nil {
		return decoded, err
	}
	return decoded, decoded.Validate()
}

// mustDecode reads a dashboard that is without faults.
func mustDecode(t *testing.T, f file) grafanaDashboard {
	t.Helper()
	decoded, err := decode([]byte(f.content))
	require.NoError(t, err, f)
	return decoded
}

func isLeft(field string) bool {
	for _, l := range left {
		if l.field == field {
			return true
		}
	}
	return false
}

func TestNoMoreIsLeftToGrafana(t *testing.T) {
	filled := map[string]bool{}
	for _, file := range filesNamed(t, dashboardFiles) {
		schemaFaults([]byte(file.content), filled)
	}
	for _, l := range left {
		require.True(t, filled[l.field], "no dashboard leaves out %s: remove it from the list", l.field)
	}
}
