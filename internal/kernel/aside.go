package kernel

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	jsiiruntime "github.com/aws/jsii-runtime-go/runtime"

	"github.com/ai-platform/manifests/internal/kernel/native"
)

// Ask calls a method that has no arguments, and reads what the native kernel puts aside of its answer: see native.Aside. It reports false if the kernel is
// another. Then the method is to be called as usual.
func Ask(object any, method string, result, aside any) bool {
	if running == nil {
		return false
	}
	file := filepath.Join(running.path, native.Aside)
	if _, err := os.Stat(file); err != nil {
		return false
	}
	jsiiruntime.Invoke(object, method, []any{native.Aside}, result)
	content, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return false // Node.js has just taken over.
	}
	if err == nil {
		err = json.Unmarshal(content, aside)
	}
	if err != nil {
		panic(fmt.Errorf("read the answer of the jsii kernel: %w", err))
	}
	return true
}
