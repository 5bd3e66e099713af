// Package kernel starts and ends the process in which cdk8s runs: package native in a process of its own, or Node.js.
package kernel

import (
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aws/jsii-runtime-go"
	jsiiruntime "github.com/aws/jsii-runtime-go/runtime"

	"github.com/ai-platform/manifests/internal/kernel/early"
	"github.com/ai-platform/manifests/internal/kernel/native"
)

// preload is what makes the kernel start fast; see its own comment.
//
//go:embed preload.js
var preload []byte

// exitMessage, sent as the name of a package to load, makes the preloaded script end the kernel. No text of a program
// can be the same.
var exitMessage = "ai-platform-kernel-exit-" + rand.Text()

const (
	// exitPatience bounds how long the kernel's end is waited for; it takes milliseconds.
	exitPatience = 5 * time.Second

	// heapLimit is what jsii sets when NODE_OPTIONS is empty; setting the variable would lose it.
	heapLimit = "--max-old-space-size=4069"
)

// running holds the files of the kernel that this package started, and has not ended since. It is nil without one.
var running *folder

// Start starts the kernel, unless it runs already. first is the call that brings it up, the creation of the application; it is called again if the native
// kernel does not start. A user's own JSII_RUNTIME is left alone.
func Start(first func()) error {
	if running != nil || os.Getenv(early.Variable) != "" {
		first()
		return nil
	}
	Forget()
	words, err := settings()
	if err != nil {
		return err
	}
	check := slices.Contains(words, "check")
	if check {
		if _, err := FindNode(); err != nil {
			return errors.New(notComparedPrefix + err.Error())
		}
	}
	reason := whyNode(words)
	if reason == "" {
		explain(words, "native")
		if reason = startNative(first, check); reason == "" {
			return nil
		}
	}
	explain(words, "Node.js, because "+reason)
	node, err := FindNode()
	if err != nil {
		return fmt.Errorf("%w; Node.js is needed because %s", err, reason)
	}
	return start(first, prepareNode(node))
}

// startNative says why the native kernel does not start, or nothing.
func startNative(first func(), check bool) (problem string) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case runtime.Error:
			panic(r)
		default:
			// A package that is initialized before the kernel may have printed something, for example.
			problem = fmt.Sprintf("the native kernel does not start (%v)", r)
		}
	}()
	if err := start(first, prepareNative(check)); err != nil {
		return err.Error()
	}
	return ""
}

// start starts the kernel for which prepare returns the variables.
func start(first func(), prepare func(*folder) (map[string]string, error)) (err error) {
	defer holdSignals()()
	files, err := makeFolder()
	if err != nil {
		return fmt.Errorf("start the jsii kernel: %w", err)
	}
	defer func() {
		if running == nil {
			jsii.Close()
			err = errors.Join(err, files.remove())
		}
	}()
	variables, err := prepare(files)
	if err != nil {
		return fmt.Errorf("start the jsii kernel: %w", err)
	}
	variables[native.VariableExit] = exitMessage
	variables[temporaryVariable] = files.path
	restore, err := setenv(variables)
	if err != nil {
		return fmt.Errorf("start the jsii kernel: %w", err)
	}
	defer restore()

	first()
	running = files
	return nil
}

// prepareNode returns the variables that make jsii start a Node.js.
func prepareNode(node string) func(*folder) (map[string]string, error) {
	return func(files *folder) (map[string]string, error) {
		script, err := files.write("preload.js", preload)
		return map[string]string{"JSII_NODE": node, "NODE_OPTIONS": nodeOptions(script)}, err
	}
}

// Forget drops the process that the Go runtime has and has not started, and whose variables Start sets otherwise: see package early. The
// runtime prepares another when it is used.
func Forget() { jsii.Close() }

// Close ends the kernel and removes its temporary directories. It may be called at any time, and more than once.
func Close() {
	files := running
	running = nil
	if files == nil {
		jsii.Close()
		return
	}
	defer holdSignals()()
	err := errors.Join(exitWithin(files.path), files.remove())
	if err != nil {
		fmt.Fprintln(os.Stderr, "remove temporary files:", err)
	}
}

// exitWithin ends the kernel with its directory as that of temporary files: the runtime writes one to send the message.
func exitWithin(path string) error {
	restore, err := setenv(map[string]string{temporaryVariable: path})
	if err == nil {
		defer restore()
	}
	exit()
	jsii.Close()
	return err
}

// exit asks the kernel to end by itself, and returns when it has. jsii.Close ends it as well, but then the runtime waits
// for the process in two places at once, and the one that loses prints "Runtime process exited abnormally".
func exit() {
	defer func() {
		// The preloaded script answers with an error, which the runtime reports by a panic: the id of the process.
		if answer, ok := recover().(error); ok {
			if text := answer.Error(); strings.HasPrefix(text, differencePrefix) || strings.HasPrefix(text, notComparedPrefix) {
				panic(answer)
			}
			waitFor(answer.Error())
		}
	}()
	jsiiruntime.Load(exitMessage, "0.0.0", nil)
}

// waitFor returns when the process is gone, which it is when the runtime has seen its end. It looks rarely, so that the runtime is done with that as well: it would wait
// for the process in two places otherwise.
func waitFor(id string) {
	number, err := strconv.Atoi(id)
	if err != nil {
		return // It had ended before, and this is why.
	}
	process, err := os.FindProcess(number)
	if err != nil {
		return
	}
	for deadline := time.Now().Add(exitPatience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if process.Signal(syscall.Signal(0)) != nil {
			return
		}
	}
}

// nodeOptions keeps the user's own options, and jsii's where there are none.
func nodeOptions(script string) string {
	options := os.Getenv("NODE_OPTIONS")
	if options == "" {
		options = heapLimit
	}
	quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(script) + `"`
	return options + " --require " + quoted
}

// setenv sets variables and returns what sets them back.
func setenv(variables map[string]string) (restore func(), err error) {
	var undo []func() error
	restore = func() {
		for _, u := range undo {
			_ = u() // A name that could be set can be set back.
		}
	}
	for name, value := range variables {
		undo = append(undo, original(name))
		if err := os.Setenv(name, value); err != nil {
			restore()
			return nil, err
		}
	}
	return restore, nil
}

// original returns what sets a variable to the value that it has now.
func original(name string) func() error {
	value, ok := os.LookupEnv(name)
	if !ok {
		return func() error { return os.Unsetenv(name) }
	}
	return func() error { return os.Setenv(name, value) }
}

const (
	// differencePrefix begins preload.js's report of answers that differ.
	differencePrefix = "the native kernel differs from Node.js: "

	// notComparedPrefix begins the report that Node.js could not compare.
	notComparedPrefix = "the kernels cannot be compared: "
)
