// Package early keeps the Go runtime of jsii from preparing a kernel while packages are initialized. For that it must be initialized before
// those that register their types with the runtime: Go takes the packages that are ready in the order of their paths, so this one imports
// nothing else.
// https://go.dev/ref/spec#Program_initialization
package early

import (
	"fmt"
	"os"

	jsiiruntime "github.com/aws/jsii-runtime-go/runtime"

	"github.com/ai-platform/manifests/internal/kernel/native"
)

// Variable names a program that is to be the kernel in place of Node.js.
const Variable = "JSII_RUNTIME"

// ErrPrepare is why the runtime could not prepare a kernel in a process that leaves a program to Node.js. It has a file to write, for example, and
// panics.
var ErrPrepare error

func prepare() (err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("prepare jsii's runtime: %v", problem)
		}
	}()
	jsiiruntime.IsAnonymousProxy(nil)
	return nil
}

// init gives the runtime a process that does nothing. It would prepare one of its own, with a temporary directory that stays if the program is
// killed before it uses or closes the kernel.
//
// In a process that leaves a program to Node.js, the runtime prepares the kernel that it finds there.
func init() {
	if native.Left != nil {
		if os.Unsetenv(Variable) == nil {
			ErrPrepare = prepare()
		}
		return
	}
	if os.Getenv(Variable) != "" {
		return
	}
	value, set := os.LookupEnv(Variable)
	if os.Setenv(Variable, "echo 'cdk8s is used while packages are initialized: use it in main' >&2; exit 1") != nil {
		return
	}
	jsiiruntime.IsAnonymousProxy(nil)
	if set {
		_ = os.Setenv(Variable, value)
		return
	}
	_ = os.Unsetenv(Variable)
}
