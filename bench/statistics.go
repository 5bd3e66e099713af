package main

import (
	"math"
	"slices"
)

// quantile returns the value below which a share of the values lies, between two of them if need be.
func quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	place := share * float64(len(sorted)-1)
	below := int(place)
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (place-float64(below))*(sorted[above]-sorted[below])
}

func median(values []float64) float64 { return quantile(values, 0.5) }

func (r *row) walls() []float64 {
	var walls []float64
	for _, s := range r.runs {
		walls = append(walls, s.wall)
	}
	return walls
}

func (r *row) cpus() []float64 {
	var cpus []float64
	for _, s := range r.runs {
		cpus = append(cpus, s.cpu)
	}
	return cpus
}
