package chart

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// small is a chart of two objects, of which one may be missing.
func small() Chart {
	return Chart{
		Name: "small", Version: "1.0.0", Description: "A small chart", KubeVersion: ">=1.28.0-0",
		Values: []Value{
			{Path: "web.replicas", Default: 2, Doc: "Number of pods.", Schema: map[string]any{"type": "integer"}, Probe: 70001},
			{Path: "web.image", Default: "web:v1", Doc: "Image.", Schema: map[string]any{"type": "string"}, Probe: "probe-2"},
			{Path: "web.memory", Default: "512Mi", Doc: "Memory.", Schema: map[string]any{"type": "string"}, Probe: "1000003Ki", Forms: memoryForms()},
			{Path: "class", Default: "", Doc: "Class.", Schema: map[string]any{"type": "string"}, Probe: "probe-4"},
			{Path: "watched", Default: true, Doc: "With alerts.", Schema: map[string]any{"type": "boolean"}},
		},
		Choices: []Choice{
			{If: "eq (int .Values.web.replicas) 1", Yes: Outcome{Settings: Settings{"web.replicas": 1}}},
			{If: ".Values.class", Yes: Outcome{Settings: Settings{"class": "probe-4"}}},
			{If: ".Values.watched", No: Outcome{Settings: Settings{"watched": false}}},
		},
		Render: func(s Settings) ([]string, error) { return written(smallObjects(s)...), nil },
	}
}

// memoryForms are the value itself, and what it is without its last letter.
func memoryForms() []Form {
	return []Form{
		{Write: func(value any) string { return value.(string) }, Template: "%s"},
		{Write: func(value any) string { return strings.TrimSuffix(value.(string), "i") }, Template: `trimSuffix "i" %s`},
	}
}

func smallObjects(s Settings) []Object {
	unavailable := 1
	if s["web.replicas"] == 1 {
		unavailable = 0
	}
	labels := func(component string) map[string]any { return map[string]any{"component": component} }
	spec := map[string]any{
		"image":    s["web.image"],
		"memory":   s["web.memory"],
		"replicas": s["web.replicas"], "maxUnavailable": unavailable,
		"args": []any{"--image=" + s["web.image"].(string), "{{ .Status }}"},
	}
	if s["class"] != "" {
		spec["class"] = s["class"]
	}
	objects := []Object{{"kind": "Deployment", "metadata": map[string]any{"name": "web", "labels": labels("web")}, "spec": spec}}
	if s["watched"].(bool) {
		objects = append(objects, Object{
			"kind": "ConfigMap", "metadata": map[string]any{"name": "alerts", "labels": labels("alerts")},
			"data": map[string]any{"rules.yml": "expr: used / " + memoryForms()[1].Write(s["web.memory"]) + "\nsummary: {{ $value }}\n"},
		})
	}
	return objects
}

func TestChart(t *testing.T) {
	files, err := small().Files()
	require.NoError(t, err)
	require.Equal(t, generated+`---
kind: Deployment
metadata:
  labels:
    component: web
  name: web
spec:
  args:
    - "--image={{ .Values.web.image }}"
    - "{{ "{{" }} .Status }}"
  {{- if .Values.class }}
  class: {{ .Values.class | quote }}
  {{- end }}
  image: {{ .Values.web.image | quote }}
  {{- if eq (int .Values.web.replicas) 1 }}
  maxUnavailable: 0
  {{- else }}
  maxUnavailable: 1
  {{- end }}
  memory: {{ .Values.web.memory | quote }}
  replicas: {{ int .Values.web.replicas }}
`, string(files["templates/web-deployment.yaml"]))
	require.Equal(t, generated+`{{- if .Values.watched }}
---
data:
  rules.yml: |
    expr: used / {{ trimSuffix "i" .Values.web.memory }}
    summary: {{ "{{" }} $value }}
kind: ConfigMap
metadata:
  labels:
    component: alerts
  name: alerts
{{- end }}
`, string(files["templates/alerts-configmap.yaml"]))
	require.Contains(t, files, "charts/.gitkeep")
}

func TestValuesFile(t *testing.T) {
	files, err := small().Files()
	require.NoError(t, err)
	require.Equal(t, `# Generated from the constructs by "make synth". Put your own values in a separate file: helm install -f FILE

web:
  # Number of pods.
  replicas: 2
  # Image.
  image: web:v1
  # Memory.
  memory: 512Mi

# Class.
class: ""

# With alerts.
watched: true
`, string(files["values.yaml"]))
}

func TestFilesAreTheSameEveryTime(t *testing.T) {
	first, err := small().Files()
	require.NoError(t, err)
	for range 5 {
		again, err := small().Files()
		require.NoError(t, err)
		require.Equal(t, first, again)
	}
}

