package kernel

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// oldestNode is the oldest major version of Node.js that is still maintained.
// https://nodejs.org/en/about/previous-releases
const oldestNode = 22

// FindNode returns the Node.js that can be the kernel: the one that JSII_NODE names, or the first supported one of
// node_modules (of this directory or one above) and PATH.
func FindNode() (string, error) {
	if named := os.Getenv("JSII_NODE"); named != "" {
		if problem := unsupported(named); problem != "" {
			return "", fmt.Errorf("JSII_NODE: %s: set it to Node.js %d or newer", problem, oldestNode)
		}
		return named, nil
	}
	problems := []string{}
	for _, candidate := range candidates() {
		problem := unsupported(candidate)
		if problem == "" {
			return candidate, nil
		}
		problems = append(problems, problem)
	}
	found := "none is in PATH or node_modules"
	if len(problems) > 0 {
		found = strings.Join(problems, ", ")
	}
	return "", fmt.Errorf("cdk8s requires Node.js %d or newer (%s): run \"npm install node@24\" here, or set JSII_NODE", oldestNode, found)
}

// candidates lists the places where a Node.js is, nearest first.
func candidates() []string {
	var found []string
	if dir, err := os.Getwd(); err == nil {
		for {
			if file := filepath.Join(dir, "node_modules", "node", "bin", executable("node")); exists(file) {
				found = append(found, file)
			}
			parent := filepath.Dir(dir)
			if parent == dir {
				break
			}
			dir = parent
		}
	}
	if file, err := exec.LookPath("node"); err == nil {
		found = append(found, file)
	}
	return found
}

// unsupported says what is wrong with a Node.js, or nothing.
func unsupported(node string) string {
	out, err := exec.Command(node, "--version").Output()
	if err != nil {
		return fmt.Sprintf("%s does not run (%v)", node, err)
	}
	version := strings.TrimSpace(string(out))
	major, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	if number, err := strconv.Atoi(major); err != nil || number < oldestNode {
		return fmt.Sprintf("%s is %s", node, version)
	}
	return ""
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
