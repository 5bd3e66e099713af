package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func timed(key, name string, walls ...float64) *row {
	r := &row{key: key, name: name}
	for _, wall := range walls {
		r.runs = append(r.runs, sample{wall: wall, cpu: 2 * wall})
	}
	return r
}

// measured are rows as after a run without the slow ones.
func measured() []*row {
	rows := []*row{
		timed(application, "the application", 0.2, 0.3, 0.2, 0.1, 0.25),
		timed(stock, "an `empty` program <stock>", 0.8),
		timed(helm, "helm", 0.1),
		timed(ten, "ten", 12.34),
	}
	rows[0].objects, rows[0].requests, rows[0].memory = 75, 300, []float64{3 << 20, 1 << 20, 2 << 20}
	rows[3].objects = 750
	return rows
}

func TestQuantile(t *testing.T) {
	values := []float64{4, 1, 3, 2}
	require.Equal(t, 1.0, quantile(values, 0))
	require.Equal(t, 1.75, quantile(values, 0.25))
	require.Equal(t, 2.5, median(values))
	require.Equal(t, 4.0, quantile(values, 1))
	require.Equal(t, []float64{4, 1, 3, 2}, values)
	require.True(t, math.IsNaN(median(nil)))
}

func TestReport(t *testing.T) {
	text := report("A machine.", measured())
	for _, line := range []string{
		"A machine.",
		"| the application | 5 | 75 | 0.200 s (0.200 s to 0.250 s) | 1.00 | 0.400 s | 2 MiB | 4.0 |",
		"| an `empty` program <stock> | 1 | – | 0.800 s (0.800 s to 0.800 s) | 4.00 | 1.600 s | – | – |",
		"| ten | 1 | 750 | 12.3 s (12.3 s to 12.3 s) | 61.70 | 24.7 s | – | – |",
		"| production / the empty program on stock jsii | 0.45 | 0.30 | 0.25 | stretch met |",
		"| production / `helm template` | 1.00 | 0.75 | 2.00 | missed |",
		"| production / `kubectl kustomize` | 0.85 | 0.60 | – | not measured |",
		"| each platform from 10 to 100 / `helm template` | 0.30 | – | – | not measured |",
	} {
		require.Contains(t, "\n"+text, "\n"+line+"\n")
	}
}

func TestTargetsOfSlowRows(t *testing.T) {
	rows := append(measured(),
		timed(kustomize, "", 0.25), timed(noKernel, "", 0.1), timed(hundred, "", 15.04),
		timed(everything, "", 1), timed(baseSynth, "", 4), timed(tests, "", 6), timed(baseTests, "", 10))
	find(rows, ten).memory, find(rows, hundred).memory = []float64{10}, []float64{20}
	results := map[string]string{}
	for _, target := range targets(rows) {
		results[target.name] = ratio(target.measured) + " " + target.result()
	}
	require.Equal(t, map[string]string{
		"production / the empty program on stock jsii":            "0.25 stretch met",
		"production / `helm template`":                            "2.00 missed",
		"production / `kubectl kustomize`":                        "0.80 met",
		"production / the application without a kernel":           "2.00 stretch met",
		"each platform from 10 to 100 / `helm template`":          "0.30 met", // 2.7 s for 90 platforms.
		"peak memory of 100 platforms / of 10":                    "2.00 met",
		"`make synth` / that of the earlier commit":               "0.25 met",
		"`go test ./constructs/...` / that of the earlier commit": "0.60 missed",
	}, results)
}

func TestPlot(t *testing.T) {
	svg := plot(measured())
	decoder := xml.NewDecoder(strings.NewReader(svg))
	dots := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "circle" {
			dots++
		}
	}
	require.Equal(t, 4, dots)
	// From 0.1 to 100 seconds: a power of ten takes a third of the width, and twice the time is as far everywhere.
	require.Contains(t, svg, `<circle cx="420.0"`)
	require.Contains(t, svg, `<circle cx="472.2"`)
	require.Contains(t, svg, `<circle cx="576.5"`)
	require.Contains(t, svg, ">an empty program &lt;stock&gt;<")
	require.Contains(t, svg, ">0.1 s<")
	require.Contains(t, svg, ">100 s<")
}
