package monitoring

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
)

// debianPackages hold the programs that the tests run and do not build.
var debianPackages = map[string]string{"promtool": "prometheus", "amtool": "prometheus-alertmanager"}

func TestMain(m *testing.M) {
	if err := findPrograms(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	// Without them, the options of a panel and its queries are read as just any JSON.
	plugins.RegisterDefaultPlugins()
	os.Exit(m.Run())
}

// findPrograms fails without the programs, because tests that are left out look like tests that pass.
func findPrograms() error {
	var errs []error
	for program, debianPackage := range debianPackages {
		if _, err := exec.LookPath(program); err != nil {
			errs = append(errs, fmt.Errorf("%w: install Debian's package %s", err, debianPackage))
		}
	}
	return errors.Join(errs...)
}
