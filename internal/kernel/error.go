package kernel

import (
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
)

// Error turns a panic of the kernel, which is how it reports errors, into an error. A program's bug continues as a panic.
func Error(problem any) error {
	switch problem := problem.(type) {
	case runtime.Error:
		panic(problem)
	case error:
		// JavaScript's own prefix says nothing here.
		if message, cut := strings.CutPrefix(problem.Error(), "Error: "); cut {
			return errors.New(explainPatch(message))
		}
		return problem
	case string:
		return errors.New(problem)
	default:
		panic(problem)
	}
}

var (
	// failedPatch is how cdk8s reports that it cannot apply an object's patches: the construct, the object, and what JavaScript says.
	failedPatch = regexp.MustCompile(`(?s)^Failed serializing construct at path '(.*?)' with name '(.*?)': (.*)$`)

	missingParent = regexp.MustCompile(`^TypeError: Cannot (?:set|read) properties of (?:undefined|null) \((?:setting|reading) '(.*)'\)$`)
	failedTest    = regexp.MustCompile(`(?s)^TEST_OPERATION_FAILED:.*?"op": "test",\s*"path": ("(?:[^"\\]|\\.)*")`)
)

// notOfThisProcess is what JavaScript says of a patch that a process made which was ended since.
const notOfThisProcess = "TypeError: o._toJson is not a function"

// explainPatch explains what is wrong with a patch, and returns other messages unchanged.
func explainPatch(message string) string {
	failed := failedPatch.FindStringSubmatch(message)
	if failed == nil {
		return message
	}
	reason := failed[3]
	if parent := missingParent.FindStringSubmatch(reason); parent != nil {
		reason = fmt.Sprintf("a patch sets %q in a field that the object does not have: add that field first", parent[1])
	} else if test := failedTest.FindStringSubmatch(reason); test != nil {
		reason = fmt.Sprintf("the test of a patch failed: the object has another value at %s", test[1])
	} else if reason == notOfThisProcess {
		reason = "a patch was created before Synth or Render ran the program: create it in the program"
	}
	return fmt.Sprintf("cannot patch %s of construct %s: %s", failed[2], failed[1], reason)
}
