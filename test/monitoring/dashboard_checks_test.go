package monitoring

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/units"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// The checks are those of Grafana's own linter of dashboards and some more. The linter cannot be a dependency, because what it needs of
// Grafana is no Go module that can be downloaded. Left out of its rules are template-job-rule and target-job-rule: a dashboard is about one
// tier, and its queries name the tier's job. https://github.com/grafana/dashboard-linter

const gridColumns = 24

// unitsInUse are Grafana's ids. One that it does not know would be shown behind the number.
var unitsInUse = []string{
	units.Short, units.PercentUnit, units.BytesIEC, units.BytesPerSecondSI, units.Seconds, units.OpsPerSecond, units.RequestsPerSecond,
}

// unchosen are panels that do not follow a variable, by the variable and the panel's title, and why.
var unchosen = map[string]string{
	"instance Restarts in the last hour": "kube-state-metrics has the names of pods, and no addresses",
	"pod Pods up":                        "the target is kube-state-metrics itself",
	"pod Unavailable replicas":           "a Deployment that lacks a pod has none that one could choose",
	"pod Desired replicas":               "it is about Deployments",
	"pod Available replicas":             "it is about Deployments",
	"pod Free space":                     "a volume outlives its pods",
}

// findings are what is wrong with a dashboard, and the exceptions that it needs.
type findings struct {
	faults   []string
	filled   []string // Of filledIn.
	unchosen []string // Of unchosen.
}

func (f *findings) require(holds bool, format string, arguments ...any) {
	if !holds {
		f.faults = append(f.faults, fmt.Sprintf(format, arguments...))
	}
}

func check(content string) *findings {
	f := &findings{}
	f.faults, f.filled = schemaFaults([]byte(content))
	d, err := decode([]byte(content))
	f.require(err == nil, "%v", err)
	f.require(!value(d.Editable), "the dashboard can be edited, and is as before after a restart")
	f.checkLayout(d)
	f.checkVariables(d)
	for _, p := range panelsOf(d) {
		f.checkPanel(p)
		f.checkLegends(p)
		for _, s := range selectorsOf(p) {
			f.checkRange(p, s)
			f.checkChoice(d, p, s)
		}
	}
	return f
}

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

func (f *findings) checkLayout(d grafanaDashboard) {
	tiles := tilesOf(d)
	for i, t := range tiles {
		f.require(t.title != "", "panel %d has no title", t.id)
		f.require(t.id != 0, "%s has no id", t.title)
		f.require(t.at.X+t.at.W <= gridColumns, "%s ends at column %d", t.title, t.at.X+t.at.W)
		for _, other := range tiles[:i] {
			f.require(t.id != other.id, "%s has the id of %s", t.title, other.title)
			f.require(!t.overlaps(other), "%s overlaps %s", t.title, other.title)
		}
	}
}

// What the variables are but for the names, the descriptions and the query: the data source comes first, and the others offer several values
// or all, from the time range that is shown, and begin with all.
const (
	dataSourceVariable = `{"type":"datasource","name":"datasource","label":"Data source","query":"prometheus"}`
	queryVariable      = `{"type":"query","name":"","datasource":{"type":"prometheus","uid":"${datasource}"},` +
		`"current":{"text":["All"],"value":["$__all"]},"multi":true,"refresh":2,"sort":1,"includeAll":true,"allValue":".+"}`
)

var labelValues = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)

func (f *findings) checkVariables(d grafanaDashboard) {
	for i, variable := range d.Templating.List {
		name, want := variable.Name, dataSourceVariable
		if i > 0 {
			match := labelValues.FindStringSubmatch(value(value(variable.Query).String))
			f.require(match != nil && match[2] == name, "$%s does not ask for the values of its label", name)
			if match != nil {
				_, err := promQL.ParseExpr(match[1])
				f.require(err == nil, "$%s: %v", name, err)
			}
			want = queryVariable
			variable.Name, variable.Label, variable.Description, variable.Query = "", nil, nil, nil
		}
		encoded, err := json.Marshal(variable)
		f.require(err == nil && string(encoded) == want, "$%s is %s instead of %s", name, encoded, want)
	}
}

func (f *findings) checkPanel(p panel) {
	_, known := cog.ConfigForPanelcfgVariant(p.Type)
	f.require(known, "%s: Grafana has no panel %s", p.title, p.Type)
	f.require(value(p.Description) != "", "%s has no description", p.title)
	unit := value(value(p.FieldConfig).Defaults.Unit)
	f.require(slices.Contains(unitsInUse, unit), "%s has the unit %q", p.title, unit)
	f.require(value(value(p.Datasource).Uid) == "${datasource}", "%s does not use the data source that is chosen", p.title)
	f.require(len(p.queries) > 0, "%s has no query", p.title)
	for _, query := range p.queries {
		f.require(query.Expr != "" && value(query.RefId) != "", "%s has a query without an expression or an id", p.title)
	}
}

