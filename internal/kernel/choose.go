package kernel

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/ai-platform/manifests/internal/kernel/early"
	"github.com/ai-platform/manifests/internal/kernel/native"
)

// Variable chooses the kernel. It holds words that are separated by commas:
//
//   - native: the default, where it is proven;
//   - node: Node.js;
//   - explain: print to standard error which kernel runs, and why;
//   - check: let Node.js repeat everything at the end, and report each difference.
const Variable = "AI_PLATFORM_KERNEL"

// own is the binary of this process, even if its file was removed or replaced in the meantime.
// https://man7.org/linux/man-pages/man5/proc_pid_exe.5.html
const own = "/proc/self/exe"

// changing lists the variables that change what cdk8s and jsii do, in ways that package native does not know.
var changing = []string{
	"CDK8S_DISABLE_SORT",
	"CDK8S_LEGACY_HASH",
	"JSII_DEBUG",
	"JSII_DEBUG_TIMING",
	"JSII_RUNTIME_PACKAGE_CACHE",
	"JSII_VALIDATE_ASSEMBLIES",
}

// explain prints which kernel runs, for those who want to know.
func explain(words []string, kernel string) {
	if slices.Contains(words, "explain") {
		fmt.Fprintln(os.Stderr, "kernel:", kernel)
	}
}

// settings are the words of Variable.
func settings() (words []string, err error) {
	value := os.Getenv(Variable)
	if value == "" {
		return nil, nil
	}
	words = strings.Split(value, ",")
	for _, word := range words {
		if !slices.Contains([]string{"check", "explain", "native", "node"}, word) {
			return nil, fmt.Errorf("%s: unknown word %q: use native or node, and explain or check, separated by commas", Variable, word)
		}
	}
	if slices.Contains(words, "native") && slices.Contains(words, "node") {
		return nil, errors.New(Variable + ": native and node exclude each other")
	}
	return words, nil
}

// whyNode says why the kernel is Node.js, or nothing if it is native.
func whyNode(words []string) string {
	if slices.Contains(words, "node") {
		return Variable + " is set to it"
	}
	if runtime.GOOS != "linux" {
		return "the native kernel is proven on Linux only"
	}
	for _, name := range changing {
		if os.Getenv(name) != "" {
			return name + " is set"
		}
	}
	if _, err := os.Stat(own); err != nil {
		return "there is no " + own
	}
	return ""
}

// prepareNative returns the variables that make jsii start the binary of this process again, which then is the kernel: see package native. jsii runs
// $SHELL -c $JSII_RUNTIME.
func prepareNative(check bool) func(*folder) (map[string]string, error) {
	return func(files *folder) (map[string]string, error) {
		variables := map[string]string{
			"SHELL":               own,
			early.Variable:        native.Marker,
			native.VariableFolder: files.path,
			variableShell:         os.Getenv("SHELL"),
		}
		if check {
			variables[native.VariableCompare] = "1"
		}
		files.native = true
		return variables, nil
	}
}

// variableShell holds the user's SHELL, for programs that Node.js starts.
const variableShell = "AI_PLATFORM_KERNEL_SHELL"
