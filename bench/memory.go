package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// period is the time between two readings of the memory.
const period = 5 * time.Millisecond

func (r *row) runForMemory() error {
	command := r.start()
	if err := command.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	peak := 0.0
	for {
		peak = max(peak, memoryOf(command.Process.Pid))
		select {
		case err := <-ended:
			if err != nil {
				return r.failure(err)
			}
			r.memory = append(r.memory, peak)
			return nil
		case <-time.After(period):
		}
	}
}

// memoryOf returns the resident memory of a process and of all that it started, in bytes. Pages that they share are counted for each: the
// proportional set size would not, but it depends on what else runs Node.js on the machine.
func memoryOf(pid int) float64 {
	sum := resident(pid)
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // The pattern is valid.
	for _, list := range lists {
		children, err := os.ReadFile(list)
		if err != nil {
			continue // The process has ended.
		}
		for _, child := range strings.Fields(string(children)) {
			if number, err := strconv.Atoi(child); err == nil {
				sum += memoryOf(number)
			}
		}
	}
	return sum
}

// resident returns the memory of one process.
// https://docs.kernel.org/filesystems/proc.html
func resident(pid int) float64 {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := strings.Fields(string(content))
	if len(fields) < 2 {
		return 0 // The process has ended.
	}
	pages, _ := strconv.ParseFloat(fields[1], 64) // The kernel writes a number.
	return pages * float64(os.Getpagesize())
}