func TestIsGenerated(t *testing.T) {
	files, err := small().Files()
	require.NoError(t, err)
	for name, content := range files {
		require.True(t, IsGenerated(name, content), name)
	}
	for _, name := range []string{"templates/own.yaml", "templates/_own.tpl", "templates/tests/own.yaml", "charts/own.tgz", ".helmignore", "values-team.yaml"} {
		require.False(t, IsGenerated(name, []byte("kind: ConfigMap\n")), name)
	}
}

// What would make a chart that says something else than the objects is refused.
func TestChartIsRefused(t *testing.T) {
	for name, refused := range map[string]struct {
		change func(*Chart)
		says   string
	}{
		"dead value": {
			func(c *Chart) { c.Values = append(c.Values, Value{Path: "dead", Default: "a", Probe: "probe-9"}) },
			"the value dead stands nowhere in the objects",
		},
		"dead flag": {
			func(c *Chart) { c.Values = append(c.Values, Value{Path: "dead", Default: true}) },
			"the value dead stands nowhere in the objects",
		},
		"form that nobody declared": {
			func(c *Chart) { c.Values[2].Forms = memoryForms()[:1] },
			`ConfigMap alerts.data.rules.yml: is "expr: used / 512M", and "expr: used / 1000003K" in the chart with the defaults and map[]`,
		},
		"decision that nobody declared": {
			func(c *Chart) { c.Choices = c.Choices[1:]; c.Values[0].Default = 1 },
			`Deployment web.spec.maxUnavailable: is "maxUnavailable: 0", and "maxUnavailable: 1" in the chart with the defaults and map[]`,
		},
		"two choices for one place": {
			func(c *Chart) {
				render := c.Render
				c.Render = func(s Settings) ([]string, error) {
					documents, err := render(s)
					if s["class"] != "" {
						documents = documents[:1]
					}
					return documents, err
				}
			},
			`ConfigMap alerts: "---" depends on more than one choice, of which some may be ".Values.class", ".Values.watched": make one of them, `,
		},
		"two choices that set one value": {
			func(c *Chart) {
				c.Choices = append(c.Choices, Choice{If: "true", Yes: Outcome{Settings: Settings{"watched": false, "web.image": "x"}}})
			},
			`both ".Values.watched" and "true" set watched: make one choice of them`,
		},
		"line for two outcomes together": {
			rendered(func(spec map[string]any, s Settings) {
				if s["class"] != "" && !s["watched"].(bool) {
					spec["both"] = true
				}
			}),
			`Deployment web.spec.both: "both: true" depends on more than one choice, of which some may be "eq (int .Values.web.replicas) 1", ".Values.class", ".Values.watched": `,
		},
		"choice without the defaults": {
			func(c *Chart) { c.Choices[1].No.Settings = Settings{"class": "b"} },
			`the choice ".Values.class" has 0 outcomes without settings`,
		},
		"two values with one probe": {
			func(c *Chart) { c.Values[1].Probe, c.Values[2].Forms = "1000003Ki", nil },
			`web.image and web.memory are both probed by "1000003Ki"`,
		},
		"number that another outcome makes of a value": {
			rendered(func(spec map[string]any, s Settings) {
				if !s["watched"].(bool) {
					spec["twice"] = 2 * s["web.replicas"].(int)
				}
			}),
			`Deployment web.spec.twice: "twice: 140002" depends on more than one choice, of which some may be ".Values.watched": make one of them, add a form`,
		},
		"number that a longer one has in it": {
			rendered(func(spec map[string]any, _ Settings) { spec["port"] = 170_001 }),
			`Deployment web.spec.port: is "port: 170001", and "port: 11" in the chart with the probes and map[`,
		},
		"value that only a condition asks for": {
			rendered(func(spec map[string]any, _ Settings) { spec["replicas"] = 3 }),
			"the value web.replicas stands nowhere in the objects",
		},
		"map of each": {
			each(func(spec map[string]any, name, value string) { spec["labels"] = map[string]any{name: value} }),
			`".Values.env" repeats elements of a list, and decides on something else here`,
		},
		"list that is there for each only": {
			each(func(spec map[string]any, name, _ string) { spec["names"] = []any{name} }),
			`Deployment web.spec.names: ".Values.env" repeats elements of a list`,
		},
		"other value within each": {
			each(func(spec map[string]any, name, _ string) {
				spec["args"] = append(spec["args"].([]any), name+"="+spec["image"].(string))
			}),
			`<.Values.web.image>: can't evaluate field Values`,
		},
		"values that are not side by side": {
			func(c *Chart) { c.Values = append(c.Values, Value{Path: "web.class", Default: "a", Probe: "probe-9"}) },
			"the value web.class is not beside the other values of web",
		},
		"value below another": {
			func(c *Chart) { c.Values = append(c.Values, Value{Path: "watched.by", Default: "a", Probe: "probe-9"}) },
			"the value watched has values below it",
		},
		"rendering that fails": {
			func(c *Chart) { c.Render = func(Settings) ([]string, error) { return nil, fmt.Errorf("no") } },
			"no",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := small()
			refused.change(&c)
			_, err := c.Files()
			require.ErrorContains(t, err, refused.says)
		})
	}
}

