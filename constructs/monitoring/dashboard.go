package monitoring

import (
	"fmt"
	"math"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// Dashboard is a Grafana dashboard. The order of its rows and panels determines their position.
type Dashboard struct {
	// Name is a DNS label. It names the file, and together with the namespace the dashboard's URL. Required.
	Name string

	// Title appears in the list of dashboards. Required.
	Title string

	// Rows are shown from top to bottom. Required.
	Rows []DashboardRow

	choices string // The samples whose labels a variable offers; empty for those of the namespace.
	minStep string // The time between two scrapes, where the data source may say another; empty for that of the data source.
}

// DashboardRow is a row of panels of the same width.
type DashboardRow struct {
	// Title is shown above the row. Defaults to none.
	Title string

	// Panels are shown from left to right, up to eight. Required.
	Panels []Panel
}

// Panel is a graph or a set of numbers. https://grafana.com/docs/grafana/latest/panels-visualizations/
type Panel struct {
	// Title names the values shown. Required.
	Title string

	// Description explains the values, and when they are a problem. Defaults to none.
	Description string

	// Kind is PanelTimeSeries or PanelStat. Defaults to "timeseries".
	Kind PanelKind

	// Unit is the Grafana id of the values' unit: "s", "bytes", "percentunit", "reqps". Defaults to "short", a plain
	// number.
	Unit string

	// Queries select the values. Required.
	Queries []Query

	// Color is the color of values below all thresholds. Defaults to "green".
	Color Color

	// Thresholds color values that reach them, in ascending order. Defaults to none.
	Thresholds []Threshold
}

// PanelKind is the visualization of a panel.
type PanelKind string

// The kinds of panels.
const (
	// PanelTimeSeries is a graph over time.
	PanelTimeSeries PanelKind = "timeseries"

	// PanelStat is the last value of each series as a number.
	PanelStat PanelKind = "stat"
)

// Color is a color of Grafana's palette.
type Color string

// The colors of thresholds.
const (
	ColorGreen  Color = "green"
	ColorYellow Color = "yellow"
	ColorRed    Color = "red"
)

// Query is the source of one or more series of a panel.
type Query struct {
	// Expr is a PromQL expression. It can contain Grafana's $__rate_interval, $__interval and $__range. If a query of a
	// dashboard matches instance=~"$instance" or pod=~"$pod", the dashboard has a variable that selects pods of the
	// namespace by address or by name. Required.
	Expr string

	// Legend names each series. It can refer to a label as {{job}}. Defaults to all labels.
	Legend string
}

// Threshold is a value at which a color begins.
type Threshold struct {
	// Value is the lowest value with the color.
	Value float64

	// Color is the color of values of at least Value. Required.
	Color Color
}

// maxPanels leaves each panel of a row enough width for its title.
const maxPanels = 8

// validateDashboards checks the own ones, which come last, and that no two are called the same. Those of the tiers are valid,
// but a tier may have the name of the overview.
func validateDashboards(path *field.Path, all []Dashboard, own int) field.ErrorList {
	var errs field.ErrorList
	names, titles := map[string]string{}, map[string]string{}
	for i, dashboard := range all {
		at, where := path.Key(dashboard.Name), "a dashboard of the tiers"
		if index := i - (len(all) - own); index >= 0 {
			at, where = path.Index(index), path.Index(index).String()
			errs = append(errs, dashboard.Validate(at)...)
		}
		if other, taken := names[dashboard.Name]; taken {
			errs = append(errs, check.Duplicate(at.Child("name"), dashboard.Name, "already the name of "+other))
		}
		if other, taken := titles[dashboard.Title]; taken {
			errs = append(errs, check.Duplicate(at.Child("title"), dashboard.Title, "already the title of "+other))
		}
		names[dashboard.Name], titles[dashboard.Title] = where, where
	}
	return errs
}

// Validate checks the dashboard and its queries.
func (d Dashboard) Validate(path *field.Path) field.ErrorList {
	errs := slices.Concat(
		check.Invalid(path.Child("name"), d.Name, validation.IsDNS1123Label(d.Name)),
		checkTitle(path.Child("title"), d.Title),
	)
	if len(d.Rows) == 0 {
		errs = append(errs, field.Required(path.Child("rows"), ""))
	}
	for i, row := range d.Rows {
		errs = append(errs, row.validate(path.Child("rows").Index(i))...)
	}
	return errs
}

func (r DashboardRow) validate(path *field.Path) field.ErrorList {
	errs := check.Text(path.Child("title"), r.Title)
	switch {
	case len(r.Panels) == 0:
		errs = append(errs, field.Required(path.Child("panels"), ""))
	case len(r.Panels) > maxPanels:
		errs = append(errs, field.TooMany(path.Child("panels"), len(r.Panels), maxPanels))
	}
	for i, panel := range r.Panels {
		errs = append(errs, panel.validate(path.Child("panels").Index(i))...)
	}
	return errs
}

func (p Panel) validate(path *field.Path) field.ErrorList {
	errs := slices.Concat(
		checkTitle(path.Child("title"), p.Title),
		check.Text(path.Child("description"), p.Description),
		check.OneOf(path.Child("kind"), p.kind(), PanelTimeSeries, PanelStat),
		check.Text(path.Child("unit"), p.Unit),
		checkColor(path.Child("color"), p.color()),
	)
	if len(p.Queries) == 0 {
		errs = append(errs, field.Required(path.Child("queries"), ""))
	}
	for i, query := range p.Queries {
		at := path.Child("queries").Index(i)
		errs = append(errs, checkQuery(at.Child("expr"), query.Expr)...)
		errs = append(errs, check.Text(at.Child("legend"), query.Legend)...)
	}
	for i, threshold := range p.Thresholds {
		at := path.Child("thresholds").Index(i)
		errs = append(errs, checkColor(at.Child("color"), threshold.Color)...)
		switch value := fmt.Sprint(threshold.Value); {
		case math.IsNaN(threshold.Value) || math.IsInf(threshold.Value, 0):
			errs = append(errs, field.Invalid(at.Child("value"), value, "must be a finite number"))
		case i > 0 && threshold.Value <= p.Thresholds[i-1].Value:
			errs = append(errs, field.Invalid(at.Child("value"), value, "must be above the threshold before it"))
		}
	}
	return errs
}

func checkTitle(path *field.Path, title string) field.ErrorList {
	if title == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	return check.Text(path, title)
}

func checkColor(path *field.Path, color Color) field.ErrorList {
	return check.OneOf(path, color, ColorGreen, ColorYellow, ColorRed)
}
