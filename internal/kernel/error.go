package kernel

import (
	"errors"
	"runtime"
	"strings"
)

// Error turns a panic of the kernel, which is how it reports errors, into an error. A program's bug goes on as a panic.
func Error(problem any) error {
	switch problem := problem.(type) {
	case runtime.Error:
		panic(problem)
	case error:
		// JavaScript's own prefix says nothing here.
		if message, cut := strings.CutPrefix(problem.Error(), "Error: "); cut {
			return errors.New(message)
		}
		return problem
	case string:
		return errors.New(problem)
	default:
		panic(problem)
	}
}