// Whatever lists look like, lines tell which elements are the same.
func TestListsThatDiffer(t *testing.T) {
	first, second := map[string]any{"name": "a"}, map[string]any{"name": "b"}
	for name, lists := range map[string][2][]any{
		"element that is in a list twice": {{"-p", "x", "-q", "x"}, {"-p", "x", "--off", "-q", "x"}},
		"elements in another order":       {{first, second}, {second, first}},
		"list of nothing":                 {{first}, {}},
	} {
		t.Run(name, func(t *testing.T) {
			c := small()
			rendered(func(spec map[string]any, s Settings) {
				spec["list"] = lists[0]
				if !s["watched"].(bool) {
					spec["list"] = lists[1]
				}
			})(&c)
			_, err := c.Files() // Holds the chart to each rendering.
			require.NoError(t, err)
		})
	}
}

// What two choices put side by side is told apart, and is in the order of the fields.
func TestChoicesSideBySide(t *testing.T) {
	c := small()
	for _, name := range []string{"nodeName", "nodeSelector", "overhead"} {
		c.Values = append(c.Values, Value{Path: name, Default: "", Doc: "Text.", Schema: map[string]any{}, Probe: "probe-" + name})
		c.Choices = append(c.Choices, Choice{If: ".Values." + name, Yes: Outcome{Settings: Settings{name: "probe-" + name}}})
		rendered(func(spec map[string]any, s Settings) {
			if s[name] != "" {
				spec[name] = s[name]
			}
		})(&c)
	}
	each(func(spec map[string]any, name, value string) {
		spec["args"] = append(spec["args"].([]any), name+"="+value)
	})(&c)
	files, err := c.Files()
	require.NoError(t, err)
	text := string(files["templates/web-deployment.yaml"])
	require.Contains(t, text, `
    {{- range $name, $value := .Values.env }}
    - "{{ $name }}={{ $value }}"
    {{- end }}
  {{- if .Values.class }}
  class: `)
	require.Contains(t, text, `
  {{- if .Values.nodeName }}
  nodeName: {{ .Values.nodeName | quote }}
  {{- end }}
  {{- if .Values.nodeSelector }}
  nodeSelector: {{ .Values.nodeSelector | quote }}
  {{- end }}
  {{- if .Values.overhead }}
  overhead: {{ .Values.overhead | quote }}
  {{- end }}
`)
}

// In a text of several lines too, only the lines that differ depend on a choice, whatever white space is before them.
func TestLinesOfTexts(t *testing.T) {
	c := small()
	rendered(func(spec map[string]any, s Settings) {
		spec["text"] = "a\n\nb \nc\n"
		if !s["watched"].(bool) {
			spec["text"] = "a\n\n" + s["web.image"].(string) + "\nb \n"
		}
	})(&c)
	files, err := c.Files()
	require.NoError(t, err)
	require.Contains(t, string(files["templates/web-deployment.yaml"]), `
  text: |
    a
{{ "" }}
    {{- if not .Values.watched }}
    {{ .Values.web.image }}
    {{- end }}
    b {{ "" }}
    {{- if .Values.watched }}
    c
    {{- end }}
`)
}

// Choices share renderings, and what differs still tells which of them it follows from: neither one of two other choices, nor both of them,
// have the same renderings.
func TestChoicesShareRenderings(t *testing.T) {
	c := small()
	for i := range 20 {
		c.Choices = append(c.Choices, Choice{If: fmt.Sprint(i), Yes: Outcome{Settings: Settings{fmt.Sprint(i): true}}})
	}
	c.Choices = append(c.Choices, Choice{If: "alone", Alone: true, Yes: Outcome{Settings: Settings{"alone": true}}})
	choices, err := c.sorted()
	require.NoError(t, err)
	settings, err := share(choices)
	require.NoError(t, err)
	require.LessOrEqual(t, len(settings), 10)
	by := map[renderings]string{}
	for _, choice := range choices {
		for _, outcome := range choice.root().outcomes() {
			require.Empty(t, by[outcome.shown], choice.If)
			by[outcome.shown] = choice.If
			for i := range settings {
				isShown := outcome.shown&(1<<i) != 0
				for path, value := range outcome.Settings {
					require.Equal(t, isShown, settings[i][path] == value, "%s in %v", choice.If, settings[i])
				}
				if choice.Alone && outcome.shown&1 == 0 && isShown {
					require.Equal(t, Settings{"alone": true}, settings[i])
				}
			}
		}
	}
	for i, first := range choices {
		for _, second := range choices[i+1:] {
			require.Empty(t, by[first.root().outcomes()[1:][0].shown|second.root().outcomes()[1:][0].shown], "%s and %s", first.If, second.If)
		}
	}
}

