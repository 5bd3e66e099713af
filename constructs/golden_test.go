package constructs_test

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

// goldenCase is what testdata/<name>.yaml holds: all files of an application with the chart shop, but for those of the chart
// elsewhere. The name begins with the construct's.
type goldenCase struct {
	name string
	add  func(chart cdk8s.Chart)
}

var goldenCases = []goldenCase{
	{"namespace-minimal", func(chart cdk8s.Chart) { constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{}) }},
	{"namespace-full", func(chart cdk8s.Chart) { constructs.NewNamespace(chart, "namespace", fullNamespace()) }},

	{"frontend-minimal", func(chart cdk8s.Chart) { constructs.NewFrontend(chart, "pages", pagesProps) }},
	{"frontend-full", func(chart cdk8s.Chart) {
		constructs.NewFrontend(chart, "pages", fullFrontend(chart))
	}},
	{"frontend-autoscaled", func(chart cdk8s.Chart) {
		constructs.NewFrontend(chart, "pages", constructs.FrontendProps{Image: "pages:1", Autoscaling: &constructs.Autoscaling{MaxReplicas: 8}})
	}},
	{"frontend-other-namespace", func(chart cdk8s.Chart) {
		backend := constructs.NewBackend(elsewhere(chart), "api", apiProps)
		constructs.NewFrontend(inOtherNamespace(chart), "web", constructs.FrontendProps{Image: "pages:1", Backend: backend})
	}},

	{"backend-minimal", func(chart cdk8s.Chart) { constructs.NewBackend(chart, "api", apiProps) }},
	{"backend-full", func(chart cdk8s.Chart) { constructs.NewBackend(chart, "api", fullBackend(chart)) }},
	{"backend-autoscaled", func(chart cdk8s.Chart) { constructs.NewBackend(chart, "api", autoscaledBackend()) }},
	{"backend-one-node", func(chart cdk8s.Chart) {
		constructs.NewBackend(chart, "api", constructs.BackendProps{
			Image: "api:1", Replicas: number(1), Storage: &constructs.Storage{MountPath: "/data", Size: "1Gi"},
		})
	}},
	{"backend-external", func(chart cdk8s.Chart) {
		constructs.NewBackend(chart, "api", constructs.BackendProps{
			Image: "api:1",
			Database: constructs.ExternalPostgres{
				Server: constructs.External{Host: "db.example.com", Port: 5432, CIDRs: []string{"10.20.0.0/16"}},
				URL:    constructs.SecretKey{Secret: "shop-secrets", Key: "database-url"},
			},
			Redis: constructs.ExternalRedis{Server: constructs.External{Host: "10.20.0.9", Port: 6380}, Password: token, TLS: true},
		})
	}},

	{"postgres-minimal", func(chart cdk8s.Chart) { constructs.NewPostgres(chart, "database", minimalPostgres()) }},
	{"postgres-full", func(chart cdk8s.Chart) { constructs.NewPostgres(chart, "database", fullPostgres()) }},
	{"redis-minimal", func(chart cdk8s.Chart) { constructs.NewRedis(chart, "redis", minimalRedis()) }},
	{"redis-full", func(chart cdk8s.Chart) { constructs.NewRedis(chart, "redis", fullRedis()) }},
	{"ingress-minimal", func(chart cdk8s.Chart) {
		constructs.NewIngress(chart, "web", constructs.IngressProps{Host: "shop.example.com", Backend: api(elsewhere(chart))})
	}},
	{"ingress-full", func(chart cdk8s.Chart) { constructs.NewIngress(chart, "web", fullIngress(chart)) }},

	{"kube-state-metrics-minimal", func(chart cdk8s.Chart) {
		constructs.NewKubeStateMetrics(chart, "kube-state-metrics", constructs.KubeStateMetricsProps{})
	}},
	{"kube-state-metrics-full", func(chart cdk8s.Chart) {
		constructs.NewKubeStateMetrics(chart, "kube-state-metrics", fullKubeStateMetrics())
	}},
	{"alertmanager-minimal", func(chart cdk8s.Chart) { constructs.NewAlertmanager(chart, "alertmanager", minimalAlertmanager()) }},
	{"alertmanager-full", func(chart cdk8s.Chart) { constructs.NewAlertmanager(chart, "alertmanager", fullAlertmanager()) }},
	{"alertmanager-webhook", func(chart cdk8s.Chart) {
		constructs.NewAlertmanager(chart, "alertmanager", constructs.AlertmanagerProps{
			Receiver: constructs.AlertReceiver{Kind: constructs.Webhook, Secret: token, Server: api(elsewhere(chart))},
		})
	}},
	{"prometheus-minimal", func(chart cdk8s.Chart) { constructs.NewPrometheus(chart, "prometheus", constructs.PrometheusProps{}) }},
	{"prometheus-full", func(chart cdk8s.Chart) {
		constructs.NewPrometheus(chart, "prometheus", fullPrometheus(watched(elsewhere(chart))))
	}},
	{"prometheus-operator", func(chart cdk8s.Chart) {
		watched(elsewhere(chart))
		constructs.NewPrometheus(chart, "prometheus", operatedPrometheus())
	}},
	{"grafana-minimal", func(chart cdk8s.Chart) {
		prometheus := constructs.NewPrometheus(elsewhere(chart), "prometheus", constructs.PrometheusProps{})
		constructs.NewGrafana(chart, "grafana", constructs.GrafanaProps{Prometheus: prometheus, AdminPassword: token})
	}},
	{"grafana-full", func(chart cdk8s.Chart) {
		others := elsewhere(chart)
		prometheus := constructs.NewPrometheus(others, "prometheus", fullPrometheus(watched(others)))
		constructs.NewGrafana(chart, "grafana", fullGrafana(prometheus))
	}},
	{"grafana-operator", func(chart cdk8s.Chart) {
		prometheus := constructs.NewPrometheus(elsewhere(chart), "prometheus", operatedPrometheus())
		constructs.NewGrafana(chart, "grafana", constructs.GrafanaProps{Prometheus: prometheus})
	}},
}

