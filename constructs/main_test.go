package constructs_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/ai-platform/manifests/constructs"
)

// programVariable makes the test binary be one of the programs, for the tests that start processes.
const programVariable = "CONSTRUCTS_TEST_PROGRAM"

// TestMain ends the kernel that all tests of the package share.
func TestMain(m *testing.M) {
	if name := os.Getenv(programVariable); name != "" {
		if err := programs[name](); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	status := m.Run()
	constructs.Close()
	os.Exit(status)
}
