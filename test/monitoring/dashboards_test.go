package monitoring

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/units"
	"github.com/stretchr/testify/require"
)

// dashboardFiles are all JSON files: nothing else that is rendered is JSON.
const dashboardFiles = "*.json"

// Grafana's limits, and this project's own.
const (
	gridColumns = 24
	maxUID      = 40
	// screenRows are some 900 pixels: what one sees of the overview without scrolling.
	screenRows = 24
)

// tile is a panel, or the title of a row, on the grid.
type tile struct {
	title string
	id    uint32
	at    dashboard.GridPos
}

func (t tile) overlaps(other tile) bool {
	return t.at.X < other.at.X+other.at.W && other.at.X < t.at.X+t.at.W &&
		t.at.Y < other.at.Y+other.at.H && other.at.Y < t.at.Y+t.at.H
}

func tilesOf(d grafanaDashboard) []tile {
	var tiles []tile
	for _, entry := range d.Panels {
		switch {
		case entry.RowPanel != nil:
			tiles = append(tiles, tile{value(entry.RowPanel.Title), entry.RowPanel.Id, value(entry.RowPanel.GridPos)})
		case entry.Panel != nil:
			tiles = append(tiles, tile{value(entry.Panel.Title), value(entry.Panel.Id), value(entry.Panel.GridPos)})
		}
	}
	return tiles
}

func value[T any](pointer *T) T {
	if pointer == nil {
		return *new(T)
	}
	return *pointer
}

// layoutFaults are what the schema allows and nobody wants to look at.
func layoutFaults(d grafanaDashboard) []string {
	var faults []string
	ids := map[uint32]bool{}
	tiles := tilesOf(d)
	for i, tile := range tiles {
		if tile.title == "" {
			faults = append(faults, fmt.Sprintf("panel %d has no title", tile.id))
		}
		if tile.id == 0 || ids[tile.id] {
			faults = append(faults, fmt.Sprintf("%s: the id %d is none, or another's", tile.title, tile.id))
		}
		ids[tile.id] = true
		if tile.at.X+tile.at.W > gridColumns {
			faults = append(faults, fmt.Sprintf("%s: ends at the column %d", tile.title, tile.at.X+tile.at.W))
		}
		for _, other := range tiles[:i] {
			if tile.overlaps(other) {
				faults = append(faults, fmt.Sprintf("%s: lies over %s", tile.title, other.title))
			}
		}
	}
	return faults
}

// unitsInUse are Grafana's ids: one that it does not know stands behind the number as it is.
var unitsInUse = []string{
	units.Short, units.PercentUnit, units.BytesIEC, units.BytesPerSecondSI, units.Seconds, units.OpsPerSecond,
	units.RequestsPerSecond,
}

// panelFaults are those of what the panels show.
func panelFaults(d grafanaDashboard) []string {
	var faults []string
	for _, entry := range d.Panels {
		if entry.Panel == nil {
			continue
		}
		panel := *entry.Panel
		at := value(panel.Title) + ": "
		if _, known := cog.ConfigForPanelcfgVariant(panel.Type); !known {
			faults = append(faults, at+"Grafana has no panel "+panel.Type)
		}
		if value(panel.Description) == "" {
			faults = append(faults, at+"no description")
		}
		if unit := value(value(panel.FieldConfig).Defaults.Unit); !slices.Contains(unitsInUse, unit) {
			faults = append(faults, fmt.Sprintf("%sthe unit %q", at, unit))
		}
		if len(panel.Targets) == 0 {
			faults = append(faults, at+"no query")
		}
		for _, query := range queriesOf(panel) {
			if query.Expr == "" || value(query.RefId) == "" {
				faults = append(faults, at+"a query without an expression or an id")
			}
		}
	}
	return faults
}

// queriesOf returns a panel's queries. All are to be for Prometheus: one of another kind is returned empty, which is a fault.
func queriesOf(panel dashboard.Panel) []prometheus.Dataquery {
	var queries []prometheus.Dataquery
	for _, target := range panel.Targets {
		switch query := target.(type) {
		case prometheus.Dataquery:
			queries = append(queries, query)
		case *prometheus.Dataquery:
			queries = append(queries, *query)
		default:
			queries = append(queries, prometheus.Dataquery{})
		}
	}
	return queries
}

func faultsOf(f file) []string {
	faults := schemaFaults([]byte(f.content), map[string]bool{})
	decoded, err := decode([]byte(f.content))
	if err != nil {
		faults = append(faults, err.Error())
	}
	return slices.Concat(faults, layoutFaults(decoded), panelFaults(decoded))
}

