// Command render prints what the constructs make of values of the chart, for tests in modules that cannot import them:
//
//	go run ./cmd/render
//
// reads a JSON list of cases from standard input, and writes the list of their results. Many cases at once, because to start
// Node.js takes longer than to render one.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/ai-platform/manifests/apps/ai-platform/chart"
	"github.com/ai-platform/manifests/constructs"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(from io.Reader, to io.Writer) error {
	defer constructs.Close()
	var cases []chart.Case
	if err := json.NewDecoder(from).Decode(&cases); err != nil {
		return fmt.Errorf("read cases: %w", err)
	}
	results, err := chart.Render(cases)
	if err != nil {
		return err
	}
	return json.NewEncoder(to).Encode(results)
}