func TestTooManyChoicesAreRefused(t *testing.T) {
	c := small()
	for i := range 64 {
		c.Choices = append(c.Choices, Choice{If: fmt.Sprint(i), Alone: true, Yes: Outcome{Settings: Settings{fmt.Sprint(i): true}}})
	}
	_, err := c.Files()
	require.EqualError(t, err, "the choices need 75 renderings, and there can be 64")
}

// Each outcome is also rendered with the defaults.
func TestEachOutcomeIsMixed(t *testing.T) {
	c := small()
	c.Choices[0].Yes = Outcome{Then: &Choice{If: "more", Yes: Outcome{Settings: Settings{"more": 1}}, No: Outcome{Settings: Settings{"more": 0}}}}
	choices, err := c.sorted()
	require.NoError(t, err)
	all := mix(choices)
	require.Len(t, all, 3)
	require.Empty(t, all[0])
	for _, choice := range choices {
		for _, outcome := range choice.root().outcomes()[1:] {
			require.True(t, slices.ContainsFunc(all, func(s Settings) bool {
				merged := maps.Clone(s)
				maps.Copy(merged, outcome.Settings)
				return maps.Equal(s, merged)
			}), choice.If)
		}
	}
}

// A choice within a choice asks its question only where the answer makes a difference.
func TestChoiceWithinChoice(t *testing.T) {
	c := small()
	c.Choices[0] = Choice{
		If: ".Values.watched",
		Yes: Outcome{Then: &Choice{
			If: "eq (int .Values.web.replicas) 1", Yes: Outcome{Settings: Settings{"web.replicas": 1}},
		}},
		No: Outcome{Settings: Settings{"watched": false}},
	}
	c.Choices = c.Choices[:2]
	files, err := c.Files()
	require.NoError(t, err)
	require.Contains(t, string(files["templates/web-deployment.yaml"]), `
  {{- if and .Values.watched (eq (int .Values.web.replicas) 1) }}
  maxUnavailable: 0
  {{- else }}
  maxUnavailable: 1
  {{- end }}
`)
	require.NotContains(t, string(files["templates/alerts-configmap.yaml"]), "replicas")
}

// rendered changes what the Deployment of the small chart is.
func rendered(change func(spec map[string]any, s Settings)) func(*Chart) {
	return func(c *Chart) {
		render := c.Render
		c.Render = func(s Settings) ([]string, error) {
			documents, err := render(s)
			if err != nil {
				return nil, err
			}
			object := Object{}
			if err := yaml.Unmarshal([]byte(documents[0]), &object); err != nil {
				return nil, err
			}
			change(object["spec"].(map[string]any), s)
			return append(written(object), documents[1:]...), nil
		}
	}
}

// each gives the small chart variables, and changes the Deployment for each of them.
func each(change func(spec map[string]any, name, value string)) func(*Chart) {
	return func(c *Chart) {
		probe := map[string]string{"PROBE": "probe-6"}
		c.Values = append(c.Values, Value{
			Path: "env", Default: map[string]string{}, Doc: "Variables.", Schema: map[string]any{}, Probe: probe,
			Forms: []Form{
				{Write: func(value any) string { return firstOf(value, true) }, Template: "$name"},
				{Write: func(value any) string { return firstOf(value, false) }, Template: "$value"},
			},
		})
		c.Choices = append(c.Choices, Choice{If: ".Values.env", Each: true, Yes: Outcome{Settings: Settings{"env": probe}}})
		rendered(func(spec map[string]any, s Settings) {
			for name, value := range s["env"].(map[string]string) {
				change(spec, name, value)
			}
		})(c)
	}
}

func TestEach(t *testing.T) {
	requireEach(t, ".Values.env", "$name", "$value")
	requireEach(t, "sortAlpha (keys .Values.env)", "$value", "index $.Values.env $value")
}