// expressionsIn returns the expressions of a dashboard.
func expressionsIn(t *testing.T, f file) []expression {
	t.Helper()
	var found []expression
	for _, entry := range mustDecode(t, f).Panels {
		if entry.Panel == nil {
			continue
		}
		for _, query := range queriesOf(*entry.Panel) {
			found = append(found, expression{f.String() + ": " + value(entry.Panel.Title), query.Expr})
		}
	}
	return found
}

func TestDashboardsAreWithoutFaults(t *testing.T) {
	for _, file := range filesNamed(t, dashboardFiles) {
		require.Empty(t, faultsOf(file), file)
	}
}

// One Grafana may have the dashboards of all environments. Golden files are applications by themselves.
func TestAddressesOfDashboards(t *testing.T) {
	taken := map[string]string{}
	for _, file := range filesNamed(t, dashboardFiles) {
		scope := ""
		if strings.HasPrefix(file.manifest, goldens) {
			scope = file.manifest + " "
		}
		uid := value(mustDecode(t, file).Uid)
		require.NotEmpty(t, uid, file)
		require.LessOrEqual(t, len(uid), maxUID, file)
		require.Empty(t, taken[scope+uid], "%s has the uid %s too", file, uid)
		taken[scope+uid] = file.String()
	}
}

// TestOverviewsFitOnAScreen is about what the application deploys.
func TestOverviewsFitOnAScreen(t *testing.T) {
	var seen int
	for _, file := range filesNamed(t, "overview.json") {
		if path.Dir(file.manifest) == goldens {
			continue
		}
		for _, tile := range tilesOf(mustDecode(t, file)) {
			require.LessOrEqual(t, tile.at.Y+tile.at.H, uint32(screenRows), "%s: %s", file, tile.title)
		}
		seen++
	}
	require.NotZero(t, seen)
}

func TestFaultsOfDashboards(t *testing.T) {
	overview := fileIn(t, goldens+"/grafana-full.yaml", "overview.json")
	api := fileIn(t, goldens+"/grafana-full.yaml", "api.json")
	for _, c := range []struct {
		name             string
		of               file
		old, replacement string
		want             string
	}{
		{"no JSON", overview, `"uid":`, `"uid"`, "invalid character"},
		{"a number as a text", overview, `"schemaVersion": 41`, `"schemaVersion": "41"`, "schemaVersion"},
		{"an unknown field of a dashboard", overview, `"refresh":`, `"refreshed":`, "unexpected field 'refreshed'"},
		{"an unknown field of a panel", overview, `"gridPos":`, `"grid":`, "unexpected field 'grid'"},
		{"an unknown option", overview, `"graphMode"`, `"graph"`, "unexpected field 'graph'"},
		{"an unknown field of a query", overview, `"instant": true`, `"now": true`, "unexpected field 'now'"},
		{"an unknown field of a threshold", overview, `"value":1}`, `"least":1}`, "unexpected field 'least'"},
		{"an unknown kind of panel", overview, `"type": "stat"`, `"type": "number"`, "Grafana has no panel number"},
		{"an unknown unit", overview, `"unit": "reqps"`, `"unit": "requests"`, `the unit "requests"`},
		{"a panel too wide", overview, `"w":12`, `"w":25`, "must be <= 24"},
		{"a panel beyond the grid", overview, `"x":12,"y":0,"w":12`, `"x":14,"y":0,"w":12`, "Warnings: ends at the column 26"},
		{"a panel over another", overview, `"x":12,"y":0`, `"x":11,"y":0`, "Warnings: lies over Critical alerts"},
		{"a panel over the title of a row", api, `"gridPos": {"x":0,"y":12,`, `"gridPos": {"x":0,"y":11,`, "Latency and errors: lies over"},
		{"an id twice", overview, `"id": 2,`, `"id": 1,`, "Warnings: the id 1 is none, or another's"},
		{"no expression", overview, `"expr": "count(`, `"legendFormat": "count(`, "a query without an expression or an id"},
		{"no description", overview, `"description": "Firing warnings`, `"pluginVersion": "Firing warnings`, "Warnings: no description"},
		{"no title", overview, `"title": "Warnings"`, `"title": ""`, "panel 2 has no title"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Contains(t, strings.Join(faultsOf(spoil(t, c.of, c.old, c.replacement)), "\n"), c.want)
		})
	}
}
