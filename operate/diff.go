package operate

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ai-platform/manifests/operate/internal/changes"
)

const diffLong = `Show what "kubectl apply" of an environment's manifests would change in the cluster, and which objects in the cluster are no longer
declared. The API server calculates the changes in a dry run. Dangerous changes are marked with "!".

  + created   ~ changed   - no longer declared   = kept   ! danger

Each object is compared as it was last applied: client-side, server-side, or by Argo CD or Flux. --server-side compares all objects as
"kubectl diff --server-side" does. Values of Secrets are not printed.

--prune shows only the objects that are no longer declared, and --prune --yes deletes them, except volume claims and namespaces. It also
keeps objects that were never applied, that another environment declares, or that Helm, Argo CD or Flux are configured to keep.

--against compares the manifests with those of a git revision, without a cluster.

Permissions: get and list; patch and create for the dry run; delete for --prune --yes. Objects of Gateway API, Cilium and
prometheus-operator that are no longer declared are found only if you may list them.

Exit codes:
  0    no differences
  1    differences
  2    other errors
  3    invalid command line
` + clusterExitCodes + `  9    timeout
  130  interrupted`

const diffExamples = `  ai-platform diff
  ai-platform diff staging --context=staging
  ai-platform diff --against=origin/main
  ai-platform diff --output=json | jq '.changes[].dangers'
  ai-platform diff --prune --yes`

// diff holds the flags of the command.
type diff struct {
	connection
	app          Application
	against      string
	output       string
	fieldManager string
	serverSide   bool
	prune        bool
	yes          bool
}

func diffCommand(app Application) *cobra.Command {
	d := &diff{app: app}
	command := &cobra.Command{
		Use:     "diff " + argument,
		Short:   "Show what applying the manifests would change, with dangerous changes marked",
		Long:    diffLong + "\n\n" + app.namesHelp(),
		Example: diffExamples,
		Args:    cobra.MaximumNArgs(1),
		RunE:    d.execute,
	}
	flags := command.Flags()
	d.addFlags(flags)
	flags.StringVar(&d.against, "against", "", "compare with the manifests of this git `revision` instead of the cluster")
	flags.StringVarP(&d.output, "output", "o", "text", "`format`: text or json")
	flags.BoolVar(&d.serverSide, "server-side", false, "compare as \"kubectl diff --server-side\" does (default: as each object was last applied)")
	flags.StringVar(&d.fieldManager, "field-manager", kubectlManager, "`name` of the field manager, with --server-side")
	flags.BoolVar(&d.prune, "prune", false, "show only objects that are no longer declared")
	flags.BoolVar(&d.yes, "yes", false, "with --prune: delete them")
	return command
}

func (d *diff) execute(command *cobra.Command, args []string) error {
	e, err := d.app.environment(args)
	if err != nil {
		return err
	}
	if err := d.checkFlags(command.Flags()); err != nil {
		return Usage(err)
	}
	return d.run(command, func(ctx context.Context) error {
		if d.against != "" {
			return d.againstRevision(ctx, command.OutOrStdout(), e)
		}
		return d.againstCluster(ctx, command, e)
	})
}

// checkFlags refuses flags that contradict each other, or that would be ignored.
func (d *diff) checkFlags(flags *pflag.FlagSet) error {
	switch {
	case d.output != "text" && d.output != "json":
		return fmt.Errorf("--output=%s: must be text or json", d.output)
	case d.against == "" && flags.Changed("against"):
		return errors.New("--against is empty: set a revision, or omit the flag to compare with the cluster")
	case d.against != "" && (d.prune || d.serverSide):
		return errors.New("--against compares without a cluster: omit --prune and --server-side")
	case !d.serverSide && flags.Changed("field-manager"):
		return errors.New("--field-manager requires --server-side")
	case d.yes && !d.prune:
		return errors.New("--yes requires --prune")
	}
	return nil
}

// againstRevision compares the manifests with former ones.
func (d *diff) againstRevision(ctx context.Context, stdout io.Writer, e Environment) error {
	current, err := e.load()
	if err != nil {
		return err
	}
	former, err := e.loadRevision(ctx, d.against)
	if err != nil {
		return err
	}
	comparison := changes.Between(former, current)
	comparison.Environment, comparison.Against = e.Name, d.against
	if len(former) == 0 {
		comparison.Notes = append(comparison.Notes, fmt.Sprintf("%s has no manifests in %s: all of them are new", d.against, e.Directory))
	}
	comparison.Finish()
	return d.print(stdout, comparison)
}

// print also says by its error whether there are differences.
func (d *diff) print(stdout io.Writer, comparison *changes.Comparison) error {
	if err := d.write(stdout, comparison); err != nil {
		return err
	}
	if comparison.Differs() {
		return errFound
	}
	return nil
}

func (d *diff) write(stdout io.Writer, comparison *changes.Comparison) error {
	if d.output == "json" {
		return writeJSON(stdout, comparison)
	}
	return comparison.Text(stdout, colored(stdout))
}
