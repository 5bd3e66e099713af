package operate

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// shell writes commands for people to paste, for the cluster that the flags chose.
type shell struct {
	program string // How it is called, with the environment.
	flags   string // That choose the cluster, after a space.
	kubectl string
}

func (s *secretCommandLine) shell(command *cobra.Command, e Environment) shell {
	flags := clusterFlags(command)
	return shell{
		program: s.app.program(command) + " " + command.Name() + " " + quote(e.Name), flags: flags,
		kubectl: "kubectl" + flags + " -n " + quote(e.Secret.Namespace),
	}
}

// clusterFlags are those of the command line that choose the cluster, after a space.
func clusterFlags(command *cobra.Command) string {
	var flags string
	for _, name := range []string{"kubeconfig", "context"} {
		if flag := command.Flags().Lookup(name); flag.Changed {
			flags += " --" + name + "=" + quote(flag.Value.String())
		}
	}
	return flags
}

// write gives a key a new value.
func (s shell) write(key string) string {
	return fmt.Sprintf("%s --keep --renew %s --yes%s", s.program, quote(key), s.flags)
}

func (s shell) rotate(key string) string { return s.program + " --rotate " + quote(key) + s.flags }

func (s shell) step(step Step, manager string) []string {
	deployment := "deployment/" + quote(step.Deployment)
	if step.Script != "" {
		return []string{fmt.Sprintf("%s exec %s -c %s -- sh -c \\\n  %s", s.kubectl, deployment, quote(step.Container), quote(step.Script))}
	}
	restart := s.kubectl + " rollout restart " + deployment
	if manager != restartManager {
		restart += " --field-manager=" + manager
	}
	return []string{restart, s.kubectl + " rollout status " + deployment}
}

var unquoted = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// quote makes one word of a POSIX shell.
func quote(word string) string {
	if unquoted.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
