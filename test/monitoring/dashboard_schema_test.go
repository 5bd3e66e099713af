package monitoring

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/stretchr/testify/require"
)

// grafanaDashboard is the type of the files that Grafana reads. The type that the library prefers is that of its API.
type grafanaDashboard = dashboard.Dashboard //nolint:staticcheck // Deprecated for a type that files do not have.

// filledIn are fields that the schema requires and that Grafana itself fills in as it loads a dashboard: with its own annotations, with no
// panels below the title of a row that is open, and with the defaults of options.
var filledIn = []string{
	"annotations", "panels", "options.legend.calcs", "options.justifyMode", "options.orientation", "options.percentChangeColorMode",
	"options.showPercentChange", "options.textMode", "options.wideLayout",
}

var panelPath = regexp.MustCompile(`^panels\[\d+\]\.`)

// schemaFaults are what Grafana's schema does not allow, and the fields that Grafana fills in.
func schemaFaults(content []byte) (faults, filled []string) {
	for _, err := range schemaErrors(content) {
		field := panelPath.ReplaceAllString(err.Path, "")
		if strings.HasPrefix(err.Message, "required field is missing") && slices.Contains(filledIn, field) {
			filled = append(filled, field)
		} else {
			faults = append(faults, err.Error())
		}
	}
	return faults, filled
}

// schemaErrors decodes a dashboard strictly. Its type takes the field configuration and the queries of a panel as any JSON: they are decoded
// into their own.
func schemaErrors(content []byte) cog.BuildErrors {
	var strict grafanaDashboard
	errs := buildErrors(strict.UnmarshalJSONStrict(content))
	var raw struct {
		Panels []struct {
			FieldConfig json.RawMessage
			Targets     []json.RawMessage
		}
	}
	if err := json.Unmarshal(content, &raw); err != nil {
		return errs // Which say so.
	}
	for i, panel := range raw.Panels {
		var config dashboard.FieldConfigSource
		at := fmt.Sprintf("panels[%d].", i)
		errs = append(errs, cog.MakeBuildErrors(at+"fieldConfig", buildErrors(config.UnmarshalJSONStrict(panel.FieldConfig)))...)
		for j, target := range panel.Targets {
			_, err := cog.StrictUnmarshalDataquery(target, "prometheus")
			errs = append(errs, cog.MakeBuildErrors(fmt.Sprintf("%stargets[%d]", at, j), buildErrors(err))...)
		}
	}
	return errs
}

// buildErrors are the errors of the schema in an error, which is of another type if the content is not JSON at all.
func buildErrors(err error) cog.BuildErrors {
	var errs cog.BuildErrors
	if err != nil && !errors.As(err, &errs) {
		return cog.BuildErrors{{Path: "dashboard", Message: err.Error()}}
	}
	return errs
}

// decode reads a dashboard as far as it can be read.
func decode(content []byte) (grafanaDashboard, error) {
	var d grafanaDashboard
	if err := json.Unmarshal(content, &d); err != nil {
		return d, err
	}
	return d, d.Validate()
}

func decoded(t *testing.T, f file) grafanaDashboard {
	t.Helper()
	d, err := decode([]byte(f.content))
	require.NoError(t, err, f)
	return d
}

// panel is a panel with its queries. A query that is not for Prometheus is empty.
type panel struct {
	dashboard.Panel
	title   string
	queries []prometheus.Dataquery
}

func panelsOf(d grafanaDashboard) []panel {
	var panels []panel
	for _, entry := range d.Panels {
		if entry.Panel == nil {
			continue // The title of a row.
		}
		p := panel{Panel: *entry.Panel, title: value(entry.Panel.Title)}
		for _, target := range p.Targets {
			switch query := target.(type) {
			case prometheus.Dataquery:
				p.queries = append(p.queries, query)
			case *prometheus.Dataquery:
				p.queries = append(p.queries, *query)
			default:
				p.queries = append(p.queries, prometheus.Dataquery{})
			}
		}
		panels = append(panels, p)
	}
	return panels
}

func value[T any](pointer *T) T {
	if pointer == nil {
		return *new(T)
	}
	return *pointer
}
