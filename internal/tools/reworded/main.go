// Command reworded compares the manifests with those of a git revision, and wants only words to differ: titles and descriptions of panels,
// legends without labels, summaries and descriptions of alerts, comments, and the descriptions and notes of the chart. It prints what else differs, and then fails.
//
//	go run ./internal/tools/reworded main
//
// It reads dist/, deploy/ and the golden files of the constructs. YAML and JSON in texts, as in a ConfigMap, are compared as what they say.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// folders are what users of the library get, and what its tests hold.
var folders = []string{"dist", "deploy", "constructs"}

func main() {
	log.SetFlags(0)
	flag.Usage = func() { fmt.Fprintln(flag.CommandLine.Output(), "usage: go run ./internal/tools/reworded REVISION") }
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdout, flag.Arg(0)); err != nil {
		log.Fatal(err)
	}
}

func run(out io.Writer, revision string) error {
	before, err := filesOf(revision)
	if err != nil {
		return err
	}
	after, err := workingFiles()
	if err != nil {
		return err
	}
	var all comparison
	names := maps.Clone(before)
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		all.file(name, before[name], after[name])
	}
	for _, difference := range all.others {
		fmt.Fprintln(out, difference)
	}
	fmt.Fprintf(out, "%d files: %d words differ, and %d other values\n", len(after), all.words, len(all.others))
	if len(all.others) > 0 {
		return fmt.Errorf("more than words has changed since %s", revision)
	}
	return nil
}

// isCompared leaves out Go, and what documents say.
func isCompared(name string) bool {
	return (strings.HasPrefix(name, "constructs/") && strings.Contains(name, "/testdata/") || !strings.HasPrefix(name, "constructs/")) &&
		!strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".md") && !strings.HasSuffix(name, "NOTES.txt")
}

func filesOf(revision string) (map[string][]byte, error) {
	return read(append([]string{"ls-tree", "-r", "-z", "--name-only", revision, "--"}, folders...), func(name string) ([]byte, error) {
		return git("show", revision+":"+name)
	})
}

// workingFiles are those that git knows of, as they are now.
func workingFiles() (map[string][]byte, error) {
	return read(append([]string{"ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"}, folders...), func(name string) ([]byte, error) {
		content, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			return nil, nil
		}
		return content, err
	})
}

func read(list []string, content func(name string) ([]byte, error)) (map[string][]byte, error) {
	listing, err := git(list...)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range strings.FieldsFunc(string(listing), func(r rune) bool { return r == 0 }) {
		if !isCompared(name) {
			continue
		}
		if files[name], err = content(name); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func git(args ...string) ([]byte, error) {
	command := exec.Command("git", args...)
	var messages bytes.Buffer
	command.Stderr = &messages
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w\n%s", args[0], err, &messages)
	}
	return output, nil
}