func requireEach(t *testing.T, elements, name, value string) {
	t.Helper()
	c := small()
	rendered(func(spec map[string]any, _ Settings) {
		spec["env"] = []any{map[string]any{"name": "OWN", "value": "1"}}
	})(&c)
	each(func(spec map[string]any, name, value string) {
		spec["env"] = append(spec["env"].([]any), map[string]any{"name": name, "value": value})
	})(&c)
	c.Choices[len(c.Choices)-1].If = elements
	forms := c.Values[len(c.Values)-1].Forms
	forms[0].Template, forms[1].Template = name, value
	files, err := c.Files()
	require.NoError(t, err)
	require.Contains(t, string(files["templates/web-deployment.yaml"]), `
  env:
    - name: OWN
      value: "1"
    {{- range $name, $value := `+elements+` }}
    - name: {{ `+name+` | quote }}
      value: {{ `+value+` | quote }}
    {{- end }}
`)
}

func firstOf(value any, key bool) string {
	for name, text := range value.(map[string]string) {
		if key {
			return name
		}
		return text
	}
	return ""
}

func TestOutcomesOfChoices(t *testing.T) {
	c := small()
	c.Choices = []Choice{{
		If:  "a",
		Yes: Outcome{Then: &Choice{If: "b", Yes: Outcome{Settings: Settings{"a": 1, "b": 1}}, No: Outcome{Settings: Settings{"a": 1}}}},
	}}
	choices, err := c.sorted()
	require.NoError(t, err)
	var all []Settings
	for _, outcome := range choices[0].root().outcomes() {
		all = append(all, outcome.Settings)
	}
	require.Equal(t, []Settings{nil, {"a": 1}, {"a": 1, "b": 1}}, all)
}

func TestHelpersHaveTheChartsName(t *testing.T) {
	files, err := small().Files()
	require.NoError(t, err)
	for name, content := range files {
		require.NotContains(t, string(content), helperPrefix, name)
	}
}

// The first branch has the shortest question. Each later branch asks only what the earlier ones leave open.
func TestThreeOutcomes(t *testing.T) {
	c := small()
	c.Choices[0] = Choice{
		If: "eq (int .Values.web.replicas) 1", Yes: Outcome{Settings: Settings{"web.replicas": 1}},
		No: Outcome{Then: &Choice{If: "eq (int .Values.web.replicas) 9", Yes: Outcome{Settings: Settings{"web.replicas": 9}}}},
	}
	rendered(func(spec map[string]any, s Settings) {
		spec["size"] = "medium"
		switch s["web.replicas"] {
		case 1:
			spec["size"] = "small"
		case 9:
			spec["size"] = "large"
		}
	})(&c)
	files, err := c.Files()
	require.NoError(t, err)
	require.Contains(t, string(files["templates/web-deployment.yaml"]), `
  {{- if eq (int .Values.web.replicas) 1 }}
  size: small
  {{- else if eq (int .Values.web.replicas) 9 }}
  size: large
  {{- else }}
  size: medium
  {{- end }}
`)
}

func TestQuestions(t *testing.T) {
	const none, one, two, three = renderings(1), renderings(2), renderings(4), renderings(8)
	all := none | one | two | three
	end := func(shown renderings) Outcome { return Outcome{shown: shown} }
	next := func(question string, yes, no Outcome) Outcome {
		return Outcome{Then: &Choice{If: question, Yes: yes, No: no}}
	}
	tree := next("f a", next("b", end(one), end(two)), next("c", end(three), end(none)))
	same := next("f a", next("b", end(one), end(two)), next("b", end(three), end(none)))
	chain := next("a", next("b", next("c", end(one), end(two)), end(three)), end(none))
	for _, c := range []struct {
		of           Outcome
		shown, among renderings
		want         string
	}{
		{tree, one | two, all, "f a"},
		{tree, three | none, all, "not (f a)"},
		{tree, one, all, "and (f a) b"},
		{tree, two, all, "and (f a) (not b)"},
		{tree, three, all, "and (not (f a)) c"},
		{tree, one | two | three, all, "or (f a) c"},
		{tree, one | three | none, all, "or (not (f a)) b"},
		{tree, one | three, all, "or (and (f a) b) (and (not (f a)) c)"},
		{tree, one, one | two, "b"},
		{tree, none, three | none, "not c"},
		{tree, one, one | three | none, "f a"},
		{same, one | three, all, "b"},
		{chain, one, all, "and a b c"},
		{chain, two | three | none, all, "or (not a) (not b) (not c)"},
	} {
		require.Equal(t, c.want, c.of.asks(c.shown, c.among), "%b of %b", c.shown, c.among)
	}
}
