package operate

import (
	"errors"
	"fmt"
	"os"
)

// Exit codes of the commands.
const (
	ExitOK          = 0
	ExitFound       = 1 // What was looked for was found: a difference, a fault.
	ExitError       = 2 // Anything else.
	ExitUsage       = 3 // A command, flag or argument is wrong.
	ExitKubeconfig  = 4 // There is no kubeconfig, it cannot be read, or it lacks the context.
	ExitUnreachable = 5 // The API server cannot be reached, or the connection was lost.
	ExitForbidden   = 6 // The API server does not know the user, or a permission is missing.
	ExitNamespace   = 7 // The namespace does not exist, or is being deleted.
	ExitUnsupported = 8 // The cluster is older than MinimumVersion.
	ExitTimeout     = 9 // The time that --timeout allows is over.
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

// Usage marks an error as one of the command line.
func Usage(err error) error { return exitError{err, ExitUsage} }

// ExitCode is the exit code of what a command returns.
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

// Exit prints what the root command returns, unless a command has said it already, and ends the process with its exit code.
func Exit(err error) {
	if err != nil && err.Error() != "" {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(ExitCode(err))
}