var legendLabel = regexp.MustCompile(`{{\s*(\w+)\s*}}`)

// checkLegends wants legends to name labels that the series of their queries have.
func (f *findings) checkLegends(p panel) {
	for _, query := range p.queries {
		parsed, err := parsePanel(query.Expr)
		if err != nil {
			continue
		}
		for _, label := range legendLabel.FindAllStringSubmatch(value(query.LegendFormat), -1) {
			f.require(mayHave(parsed, label[1]), "%s: no series of %s has the label %s of the legend", p.title, query.Expr, label[1])
		}
	}
}

// mayHave reports whether series of an expression may have a label. Those of a selector may have any.
func mayHave(node parser.Node, label string) bool {
	switch node := node.(type) {
	case *parser.VectorSelector:
		return true
	case *parser.AggregateExpr:
		if slices.Contains(node.Grouping, label) == node.Without {
			return false
		}
	}
	return slices.ContainsFunc(parser.Children(node), func(child parser.Node) bool { return mayHave(child, label) })
}

// selector is a selector of an expression, and the function that its range is for.
type selector struct {
	matchers []*labels.Matcher
	metric   string
	within   time.Duration // Zero without a range.
	function string
}

// rateInterval stands for $__rate_interval in expressions that are parsed: nobody writes it.
const rateInterval = 777 * time.Hour

// parsePanel parses an expression of a panel. Those that cannot be parsed are faults elsewhere: see TestEveryMetricHasAnExporter.
func parsePanel(expr string) (parser.Expr, error) {
	return promQL.ParseExpr(strings.ReplaceAll(expr, "$__rate_interval", model.Duration(rateInterval).String()))
}

// selectorsOf finds the selectors of a panel's queries.
func selectorsOf(p panel) []selector {
	var found []selector
	for _, query := range p.queries {
		parsed, err := parsePanel(query.Expr)
		if err != nil {
			continue
		}
		parser.Inspect(parsed, func(node parser.Node, parents []parser.Node) error {
			vector, is := node.(*parser.VectorSelector)
			if !is {
				return nil
			}
			s := selector{matchers: vector.LabelMatchers, metric: metricOf(vector.LabelMatchers)}
			if n := len(parents); n > 1 {
				if matrix, is := parents[n-1].(*parser.MatrixSelector); is {
					s.within = matrix.Range
					if call, is := parents[n-2].(*parser.Call); is {
						s.function = call.Func.Name
					}
				}
			}
			found = append(found, s)
			return nil
		})
	}
	return found
}

func (s selector) has(kind labels.MatchType, label, value string) bool {
	return slices.ContainsFunc(s.matchers, func(m *labels.Matcher) bool { return m.Type == kind && m.Name == label && m.Value == value })
}

// ofProbe says whether the samples are about a Service or a public host, behind which there may be any pod.
func (s selector) ofProbe() bool {
	return s.has(labels.MatchEqual, "probe", "service") || s.has(labels.MatchEqual, "probe", "public")
}

// checkRange wants ranges to follow the zoom, and counters not to be shown as they are. An increase is over the time that the panel's title
// names.
func (f *findings) checkRange(p panel, s selector) {
	switch s.function {
	case "rate", "irate":
		f.require(s.within == rateInterval, "%s: the range %s of %s does not follow the zoom", p.title, model.Duration(s.within), s.metric)
	case "increase":
	default:
		f.require(!strings.HasSuffix(s.metric, "_total"), "%s: %s is a counter, and shown without a rate or an increase", p.title, s.metric)
	}
}

// checkChoice wants selectors to follow the dashboard's variables.
func (f *findings) checkChoice(d grafanaDashboard, p panel, s selector) {
	for _, name := range variablesOf(d) {
		if s.has(labels.MatchRegexp, name, "$"+name) || s.ofProbe() {
			continue
		}
		key := name + " " + p.title
		_, is := unchosen[key]
		f.require(is, "%s: %s does not follow $%s", p.title, s.metric, name)
		f.unchosen = append(f.unchosen, key)
	}
}

// variablesOf are the names of the variables that narrow a dashboard.
func variablesOf(d grafanaDashboard) []string {
	var names []string
	for _, variable := range d.Templating.List {
		if variable.Type == dashboard.VariableTypeQuery {
			names = append(names, variable.Name)
		}
	}
	return names
}
