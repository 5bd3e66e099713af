// Package loud prints while it is initialized, in a test that wants it to. Its path comes before that of the native kernel, so that it breaks the kernel's protocol,
// as a package of a program may.
package loud

import "os"

// Variable makes the package print.
const Variable = "AI_PLATFORM_TEST_LOUD"

func init() {
	if os.Getenv(Variable) != "" {
		_, _ = os.Stdout.WriteString("hello\n")
	}
}
