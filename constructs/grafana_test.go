package constructs

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// prometheusAt is a server without a tree.
func prometheusAt(operated bool) *Prometheus {
	t := testTier("prometheus")
	props := PrometheusProps{}
	s := props.scraping(t)
	return &Prometheus{serverTier: serverTier{tier: t, server: props.server(t, s, "")}, scraping: s, operated: operated}
}

func grafanaErrors(props GrafanaProps) field.ErrorList {
	t := testTier("grafana")
	t.component = "grafana"
	dashboards := props.dashboards()
	return props.validate(prop, props.server(t, dashboards), dashboards)
}

func validGrafana(dashboards ...Dashboard) GrafanaProps {
	return GrafanaProps{Prometheus: prometheusAt(false), AdminPassword: SecretKey{Secret: "a", Key: "b"}, Dashboards: dashboards}
}

func orders(panels ...Panel) Dashboard {
	return Dashboard{Name: "orders", Title: "Orders", Rows: []DashboardRow{{Panels: panels}}}
}

var ordersPanel = Panel{Title: "Orders", Queries: []Query{{Expr: "orders_total"}}}

// tierCalledOverview has a tier whose dashboard would take the place of the overview.
func tierCalledOverview() GrafanaProps {
	props := validGrafana()
	at := place{app: "shop", component: "overview", namespace: "shop"}
	props.Prometheus.scraping.targets = []target{{place: at, dashboard: &Dashboard{Name: "overview", Title: at.dashboardTitle()}}}
	return props
}

func TestGrafanaProps(t *testing.T) {
	overview := orders(ordersPanel)
	overview.Name, overview.Title = "overview", "shop: overview"
	named := orders(ordersPanel)
	named.Name = "My orders"
	runChecks(t, map[string]check{
		"valid":                         {grafanaErrors(validGrafana(orders(ordersPanel))), nil},
		"left to an operator":           {grafanaErrors(GrafanaProps{Prometheus: prometheusAt(true)}), nil},
		"Grafana's variables":           {grafanaErrors(validGrafana(orders(Panel{Title: "a", Queries: []Query{{Expr: "rate(a[$__rate_interval]) + rate(a[${__range}])"}}}))), nil},
		"root URL":                      {grafanaErrors(GrafanaProps{Prometheus: prometheusAt(false), AdminPassword: SecretKey{Secret: "a", Key: "b"}, RootURL: "grafana.example.com"}), []string{`prop.rootURL: Invalid value: "grafana.example.com": must be a URL such as "https://example.com/page"`}},
		"nothing":                       {grafanaErrors(GrafanaProps{}), []string{"prop.prometheus: Required value", "prop.adminPassword.secret: Required value", "prop.adminPassword.key: Required value"}},
		"duplicate dashboards":          {grafanaErrors(validGrafana(orders(ordersPanel), orders(ordersPanel))), []string{`prop.dashboards[1].name: Duplicate value: "orders"`, `prop.dashboards[1].title: Duplicate value: "Orders"`}},
		"a tier's dashboard":            {grafanaErrors(validGrafana(overview)), []string{`prop.dashboards[0].name: Duplicate value: "overview"`, `prop.dashboards[0].title: Duplicate value: "shop: overview"`}},
		"a tier of the overview's name": {grafanaErrors(tierCalledOverview()), []string{`prop.dashboards[overview].name: Duplicate value: "overview"`, `prop.dashboards[overview].title: Duplicate value: "shop: overview"`}},
		"name":                          {grafanaErrors(validGrafana(named)), []string{`prop.dashboards[0].name: Invalid value: "My orders": ` + labelRule}},
		"an empty dashboard":            {grafanaErrors(validGrafana(Dashboard{Name: "a"})), []string{"prop.dashboards[0].title: Required value", "prop.dashboards[0].rows: Required value"}},
		"an empty row":                  {grafanaErrors(validGrafana(orders())), []string{"prop.dashboards[0].rows[0].panels: Required value"}},
		"an empty panel":                {grafanaErrors(validGrafana(orders(Panel{}))), []string{"prop.dashboards[0].rows[0].panels[0].title: Required value", "prop.dashboards[0].rows[0].panels[0].queries: Required value"}},
		"nine panels in a row":          {grafanaErrors(validGrafana(orders(ordersPanel, ordersPanel, ordersPanel, ordersPanel, ordersPanel, ordersPanel, ordersPanel, ordersPanel, ordersPanel))), []string{"prop.dashboards[0].rows[0].panels: Too many: 9: must have at most 8 items"}},
		"what an operator does":         {grafanaErrors(GrafanaProps{Prometheus: prometheusAt(true), Image: "a", RootURL: "https://a"}), []string{"prop.rootURL: Forbidden: the operator's Prometheus has a Grafana of its own", "prop.image: Forbidden: the operator's Prometheus has a Grafana of its own"}},
	})
}

