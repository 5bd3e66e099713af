package monitoring

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/ai-platform/manifests/internal/manifest"
)

// What Grafana reads of a dashboard. https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
type (
	grafanaDashboard struct {
		UID           string         `json:"uid"`
		Title         string         `json:"title"`
		Tags          []string       `json:"tags"`
		Editable      bool           `json:"editable"`
		SchemaVersion int            `json:"schemaVersion"`
		Refresh       string         `json:"refresh"`
		Time          grafanaTime    `json:"time"`
		Links         []grafanaLink  `json:"links"`
		Templating    grafanaList    `json:"templating"`
		Panels        []grafanaPanel `json:"panels"`
	}
	grafanaTime struct {
		From string `json:"from"`
		To   string `json:"to"`
	}
	grafanaLink struct {
		Title       string   `json:"title"`
		Type        string   `json:"type"`
		Icon        string   `json:"icon"`
		Tooltip     string   `json:"tooltip"`
		Tags        []string `json:"tags"`
		AsDropdown  bool     `json:"asDropdown"`
		TargetBlank bool     `json:"targetBlank"`
		IncludeVars bool     `json:"includeVars"`
		KeepTime    bool     `json:"keepTime"`
	}
	grafanaList struct {
		List []grafanaVariable `json:"list"`
	}
	grafanaVariable struct {
		Name        string             `json:"name"`
		Label       string             `json:"label"`
		Description string             `json:"description,omitempty"`
		Type        string             `json:"type"`
		Datasource  *grafanaDatasource `json:"datasource,omitempty"`
		Query       string             `json:"query"`
		IncludeAll  bool               `json:"includeAll,omitempty"`
		AllValue    string             `json:"allValue,omitempty"`
		Current     *grafanaChoice     `json:"current,omitempty"`
		Multi       bool               `json:"multi,omitempty"`
		Refresh     int                `json:"refresh,omitempty"`
		Sort        int                `json:"sort,omitempty"`
	}
	grafanaChoice struct {
		Text  []string `json:"text"`
		Value []string `json:"value"`
	}
	grafanaPanel struct {
		ID          int                 `json:"id"`
		Type        string              `json:"type"`
		Title       string              `json:"title"`
		Description string              `json:"description,omitempty"`
		GridPos     grafanaPosition     `json:"gridPos"`
		Collapsed   *bool               `json:"collapsed,omitempty"`
		Datasource  *grafanaDatasource  `json:"datasource,omitempty"`
		Targets     []grafanaTarget     `json:"targets,omitempty"`
		FieldConfig *grafanaFieldConfig `json:"fieldConfig,omitempty"`
		Options     map[string]any      `json:"options,omitempty"`
	}
	grafanaPosition struct {
		X      int `json:"x"`
		Y      int `json:"y"`
		Width  int `json:"w"`
		Height int `json:"h"`
	}
	grafanaDatasource struct {
		Type string `json:"type"`
		UID  string `json:"uid"`
	}
	grafanaTarget struct {
		RefID   string `json:"refId"`
		Expr    string `json:"expr"`
		Legend  string `json:"legendFormat,omitempty"`
		MinStep string `json:"interval,omitempty"`
		Instant bool   `json:"instant,omitempty"`
	}
	grafanaFieldConfig struct {
		Defaults  grafanaFieldDefaults `json:"defaults"`
		Overrides []any                `json:"overrides"`
	}
	grafanaFieldDefaults struct {
		Unit       string            `json:"unit"`
		Color      map[string]string `json:"color"`
		Thresholds grafanaThresholds `json:"thresholds"`
		Custom     map[string]any    `json:"custom,omitempty"`
	}
	grafanaThresholds struct {
		Mode  string        `json:"mode"`
		Steps []grafanaStep `json:"steps"`
	}
	grafanaStep struct {
		Color Color    `json:"color"`
		Value *float64 `json:"value"` // Nil is below all others.
	}
)

const (
	// grafanaSchemaVersion is the version of the model that is written here; Grafana migrates it to its own.
	grafanaSchemaVersion = 41

	gridWidth        = 24
	rowTitleHeight   = 1
	statHeight       = 3
	timeSeriesHeight = 8

	// datasourceVariable lets whoever looks choose among several servers of Prometheus. The first is chosen to begin with.
	datasourceVariable = "datasource"

	// maxDashboardUID is Grafana's limit.
	maxDashboardUID = 40
)

func (p Panel) kind() PanelKind { return cmp.Or(p.Kind, PanelTimeSeries) }

func (p Panel) color() Color { return cmp.Or(p.Color, ColorGreen) }

func (d Dashboard) configMapName(grafana manifest.Component) string {
	return grafana.Suffixed("dashboard-" + d.Name)
}

// configMap holds the dashboard.
func (d Dashboard) configMap(grafana manifest.Component) *manifest.Object {
	return &manifest.Object{
		ID: "dashboard-" + d.Name, APIVersion: "v1", Kind: "ConfigMap", Name: d.configMapName(grafana),
		Fields: map[string]any{"data": map[string]string{d.Name + ".json": d.json(grafana.Namespace)}},
	}
}

