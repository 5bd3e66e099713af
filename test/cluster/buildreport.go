package cluster

import (
	"bufio"
	"io"
	"log"
	"strings"
	"sync/atomic"
	"time"
)

// reportInterval is how often a build reports its progress.
const reportInterval = 15 * time.Second

// buildReport reads what `go build -v` prints: the import path of each package when it is compiled, and now and then a message.
type buildReport struct {
	*io.PipeWriter
	compiled atomic.Int64
	all      int             // That are to be compiled.
	others   strings.Builder // for the reader alone, until it is done
	failed   error           // the same
	done     chan struct{}   // closed by the reader
	stopped  chan struct{}   // closed by the reporter
}

func newBuildReport(progress *log.Logger, packages int) *buildReport {
	reader, writer := io.Pipe()
	report := &buildReport{PipeWriter: writer, all: packages, done: make(chan struct{}), stopped: make(chan struct{})}
	go report.read(reader)
	go report.tell(progress)
	return report
}

func (r *buildReport) read(output *io.PipeReader) {
	defer close(r.done)
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		// Import paths have no spaces, messages do.
		if strings.Contains(lines.Text(), " ") {
			r.others.WriteString(lines.Text() + "\n")
		} else {
			r.compiled.Add(1)
		}
	}
	r.failed = output.CloseWithError(lines.Err())
}

func (r *buildReport) tell(progress *log.Logger) {
	defer close(r.stopped)
	began := time.Now()
	ticker := time.NewTicker(reportInterval)
	defer ticker.Stop()
	for {
		select {
		case <-r.done:
			return
		case <-ticker.C:
			progress.Printf("  %s: %d of %d packages", time.Since(began).Round(time.Second), r.compiled.Load(), r.all)
		}
	}
}

// stop ends the report.
func (r *buildReport) stop() error {
	err := r.Close()
	<-r.done
	<-r.stopped
	if err == nil {
		err = r.failed
	}
	return err
}

// messages returns what was no package: errors, for example. Call it after stop.
func (r *buildReport) messages() string { return r.others.String() }
