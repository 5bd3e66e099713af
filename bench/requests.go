package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// countVariable names the file for the number of requests, and makes this program stand between a program and its kernel.
// kernelVariable has the kernel's command, Node.js and the script of jsii's runtime, in two lines.
const (
	countVariable  = "BENCH_COUNT_REQUESTS"
	kernelVariable = "BENCH_KERNEL"
)

// countRequests counts the requests of the programs to jsii's kernel. Each is a line.
func (b *build) countRequests(rows []*row) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/jsii-runtime-go")
	list.Dir = b.root
	module, err := list.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	script := filepath.Join(strings.TrimSpace(string(module)), "internal", "embedded", "resources", "bin", "jsii-runtime.js")
	file := b.path("requests")
	for _, r := range rows {
		if !r.jsii || r.slow {
			continue
		}
		log.Printf("requests of %s", r.name)
		command := r.start()
		command.Env = append(command.Env, "JSII_RUNTIME='"+self+"'", countVariable+"="+file, kernelVariable+"="+b.node()+"\n"+script)
		if err := run(command); err != nil {
			return err
		}
		counted, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if r.requests, err = strconv.Atoi(string(counted)); err != nil {
			return err
		}
	}
	return nil
}

// relay passes requests on to the original kernel, and writes their number to a file when there are no more.
func relay(file string) (code int) {
	kernel := exec.Command("env", strings.Split(os.Getenv(kernelVariable), "\n")...)
	kernel.Stdout, kernel.Stderr = os.Stdout, os.Stderr
	requests, err := kernel.StdinPipe()
	if err == nil {
		err = kernel.Start()
	}
	lines := &lineCounter{}
	if err == nil {
		_, err = io.Copy(requests, io.TeeReader(os.Stdin, lines))
	}
	if err == nil {
		err = os.WriteFile(file, []byte(strconv.Itoa(lines.count)), 0o600)
	}
	if err == nil {
		err = requests.Close()
	}
	if err == nil {
		err = kernel.Wait()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

type lineCounter struct{ count int }

func (c *lineCounter) Write(content []byte) (int, error) {
	c.count += bytes.Count(content, []byte("\n"))
	return len(content), nil
}
