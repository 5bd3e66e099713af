// Command bench measures how long synthesis takes, beside other programs that write the same objects, and writes the results to
// bench/results.md and bench/results.svg. Run it in the root directory of the repository, on a machine that does nothing else:
//
//	go run ./bench
//
// It builds all programs, compares the objects that they write, and then runs them in turn, in a different order each time, so that a change
// of the machine's speed meets all of them. It needs Linux, and node_modules.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

func main() {
	if counted := os.Getenv(countVariable); counted != "" {
		os.Exit(relay(counted))
	}
	log.SetFlags(0)
	var o options
	flag.IntVar(&o.rounds, "rounds", 15, "how often to run each program")
	flag.IntVar(&o.slow, "slow", 3, "how often to run those that take longer than a few seconds; 0 leaves them out")
	flag.StringVar(&o.base, "base", "8e4b658", "the commit to compare with, which has no kernel in Go; empty for none")
	flag.Parse()
	if err := bench(o); err != nil {
		log.Fatal(err)
	}
}

type options struct {
	rounds, slow int
	base         string
}

func bench(o options) (err error) {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(root, "cdk8s.yaml")); err != nil {
		return fmt.Errorf("run bench in the root directory of the repository: %w", err)
	}
	if o.rounds < 1 || o.slow < 0 {
		return fmt.Errorf("-rounds must be at least 1, and -slow at least 0")
	}
	work, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)

	b := build{root: root, work: work}
	if err := b.all(o.base); err != nil {
		return err
	}
	rows := b.rows(o)
	if err := b.compare(rows); err != nil {
		return err
	}
	if err := measure(rows, o); err != nil {
		return err
	}
	if err := b.countRequests(rows); err != nil {
		return err
	}
	m := machine(root)
	if err := os.WriteFile(filepath.Join(root, "bench", "results.md"), []byte(report(m, rows)), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "bench", "results.svg"), []byte(plot(rows)), 0o644)
}