// json is the dashboard as Grafana reads it.
func (d Dashboard) json(namespace string) string {
	return readableJSON(grafanaDashboard{
		UID:           dashboardUID(namespace, d.Name),
		Title:         d.Title,
		Tags:          []string{namespace},
		SchemaVersion: grafanaSchemaVersion,
		Refresh:       "30s",
		Time:          grafanaTime{From: "now-3h", To: "now"},
		// To the application's others, at the same time. No variable is taken along: another tier does not have these pods.
		Links: []grafanaLink{{
			Title: "Dashboards", Type: "dashboards", Icon: "external link", Tags: []string{namespace}, AsDropdown: true, KeepTime: true,
		}},
		Templating: grafanaList{List: d.variables(namespace)},
		Panels:     d.panels(),
	}) + "\n"
}

// dashboardUID is the dashboard's address in a Grafana that may have those of other namespaces too.
func dashboardUID(namespace, name string) string {
	uid := namespace + "-" + name
	if len(uid) <= maxDashboardUID {
		return uid
	}
	sum := sha256.Sum256([]byte(uid))
	return manifest.Shorten(uid, "-"+hex.EncodeToString(sum[:4]), maxDashboardUID)
}

// panels places the rows one below the other.
func (d Dashboard) panels() []grafanaPanel {
	var panels []grafanaPanel
	y := 0
	add := func(panel grafanaPanel) {
		panel.ID = len(panels) + 1
		for i := range panel.Targets {
			panel.Targets[i].MinStep = d.minStep
		}
		panels = append(panels, panel)
	}
	for _, row := range d.Rows {
		if row.Title != "" {
			add(grafanaPanel{
				Type: "row", Title: row.Title, Collapsed: new(false),
				GridPos: grafanaPosition{Y: y, Width: gridWidth, Height: rowTitleHeight},
			})
			y += rowTitleHeight
		}
		height := row.height()
		for i, panel := range row.Panels {
			// Whole columns, so that the row is filled whatever the number of panels.
			left, right := i*gridWidth/len(row.Panels), (i+1)*gridWidth/len(row.Panels)
			add(panel.grafana(grafanaPosition{X: left, Y: y, Width: right - left, Height: height}))
		}
		y += height
	}
	return panels
}

// height is that of the tallest panel.
func (r DashboardRow) height() int {
	height := statHeight
	for _, panel := range r.Panels {
		if panel.kind() == PanelTimeSeries {
			height = timeSeriesHeight
		}
	}
	return height
}

func (p Panel) grafana(at grafanaPosition) grafanaPanel {
	panel := grafanaPanel{
		Type:        string(p.kind()),
		Title:       p.Title,
		Description: p.Description,
		GridPos:     at,
		Datasource:  prometheusDatasource(),
		FieldConfig: &grafanaFieldConfig{Defaults: p.defaults(), Overrides: []any{}},
		Options:     p.options(),
	}
	for i, query := range p.Queries {
		panel.Targets = append(panel.Targets, grafanaTarget{
			RefID: "Q" + strconv.Itoa(i+1), Expr: query.Expr, Legend: query.Legend, Instant: p.kind() == PanelStat,
		})
	}
	return panel
}

// prometheusDatasource is the one that whoever looks has chosen.
func prometheusDatasource() *grafanaDatasource {
	return &grafanaDatasource{Type: "prometheus", UID: "${" + datasourceVariable + "}"}
}

func (p Panel) defaults() grafanaFieldDefaults {
	defaults := grafanaFieldDefaults{
		Unit:       cmp.Or(p.Unit, "short"),
		Color:      map[string]string{"mode": "palette-classic"},
		Thresholds: grafanaThresholds{Mode: "absolute", Steps: []grafanaStep{{Color: p.color()}}},
	}
	for _, threshold := range p.Thresholds {
		defaults.Thresholds.Steps = append(defaults.Thresholds.Steps, grafanaStep{Color: threshold.Color, Value: &threshold.Value})
	}
	switch p.kind() {
	case PanelStat:
		defaults.Color["mode"] = "thresholds"
	case PanelTimeSeries:
		style := "off"
		if len(p.Thresholds) > 0 {
			style = "line"
		}
		defaults.Custom = map[string]any{
			"fillOpacity": 10, "showPoints": "never", "thresholdsStyle": map[string]string{"mode": style},
		}
	}
	return defaults
}

func (p Panel) options() map[string]any {
	if p.kind() == PanelStat {
		return map[string]any{
			"colorMode": "background", "graphMode": "none", "reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}},
		}
	}
	return map[string]any{
		"legend":  map[string]any{"displayMode": "list", "placement": "bottom", "showLegend": true},
		"tooltip": map[string]any{"mode": "multi", "sort": "desc"},
	}
}
