package main

import (
	"encoding/xml"
	"fmt"
	"math"
	"strings"
)

// Sizes in the picture, in pixels.
const (
	labelWidth = 420
	plotWidth  = 520
	lineHeight = 26
	margin     = 30
)

// plot draws the time of each program as a dot, and the middle half of its runs as a line. The scale is logarithmic: a ratio has the same
// width everywhere.
func plot(rows []*row) string {
	from, to := bounds(rows)
	x := func(value float64) float64 {
		return labelWidth + plotWidth*(math.Log(value)-math.Log(from))/(math.Log(to)-math.Log(from))
	}
	bottom := margin + lineHeight*len(rows)
	var svg strings.Builder
	width, height := labelWidth+plotWidth+3*margin, bottom+2*margin
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif" font-size="13">`+"\n",
		width, height, width, height)
	fmt.Fprintf(&svg, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	for _, tick := range ticks(from, to) {
		fmt.Fprintf(&svg, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#ddd"/>`+"\n", x(tick), margin-10, x(tick), bottom)
		fmt.Fprintf(&svg, `<text x="%.1f" y="%d" text-anchor="middle" fill="#555">%g s</text>`+"\n", x(tick), bottom+18, tick)
	}
	for i, r := range rows {
		y := margin + lineHeight*i + lineHeight/2
		walls := r.walls()
		color := "#777"
		if strings.HasPrefix(r.name, "the application") || strings.Contains(r.name, "in one program") {
			color = "#0969da"
		}
		fmt.Fprintf(&svg, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", labelWidth-15, y+4, escape(strings.ReplaceAll(r.name, "`", "")))
		fmt.Fprintf(&svg, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="%s" stroke-width="3"/>`+"\n",
			x(quantile(walls, 0.25)), y, x(quantile(walls, 0.75)), y, color)
		fmt.Fprintf(&svg, `<circle cx="%.1f" cy="%d" r="5" fill="%s"/>`+"\n", x(median(walls)), y, color)
		fmt.Fprintf(&svg, `<text x="%.1f" y="%d" fill="#333">%s</text>`+"\n", x(quantile(walls, 0.75))+10, y+4, seconds(median(walls)))
	}
	svg.WriteString("</svg>\n")
	return svg.String()
}

// bounds are powers of ten around all times.
func bounds(rows []*row) (from, to float64) {
	from, to = math.Inf(1), 0
	for _, r := range rows {
		for _, wall := range r.walls() {
			from, to = min(from, wall), max(to, wall)
		}
	}
	return math.Pow(10, math.Floor(math.Log10(from))), math.Pow(10, math.Ceil(math.Log10(to)))
}

func ticks(from, to float64) []float64 {
	var all []float64
	for power := from; power < to*1.01; power *= 10 {
		for _, factor := range []float64{1, 2, 5} {
			if tick := factor * power; tick < to*1.01 {
				all = append(all, tick)
			}
		}
	}
	return all
}

func escape(text string) string {
	var escaped strings.Builder
	_ = xml.EscapeText(&escaped, []byte(text)) // A Builder takes everything.
	return escaped.String()
}
