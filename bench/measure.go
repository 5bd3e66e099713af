package main

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// sample is one run of a program.
type sample struct {
	wall, cpu float64 // In seconds. The processor's time includes that of all processes.
}

// memoryRuns is how often a program runs for its memory. Reading it takes time, so these runs are not those that are timed.
const memoryRuns = 3

// measure runs all programs in rounds.
func measure(rows []*row, o options) error {
	random := rand.New(rand.NewPCG(1, 1))
	for round := range max(o.rounds, o.slow) {
		log.Printf("round %d of %d", round+1, max(o.rounds, o.slow))
		due := slices.DeleteFunc(slices.Clone(rows), func(r *row) bool { return r.slow && round >= o.slow || !r.slow && round >= o.rounds })
		random.Shuffle(len(due), func(i, j int) { due[i], due[j] = due[j], due[i] })
		for _, r := range due {
			if err := r.run(); err != nil {
				return err
			}
		}
	}
	for _, r := range rows {
		if r.compiles {
			continue
		}
		log.Printf("memory of %s", r.name)
		for range memoryRuns {
			if err := r.runForMemory(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *row) start() *exec.Cmd {
	command := exec.Command(r.command[0], r.command[1:]...)
	command.Dir = r.dir
	command.Env = append(os.Environ(), r.env...)
	return command
}

func (r *row) run() error {
	if r.empty != "" {
		if err := os.RemoveAll(r.empty); err != nil {
			return err
		}
	}
	command := r.start()
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	start := time.Now()
	err := command.Run()
	wall := time.Since(start)
	if err != nil {
		return fmt.Errorf("%w\n%s", r.failure(err), &output)
	}
	cpu := command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	r.runs = append(r.runs, sample{wall: wall.Seconds(), cpu: cpu.Seconds()})
	return nil
}

func (r *row) failure(err error) error {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && len(exit.Stderr) > 0 {
		err = fmt.Errorf("%w\n%s", err, exit.Stderr)
	}
	return fmt.Errorf("%s: %w", strings.Join(r.command, " "), err)
}