// synthesize returns what the golden file shows, and all of the application.
func (c goldenCase) synthesize(t *testing.T) (shown, all string) {
	t.Helper()
	files, err := constructs.Render(inShop(c.add))
	require.NoError(t, err)
	var shownTexts, allTexts []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		allTexts = append(allTexts, string(files[name]))
		if !strings.Contains(name, "elsewhere") {
			shownTexts = append(shownTexts, string(files[name]))
		}
	}
	return strings.Join(shownTexts, "---\n"), strings.Join(allTexts, "---\n")
}

func (c goldenCase) file() string { return filepath.Join("testdata", c.name+".yaml") }

func TestGolden(t *testing.T) {
	for _, c := range goldenCases {
		t.Run(c.name, func(t *testing.T) {
			got, _ := c.synthesize(t)
			if updateGolden() {
				require.NoError(t, os.WriteFile(c.file(), []byte(got), 0o666))
				return
			}
			want, err := os.ReadFile(c.file())
			require.NoError(t, err, "make update-golden writes it")
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("%s differs; if that is wanted, run make update-golden and look at git diff (-file +synthesized):\n%s", c.file(), diff)
			}
		})
	}
}

// A golden file that no case writes would be looked at by nobody.
func TestGoldenOrphans(t *testing.T) {
	found, err := filepath.Glob(filepath.Join("testdata", "*.yaml"))
	require.NoError(t, err)
	for _, file := range found {
		if slices.ContainsFunc(goldenCases, func(c goldenCase) bool { return c.file() == file }) {
			continue
		}
		if updateGolden() {
			require.NoError(t, os.Remove(file))
			continue
		}
		t.Errorf("no case writes %s; make update-golden removes it", file)
	}
}

func updateGolden() bool { return os.Getenv("UPDATE_GOLDEN") != "" }

// The golden files together show what every field of the props does.
func TestGoldenPropsSetEveryField(t *testing.T) {
	var backend constructs.BackendProps
	var frontend constructs.FrontendProps
	var ingress constructs.IngressProps
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		app := cdk8s.App_Of(chart)
		backend, frontend, ingress = fullBackend(newChart(app, "a")), fullFrontend(newChart(app, "b")), fullIngress(newChart(app, "c"))
	}))
	require.NoError(t, err)
	for _, props := range [][]any{
		{fullNamespace()},
		{frontend, constructs.FrontendProps{Autoscaling: autoscaledBackend().Autoscaling}},
		{backend, autoscaledBackend()},
		{fullPostgres()},
		{fullRedis()},
		{ingress},
		{fullKubeStateMetrics()},
		{fullAlertmanager()},
		{fullPrometheus(constructs.External{}), operatedPrometheus()},
		{fullGrafana(&constructs.Prometheus{})},
		{constructs.External{Host: "h", Port: 1, CIDRs: []string{""}}},
	} {
		var values []reflect.Value
		for _, p := range props {
			values = append(values, reflect.ValueOf(p))
		}
		require.Empty(t, unsetFields(values[0].Type().Name(), values))
	}
}

// unsetFields names the fields that none of the values sets, looking into structs, also those in pointers, slices and maps.
func unsetFields(path string, values []reflect.Value) []string {
	values = elements(values)
	if len(values) == 0 || values[0].Kind() != reflect.Struct {
		return nil
	}
	var unset []string
	for i := range values[0].NumField() {
		field := values[0].Type().Field(i)
		if !field.IsExported() {
			continue // Of a construct that is a prop.
		}
		var set []reflect.Value
		for _, value := range values {
			if !value.Field(i).IsZero() {
				set = append(set, value.Field(i))
			}
		}
		if len(set) == 0 {
			unset = append(unset, path+"."+field.Name)
		}
		unset = append(unset, unsetFields(path+"."+field.Name, set)...)
	}
	return unset
}

// elements replaces pointers, slices and maps by what is in them.
func elements(values []reflect.Value) []reflect.Value {
	var all []reflect.Value
	for _, value := range values {
		switch value.Kind() {
		case reflect.Pointer:
			all = append(all, elements([]reflect.Value{value.Elem()})...)
		case reflect.Slice:
			for i := range value.Len() {
				all = append(all, elements([]reflect.Value{value.Index(i)})...)
			}
		case reflect.Map:
			for _, key := range value.MapKeys() {
				all = append(all, value.MapIndex(key))
			}
		case reflect.Interface:
			// What a tier is connected to is no prop.
		default:
			all = append(all, value)
		}
	}
	return all
}