func TestPanelProps(t *testing.T) {
	panel := func(change func(*Panel)) field.ErrorList {
		p := ordersPanel
		change(&p)
		return p.validate(prop)
	}
	runChecks(t, map[string]check{
		"valid": {panel(func(*Panel) {}), nil},
		"kind":  {panel(func(p *Panel) { p.Kind = "pie" }), []string{`prop.kind: Unsupported value: "pie": supported values: "timeseries", "stat"`}},
		"query": {panel(func(p *Panel) { p.Queries = []Query{{Expr: "rate(a[$__rate])"}} }), []string{`prop.queries[0].expr: Invalid value: "rate(a[$__rate])": is no PromQL: 1:8: parse error: unexpected character in duration expression: '$'`}},
		"an error shows the query as it was written": {
			panel(func(p *Panel) { p.Queries = []Query{{Expr: "rate(a[$__range]"}} }),
			[]string{`prop.queries[0].expr: Invalid value: "rate(a[$__range]": is no PromQL: 1:11: parse error: unclosed left parenthesis`},
		},
		"no query":   {panel(func(p *Panel) { p.Queries = []Query{{}} }), []string{"prop.queries[0].expr: Required value"}},
		"color":      {panel(func(p *Panel) { p.Color = "pink" }), []string{`prop.color: Unsupported value: "pink": supported values: "green", "yellow", "red"`}},
		"thresholds": {panel(func(p *Panel) { p.Thresholds = []Threshold{{2, Red}, {1, "pink"}} }), []string{`prop.thresholds[1].color: Unsupported value: "pink": supported values: "green", "yellow", "red"`, `prop.thresholds[1].value: Invalid value: "1": must be above the one before it`}},
		"threshold that is no number": {
			panel(func(p *Panel) { p.Thresholds = []Threshold{{math.NaN(), Red}} }),
			[]string{`prop.thresholds[0].value: Invalid value: "NaN": must be a finite number`},
		},
	})
}

func TestAlertmanagerProps(t *testing.T) {
	receiver := AlertReceiver{Kind: Slack, Secret: SecretKey{Secret: "a", Key: "b"}, Server: External{Host: "10.0.0.1", Port: 443}}
	without := func(change func(*AlertReceiver)) field.ErrorList {
		r := receiver
		change(&r)
		return r.validate(prop)
	}
	at := func(path string) field.ErrorList {
		return AlertmanagerProps{Receiver: receiver, Storage: Storage{MountPath: path}}.server(testTier("alertmanager")).validate(prop)
	}
	server := AlertmanagerProps{Receiver: receiver, Storage: Storage{Size: "1"}, Image: "a"}.server(testTier("alertmanager"))
	runChecks(t, map[string]check{
		"valid":                    {without(func(*AlertReceiver) {}), nil},
		"nothing":                  {AlertReceiver{}.validate(prop), []string{`prop.kind: Unsupported value: "": supported values: "slack", "pagerduty", "webhook"`, "prop.secret.secret: Required value", "prop.secret.key: Required value", "prop.server: Required value: it is what the network policies open"}},
		"kind":                     {without(func(r *AlertReceiver) { r.Kind = "fax" }), []string{`prop.kind: Unsupported value: "fax": supported values: "slack", "pagerduty", "webhook"`}},
		"key":                      {without(func(r *AlertReceiver) { r.Secret.Key = "a/b" }), []string{`prop.secret.key: Invalid value: "a/b": ` + keyRule}},
		"a volume over the secret": {at("/etc/alertmanager/secrets"), []string{`prop.storage.mountPath: Invalid value: "/etc/alertmanager/secrets": is mounted already by prop.secret`}},
		"the server":               {server.validate(prop), []string{`prop.image: Invalid value: "a": must have a tag or a digest, so that what runs is said here`, `prop.storage.size: Invalid value: "1": must be at least 1Mi and at most 1Pi`}},
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
