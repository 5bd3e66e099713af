package main

import "math"

// target is a ratio of two measurements of the same run.
type target struct {
	name           string
	limit, stretch float64 // stretch is 0 where there is none.
	measured       float64 // Not a number if a row is missing.
}

// targets are those of issue 20.
func targets(rows []*row) []target {
	wall := func(key string) float64 { return median(find(rows, key).walls()) }
	memory := func(key string) float64 { return median(find(rows, key).memory) }
	return []target{
		{"production / the empty program on stock jsii", 0.45, 0.3, wall(application) / wall(stock)},
		{"production / `helm template`", 1, 0.75, wall(application) / wall(helm)},
		{"production / `kubectl kustomize`", 0.85, 0.6, wall(application) / wall(kustomize)},
		{"production / the application without a kernel", 3.5, 2.5, wall(application) / wall(noKernel)},
		{"each platform from 10 to 100 / `helm template`", 0.3, 0, (wall(hundred) - wall(ten)) / 90 / wall(helm)},
		{"peak memory of 100 platforms / of 10", 2.5, 0, memory(hundred) / memory(ten)},
		{"`make synth` / that of the earlier commit", 0.3, 0, wall(everything) / wall(baseSynth)},
		{"`go test ./constructs/...` / that of the earlier commit", 0.5, 0, wall(tests) / wall(baseTests)},
	}
}

// result says whether the target is met.
func (t target) result() string {
	switch {
	case math.IsNaN(t.measured):
		return "not measured"
	case t.measured <= t.stretch:
		return "stretch met"
	case t.measured <= t.limit:
		return "met"
	}
	return "missed"
}

// find returns the row with a key, or one without measurements.
func find(rows []*row, key string) *row {
	for _, r := range rows {
		if r.key == key {
			return r
		}
	}
	return &row{}
}
