package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// machine describes the machine that the figures come from.
func machine(root string) string {
	return fmt.Sprintf("%s, commit %s. %s, %d cores, load before the run %s. %s, Node.js %s.",
		time.Now().UTC().Format(time.DateOnly), output(root, "git", "describe", "--always", "--dirty"), processor(), runtime.NumCPU(), loadAtStart,
		runtime.Version(), output(root, "node_modules/node/bin/node", "--version"))
}

// loadAtStart is the number of processes that wanted to run in the last minute before this one: above one, the results mean little.
var loadAtStart = func() string {
	content, _ := os.ReadFile("/proc/loadavg") // Empty elsewhere than on Linux.
	load, _, _ := strings.Cut(string(content), " ")
	return load
}()

func processor() string {
	content, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(content)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func output(dir, program string, args ...string) string {
	command := exec.Command(program, args...)
	command.Dir = dir
	printed, err := command.Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(printed))
}

// report is the results in Markdown.
func report(machine string, rows []*row) string {
	var text strings.Builder
	text.WriteString("# Results of `make bench`\n\n" + machine + "\n\n")
	text.WriteString("Times are medians, with the middle half of the runs in brackets. The ratio is to the application's time. Memory is the peak of all\n" +
		"processes together. Requests are those to Node.js as jsii's kernel; the one in Go gets fewer.\n\n![Times](results.svg)\n\n")
	text.WriteString("| program | runs | objects | time | ratio | CPU time | peak memory | requests per object |\n|---|---|---|---|---|---|---|---|\n")
	base := median(find(rows, application).walls())
	for _, r := range rows {
		walls := r.walls()
		fmt.Fprintf(&text, "| %s | %d | %s | %s (%s to %s) | %s | %s | %s | %s |\n", r.name, len(walls), count(r.objects),
			seconds(median(walls)), seconds(quantile(walls, 0.25)), seconds(quantile(walls, 0.75)), ratio(median(walls)/base), seconds(median(r.cpus())),
			mebibytes(median(r.memory)), perObject(r))
	}
	text.WriteString("\n| target | at most | stretch | measured | |\n|---|---|---|---|---|\n")
	for _, t := range targets(rows) {
		stretch := "–"
		if t.stretch > 0 {
			stretch = ratio(t.stretch)
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s |\n", t.name, ratio(t.limit), stretch, ratio(t.measured), t.result())
	}
	return text.String()
}

func seconds(value float64) string {
	switch {
	case math.IsNaN(value):
		return "–"
	case value < 10:
		return fmt.Sprintf("%.3f s", value)
	}
	return fmt.Sprintf("%.1f s", value)
}

func ratio(value float64) string {
	if math.IsNaN(value) {
		return "–"
	}
	return fmt.Sprintf("%.2f", value)
}

func mebibytes(value float64) string {
	if math.IsNaN(value) {
		return "–"
	}
	return fmt.Sprintf("%.0f MiB", value/(1<<20))
}

func count(value int) string {
	if value == 0 {
		return "–"
	}
	return fmt.Sprint(value)
}

func perObject(r *row) string {
	if r.requests == 0 || r.objects == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", float64(r.requests)/float64(r.objects))
}
