//go:build linux

package servers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// postgresPrograms is where Debian puts them. Its /usr/bin has a wrapper for some, which goes looking for servers.
const postgresPrograms = "/usr/lib/postgresql/15/bin"

// programs are what the tests run, by the Debian package that holds them.
var programs = map[string][]string{
	"postgresql-15":             {"dropdb", "initdb", "pg_dump", "pg_dumpall", "pg_isready", "pg_restore", "postgres", "psql"},
	"redis-server":              {"redis-cli", "redis-server"},
	"busybox":                   {"busybox"},
	"dash":                      {"dash"},
	"bubblewrap":                {"bwrap"},
	"nginx-light":               {"nginx"},
	"prometheus":                {"prometheus"},
	"prometheus-alertmanager":   {"prometheus-alertmanager"},
	"prometheus-redis-exporter": {"prometheus-redis-exporter"},
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if err := findPrograms(); err != nil {
		return 0, err
	}
	remove, err := makeRoot()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := installShells(); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// findPrograms fails without the programs, because tests that are left out look like tests that pass.
func findPrograms() error {
	if err := os.Setenv("PATH", postgresPrograms+":"+os.Getenv("PATH")); err != nil {
		return err
	}
	var errs []error
	for debianPackage, names := range programs {
		for _, name := range names {
			if _, err := exec.LookPath(name); err != nil {
				errs = append(errs, fmt.Errorf("%w: install Debian's package %s", err, debianPackage))
			}
		}
	}
	return errors.Join(errs...)
}
