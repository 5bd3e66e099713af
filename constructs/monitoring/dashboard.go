package monitoring

import (
	"fmt"
	"math"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// Dashboard is a page of Grafana. Where its panels stand follows from their order.
type Dashboard struct {
	// Name is a DNS label. It names the file, and after the namespace the page's address. Required.
	Name string

	// Title is what the list of dashboards shows. Required.
	Title string

	// Rows are shown one below the other. Required.
	Rows []DashboardRow

	choices string // The samples whose labels a variable offers; empty for those of the namespace.
	minStep string // The time between two scrapes, where the data source may say another; empty for that of the data source.
}

// DashboardRow is panels side by side, of the same width.
type DashboardRow struct {
	// Title stands above the row. Defaults to none.
	Title string

	// Panels are up to eight. Required.
	Panels []Panel
}

// Panel is a graph, or numbers. https://grafana.com/docs/grafana/latest/panels-visualizations/
type Panel struct {
	// Title says what the panel shows. Required.
	Title string

	// Description says what the panel shows, and when to worry. Defaults to none.
	Description string

	// Kind is PanelTimeSeries or PanelStat. Defaults to PanelTimeSeries.
	Kind PanelKind

	// Unit is Grafana's id of the values' unit: "s", "bytes", "percentunit", "reqps". Defaults to "short", which is none.
	Unit string

	// Queries are what is shown. Required.
	Queries []Query

	// Color is that of values below all thresholds. Defaults to ColorGreen.
	Color Color

	// Thresholds color the values from them on, in ascending order. Default to none.
	Thresholds []Threshold
}

// PanelKind says how a panel shows its values.
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

// Query is a line of a panel, or several.
type Query struct {
	// Expr is PromQL. It may hold Grafana's $__rate_interval, $__interval and $__range. A dashboard of which a query matches
	// instance=~"$instance" or pod=~"$pod" has a variable that narrows it to single pods of the namespace, by their address or
	// their name. Required.
	Expr string

	// Legend names each series. A label stands in it as {{job}}. Defaults to all labels.
	Legend string
}

// Threshold is where a color begins.
type Threshold struct {
	// Value is the least that has the color.
	Value float64

	// Color is the color. Required.
	Color Color
}

// maxPanels still leaves each panel of a row room for its title.
const maxPanels = 8

// validateDashboards checks the own ones, which come last, and that no two are called the same. Those of the tiers are valid,
// but a tier may have the name of the overview.
func validateDashboards(path *field.Path, all []Dashboard, own int) field.ErrorList {
	var errs field.ErrorList
	names, titles := map[string]string{}, map[string]string{}
	for i, dashboard := range all {
		at, where := path.Key(dashboard.Name), "a dashboard that comes with the tiers"
		if index := i - (len(all) - own); index >= 0 {
			at, where = path.Index(index), path.Index(index).String()
			errs = append(errs, dashboard.Validate(at)...)
		}
		if other, taken := names[dashboard.Name]; taken {
			errs = append(errs, check.Duplicate(at.Child("name"), dashboard.Name, other+" has this name"))
		}
		if other, taken := titles[dashboard.Title]; taken {
			errs = append(errs, check.Duplicate(at.Child("title"), dashboard.Title, other+" has this title"))
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
			errs = append(errs, field.Invalid(at.Child("value"), value, "must be above the one before it"))
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
