// Package kernel starts and ends the Node.js process in which cdk8s runs.
package kernel

import (
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aws/jsii-runtime-go"
	jsiiruntime "github.com/aws/jsii-runtime-go/runtime"

	"github.com/ai-platform/manifests/internal/kernel/early"
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

// Start starts the kernel with a supported Node.js, unless it runs already. first is the call that brings it up, the
// creation of the application. A user's own JSII_RUNTIME is left alone.
func Start(first func()) (err error) {
	if running != nil || os.Getenv(early.Variable) != "" {
		first()
		return nil
	}
	Forget()
	node, err := findNode()
	if err != nil {
		return err
	}
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
	script := filepath.Join(files.path, "preload.js")
	if err := os.WriteFile(script, preload, 0o600); err != nil {
		return fmt.Errorf("start the jsii kernel: %w", err)
	}
	restore, err := setenv(map[string]string{
		"JSII_NODE":               node,
		"NODE_OPTIONS":            nodeOptions(script),
		"AI_PLATFORM_KERNEL_EXIT": exitMessage,
		temporaryVariable:         files.path,
	})
	if err != nil {
		return fmt.Errorf("start the jsii kernel: %w", err)
	}
	defer restore()

	first()
	running = files
	return nil
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
			waitFor(answer.Error())
		}
	}()
	jsiiruntime.Load(exitMessage, "0.0.0", nil)
}

// waitFor returns when the process is gone, which it is when the runtime has seen its end.
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
