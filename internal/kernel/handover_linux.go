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

// recordHead is the first line of that file. Each request that was answered follows, and its answer, in lines of their own.
type recordHead struct {
	Answered int      `json:"answered"`
	Next     []string `json:"next"` // What is to be answered.
}

// init lets Node.js take over from the native kernel, if this is a process in which that has given up. By now jsii has extracted its runtime.
func init() {
	if native.Left == nil {
		return
	}
	files := &folder{path: os.Getenv(native.VariableFolder)}
	if err := takeOver(files, native.Left); err != nil {
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
	recorded, err := writeRecord(files, left)
	if err != nil {
		return err
	}
	if err := native.RestoreOutput(); err != nil {
		return err
	}
	return syscall.Exec(node, []string{node, runtimes[0]}, nodeEnvironment(script, recorded))
}

func writeRecord(files *folder, left *native.Transcript) (path string, err error) {
	last := len(left.Requests) - 1
	head := recordHead{Answered: len(left.Answers)}
	for _, text := range []string{left.Requests[last], string(left.Rest)} {
		if text != "" {
			head.Next = append(head.Next, text)
		}
	}
	if left.Requests[last] != "" {
		head.Next[0] += "\n"
	}
	first, err := json.Marshal(head)
	if err != nil {
		return "", err
	}
	content := bytes.NewBuffer(append(first, '\n'))
	for i, answer := range left.Answers {
		request, err := restorePackage(files, left, left.Requests[i])
		if err != nil {
			return "", err
		}
		for _, text := range []string{request, "\n", answer, "\n"} {
			content.WriteString(text)
		}
	}
	return files.write("record", content.Bytes())
}

// restorePackage writes the file that a request loads once more, because the client has removed it. Other requests stay as they are.
func restorePackage(files *folder, left *native.Transcript, request string) (string, error) {
	if !strings.HasPrefix(request, `{"api":"load",`) {
		return request, nil
	}
	content, err := io.ReadAll(left.Packages[0])
	if err != nil {
		return "", err
	}
	left.Packages = left.Packages[1:]
	var load struct {
		API     string `json:"api"`
		Name    string `json:"name"`
		Version string `json:"version"`
		Tarball string `json:"tarball"`
	}
	if err := json.Unmarshal([]byte(request), &load); err != nil {
		return "", err
	}
	if load.Tarball, err = files.write(load.Name+".tgz", content); err != nil {
		return "", err
	}
	text, err := json.Marshal(load)
	return string(text), err
}

// nodeEnvironment is the environment that Node.js would have had from the start.
func nodeEnvironment(script, recorded string) []string {
	environment := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{
			early.Variable, "SHELL", "NODE_OPTIONS", variableShell, native.VariableFolder,
		}, name)
	})
	if shell := os.Getenv(variableShell); shell != "" {
		environment = append(environment, "SHELL="+shell)
	}
	return append(environment, "NODE_OPTIONS="+nodeOptions(script), recordVariable+"="+recorded)
}

// refuse answers all further requests with an error.
func refuse(left *native.Transcript, err error) {
	if native.RestoreOutput() != nil {
		return
	}
	message := fmt.Sprintf("the program uses %s, which needs Node.js: %s", left.Reason, err)
	lines := bufio.NewReader(io.MultiReader(strings.NewReader(left.Requests[len(left.Requests)-1]+"\n"+string(left.Rest)), os.Stdin))
	for {
		line, err := lines.ReadString('\n')
		if err != nil || strings.HasPrefix(line, `{"exit":`) {
			return
		}
		end := strings.Contains(line, os.Getenv(native.VariableExit))
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
