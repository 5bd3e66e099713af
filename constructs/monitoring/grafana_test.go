package monitoring

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// prometheusAt is a server without a tree.
func prometheusAt() *Prometheus {
	props := PrometheusProps{}.withDefaults(testComponent)
	scraping := props.scraping(testComponent, nil)
	return &Prometheus{serverTier: serverTier{server: props.server(nil, scraping)}, scraping: scraping}
}

func grafanaErrors(props GrafanaProps) field.ErrorList {
	at := testComponent
	at.ID = "grafana"
	return props.validate(checktest.Prop, props.server(checktest.Prop, at), props.dashboards())
}

func validGrafana(dashboards ...Dashboard) GrafanaProps {
	return GrafanaProps{Prometheus: prometheusAt(), AdminPassword: constructs.SecretKeyRef{Secret: "a", Key: "b"}, Dashboards: dashboards}
}

func orders(panels ...Panel) Dashboard {
	return Dashboard{Name: "orders", Title: "Orders", Rows: []DashboardRow{{Panels: panels}}}
}

var ordersPanel = Panel{Title: "Orders", Queries: []Query{{Expr: "orders_total"}}}

// tierCalledOverview has a tier whose dashboard would take the place of the overview.
func tierCalledOverview() GrafanaProps {
	props := validGrafana()
	at := component{Component: manifest.Component{App: "shop", ID: "overview", Namespace: "shop"}}
	props.Prometheus.scraping.targets = []target{{component: at, dashboard: &Dashboard{Name: "overview", Title: at.dashboardTitle()}}}
	return props
}

func TestGrafanaProps(t *testing.T) {
	overview := orders(ordersPanel)
	overview.Name, overview.Title = "overview", "shop: overview"
	named := orders(ordersPanel)
	named.Name = "My orders"
	runChecks(t, map[string]expectation{
		"valid":                         {grafanaErrors(validGrafana(orders(ordersPanel))), nil},
		"Grafana's variables":           {grafanaErrors(validGrafana(orders(Panel{Title: "a", Queries: []Query{{Expr: "rate(a[$__rate_interval]) + rate(a[${__range}])"}}}))), nil},
		"root URL":                      {grafanaErrors(GrafanaProps{Prometheus: prometheusAt(), AdminPassword: constructs.SecretKeyRef{Secret: "a", Key: "b"}, RootURL: "grafana.example.com"}), []string{`prop.rootURL: Invalid value: "grafana.example.com": must be a URL such as "https://example.com/page"`}},
		"nothing":                       {grafanaErrors(GrafanaProps{}), []string{"prop.prometheus: Required value", "prop.adminPassword.secret: Required value", "prop.adminPassword.key: Required value"}},
		"duplicate dashboards":          {grafanaErrors(validGrafana(orders(ordersPanel), orders(ordersPanel))), []string{`prop.dashboards[1].name: Duplicate value: "orders": already the name of prop.dashboards[0]`, `prop.dashboards[1].title: Duplicate value: "Orders": already the title of prop.dashboards[0]`}},
		"a tier's dashboard":            {grafanaErrors(validGrafana(overview)), []string{`prop.dashboards[0].name: Duplicate value: "overview": already the name of a dashboard of the tiers`, `prop.dashboards[0].title: Duplicate value: "shop: overview": already the title of a dashboard of the tiers`}},
		"a tier of the overview's name": {grafanaErrors(tierCalledOverview()), []string{`prop.dashboards[overview].name: Duplicate value: "overview": already the name of a dashboard of the tiers`, `prop.dashboards[overview].title: Duplicate value: "shop: overview": already the title of a dashboard of the tiers`}},
		"name":                          {grafanaErrors(validGrafana(named)), []string{`prop.dashboards[0].name: Invalid value: "My orders": ` + checktest.LabelRule}},
		"an empty dashboard":            {grafanaErrors(validGrafana(Dashboard{Name: "a"})), []string{"prop.dashboards[0].title: Required value", "prop.dashboards[0].rows: Required value"}},
		"an empty row":                  {grafanaErrors(validGrafana(orders())), []string{"prop.dashboards[0].rows[0].panels: Required value"}},
		"an empty panel":                {grafanaErrors(validGrafana(orders(Panel{}))), []string{"prop.dashboards[0].rows[0].panels[0].title: Required value", "prop.dashboards[0].rows[0].panels[0].queries: Required value"}},
		"nine panels in a row":          {grafanaErrors(validGrafana(orders(ordersPanel, ordersPanel, ordersPanel, ordersPanel, ordersPanel, ordersPanel, ordersPanel, ordersPanel, ordersPanel))), []string{"prop.dashboards[0].rows[0].panels: Too many: 9: must have at most 8 items"}},
	})
}

func TestPanelProps(t *testing.T) {
	panel := func(change func(*Panel)) field.ErrorList {
		p := ordersPanel
		change(&p)
		return p.validate(checktest.Prop)
	}
	runChecks(t, map[string]expectation{
		"valid": {panel(func(*Panel) {}), nil},
		"kind":  {panel(func(p *Panel) { p.Kind = "pie" }), []string{`prop.kind: Unsupported value: "pie": supported values: "timeseries", "stat"`}},
		"query": {panel(func(p *Panel) { p.Queries = []Query{{Expr: "rate(a[$__rate])"}} }), []string{`prop.queries[0].expr: Invalid value: "rate(a[$__rate])": invalid PromQL: 1:8: parse error: unexpected character in duration expression: '$'`}},
		"an error shows the query as it was written": {
			panel(func(p *Panel) { p.Queries = []Query{{Expr: "rate(a[$__range]"}} }),
			[]string{`prop.queries[0].expr: Invalid value: "rate(a[$__range]": invalid PromQL: 1:11: parse error: unclosed left parenthesis`},
		},
		"no query":   {panel(func(p *Panel) { p.Queries = []Query{{}} }), []string{"prop.queries[0].expr: Required value"}},
		"color":      {panel(func(p *Panel) { p.Color = "pink" }), []string{`prop.color: Unsupported value: "pink": supported values: "green", "yellow", "red"`}},
		"thresholds": {panel(func(p *Panel) { p.Thresholds = []Threshold{{2, ColorRed}, {1, "pink"}} }), []string{`prop.thresholds[1].color: Unsupported value: "pink": supported values: "green", "yellow", "red"`, `prop.thresholds[1].value: Invalid value: "1": must be above the threshold before it`}},
		"threshold that is no number": {
			panel(func(p *Panel) { p.Thresholds = []Threshold{{math.NaN(), ColorRed}} }),
			[]string{`prop.thresholds[0].value: Invalid value: "NaN": must be a finite number`},
		},
	})
}

func TestGrafanaBehindTLSAndBelowAPath(t *testing.T) {
	for url, want := range map[string][]string{
		"":                                 {"", ""},
		"http://localhost:3000/":           {"", ""},
		"https://grafana.example.com":      {"true", ""},
		"https://example.com/grafana/":     {"true", "true"},
		"http://[::1:no URL, and reported": {"", ""},
	} {
		settings := GrafanaProps{RootURL: url}.settings()
		require.Equal(t, want, []string{settings["GF_SECURITY_COOKIE_SECURE"], settings["GF_SERVER_SERVE_FROM_SUB_PATH"]}, url)
	}
}
