package operate

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/ai-platform/manifests/operate/internal/connectivity"
)

const graphHelp = `Draw who may connect to whom in an environment, according to its network policies, Ingresses and HTTPRoutes. This reads the environment's
directory, and needs no cluster.

An arrow leads from a client to a server, and names the ports of the server's pods. Connections without an arrow are denied. If both
workloads are in the directory, the policies of both must allow a connection; otherwise those of the one that is. A pod that no policy
selects has arrows to and from "anywhere", which stands for all pods and addresses. Arrows that follow from these are omitted.

A cylinder is a workload with a volume claim. Round shapes are outside the directory: pods that policies select, address blocks, and the
internet, from which an Ingress or an HTTPRoute routes requests through whoever may connect to its backend. Of a CiliumNetworkPolicy, only
rules for entities are supported, such as "ingress" for the proxies of Cilium; others are an error.

Connections to DNS are drawn only with --dns. The output "json" has all connections.

Exit codes:
  0  the graph was printed
  2  manifests that cannot be read
  3  invalid command line`

func graphCommand(app Application) *cobra.Command {
	var output string
	var options connectivity.Options
	command := &cobra.Command{
		Use:   "graph " + argument,
		Short: "Draw who may connect to whom",
		Long:  graphHelp + "\n\n" + app.namesHelp(),
		Example: `  ai-platform graph > connections.mmd
  ai-platform graph --output dot | dot -Tsvg > connections.svg
  ai-platform graph --output json | jq -r '.edges[] | select(.to == "database").from'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			e, err := app.environment(args)
			if err != nil {
				return err
			}
			write, known := graphOutputs[output]
			if !known {
				return Usage(fmt.Errorf("--output=%s: must be mermaid, dot or json", output))
			}
			graph, err := e.graph()
			if err != nil {
				return err
			}
			return write(command.OutOrStdout(), graph, options)
		},
	}
	command.Flags().StringVarP(&output, "output", "o", "mermaid", "`format`: mermaid, dot or json")
	command.Flags().BoolVar(&options.DNS, "dns", false, "include connections to DNS")
	return command
}

func (e Environment) graph() (connectivity.Graph, error) {
	objects, err := e.load()
	if err != nil {
		return connectivity.Graph{}, err
	}
	if err := connectivity.Understood(objects); err != nil {
		return connectivity.Graph{}, err
	}
	return connectivity.New(objects)
}

var graphOutputs = map[string]func(io.Writer, connectivity.Graph, connectivity.Options) error{
	"mermaid": func(w io.Writer, g connectivity.Graph, o connectivity.Options) error {
		_, err := io.WriteString(w, g.Picture(o).Mermaid())
		return err
	},
	"dot": func(w io.Writer, g connectivity.Graph, o connectivity.Options) error {
		_, err := io.WriteString(w, g.Picture(o).DOT())
		return err
	},
	"json": func(w io.Writer, g connectivity.Graph, _ connectivity.Options) error {
		return writeJSON(w, g)
	},
}
