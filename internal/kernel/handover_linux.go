package kernel

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/ai-platform/manifests/internal/kernel/early"
	"github.com/ai-platform/manifests/internal/kernel/native"
)

// recordVariable names the file with what Node.js repeats: see preload.js.
const recordVariable = "AI_PLATFORM_KERNEL_RECORD"

// answeredVariable holds how many requests that file has. Each is followed by its answer, in lines of their own.
const answeredVariable = "AI_PLATFORM_KERNEL_ANSWERED"

// nextVariable names the file with what is to be answered.
const nextVariable = "AI_PLATFORM_KERNEL_NEXT"

// init lets Node.js take over from the native kernel, if this is a process in which that has given up. By now jsii has extracted its runtime.
func init() {
	if native.Left == nil {
		return
	}
	files := &folder{path: os.Getenv(native.VariableFolder)}
	err := early.ErrPrepare
	if err == nil {
		err = takeOver(files, native.Left)
	}
	if err != nil {
		refuse(native.Left, err)
	}
	if files.remove() != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// takeOver replaces this process with Node.js. It returns only errors.
func takeOver(files *folder, left *native.Transcript) error {
	explain(strings.Split(os.Getenv(Variable), ","), "Node.js takes over, because the program uses "+left.Reason)
	if err := os.RemoveAll(filepath.Join(files.path, native.Aside)); err != nil {
		return err
	}
	node, err := FindNode()
	if err != nil {
		return err
	}
	runtimes, err := filepath.Glob(filepath.Join(files.path, "jsii-runtime.*", "bin", "jsii-runtime.js"))
	if err != nil || len(runtimes) != 1 {
		return errors.New("the runtime of jsii was not found")
	}
	script, err := files.write("preload.js", preload)
	if err != nil {
		return err
	}
	if err := left.WriteRecord(); err != nil {
		return err
	}
	next, err := files.write("next", left.Next)
	if err != nil {
		return err
	}
	if err := native.RestoreOutput(); err != nil {
		return err
	}
	return syscall.Exec(node, []string{node, runtimes[0]}, append(nodeEnvironment(script),
		recordVariable+"="+filepath.Join(files.path, native.Record), answeredVariable+"="+strconv.Itoa(left.Answered), nextVariable+"="+next))
}

// nodeEnvironment is the environment that Node.js would have had from the start.
func nodeEnvironment(script string) []string {
	environment := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{
			early.Variable, "SHELL", "NODE_OPTIONS", variableShell, native.VariableFolder,
		}, name)
	})
	if shell := os.Getenv(variableShell); shell != "" {
		environment = append(environment, "SHELL="+shell)
	}
	return append(environment, "NODE_OPTIONS="+nodeOptions(script))
}

// refuse answers all further requests with an error, also the one that ends the kernel if Node.js should have compared. It does not end before the
// program has read that: the runtime of jsii might not read the answer of a process that is gone.
func refuse(left *native.Transcript, err error) {
	if native.RestoreOutput() != nil {
		return
	}
	message := fmt.Sprintf("the program uses %s, which needs Node.js: %s", left.Reason, err)
	comparing := os.Getenv(native.VariableCompare) != ""
	if comparing {
		message = notComparedPrefix + err.Error()
		fmt.Fprintln(os.Stderr, message)
	}
	lines := bufio.NewReader(io.MultiReader(bytes.NewReader(left.Next), os.Stdin))
	for {
		line, err := lines.ReadString('\n')
		if err != nil || strings.HasPrefix(line, `{"exit":`) {
			return
		}
		end := !comparing && strings.Contains(line, os.Getenv(native.VariableExit))
		if end {
			message = strconv.Itoa(os.Getpid())
		}
		answer, err := json.Marshal(map[string]string{"error": message})
		if err != nil {
			return
		}
		if _, err := os.Stdout.Write(append(answer, '\n')); err != nil || end {
			return
		}
	}
}
