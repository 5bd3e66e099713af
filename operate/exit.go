package operate

import (
	"errors"
	"fmt"
	"os"
)

// Exit codes of the commands.
const (
	ExitOK          = 0
	ExitFound       = 1 // A difference or a fault was found.
	ExitError       = 2 // Any other error.
	ExitUsage       = 3 // Invalid command, flag or argument.
	ExitKubeconfig  = 4 // No kubeconfig, an unreadable one, or one without the context.
	ExitUnreachable = 5 // The API server is unreachable, or the connection was lost.
	ExitForbidden   = 6 // The API server rejects the credentials, or a permission is missing.
	ExitNamespace   = 7 // The namespace does not exist, or is being deleted.
	ExitUnsupported = 8 // The cluster is older than MinimumVersion.
	ExitTimeout     = 9 // The --timeout has expired.
	ExitInterrupted = 130
)

// clusterExitCodes are those that the help of every command with a cluster lists.
const clusterExitCodes = `  4    no kubeconfig, or none with this context
  5    API server unreachable, or connection lost
  6    missing permission, or credentials not accepted
  7    namespace missing, or being deleted
  8    Kubernetes older than ` + MinimumVersion + `
`

// exitError is an error with an exit code of its own.
type exitError struct {
	error
	code int
}

func (e exitError) Unwrap() error { return e.error }

// errFound ends a command that has printed what it found.
var errFound = exitError{errors.New(""), ExitFound}

// Usage marks an error as one of the command line: its exit code is ExitUsage.
func Usage(err error) error { return exitError{err, ExitUsage} }

// ExitCode returns the exit code for the error of a command.
func ExitCode(err error) int {
	var coded exitError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &coded):
		return coded.code
	}
	return ExitError
}

// Exit prints the error of the root command, unless a command has printed it already, and ends the process with its
// exit code.
func Exit(err error) {
	if err != nil && err.Error() != "" {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(ExitCode(err))
}
