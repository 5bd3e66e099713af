package operate

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/ai-platform/manifests/operate/internal/connectivity"
)

const graphHelp = `Draw who may connect to whom in an environment, as its network policies and Ingresses say. It reads the environment's folder, and no
cluster.

An arrow leads from a client to a server, and names the ports of the server's pods. Between two workloads of the folder the policies of
both must allow a connection, otherwise those of the one that is there. What has no arrow is denied. A pod that no policy selects has
arrows to and from "anywhere": all pods and all addresses. Arrows that follow from these are not drawn.

A workload with a volume claim is drawn as a cylinder. Round shapes are not in the folder: pods that policies select, blocks of addresses,
and the internet, from which an Ingress routes requests through whoever may connect to its backend.

Connections to DNS are not drawn without --dns. The output "json" has all connections.

Exit codes:
  0  the graph was printed
  2  manifests that cannot be read
  3  wrong command line`

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
				return Usage(fmt.Errorf("unknown output %q: must be one of mermaid, dot, json", output))
			}
			graph, err := e.graph()
			if err != nil {
				return err
			}
			return write(command.OutOrStdout(), graph, options)
		},
	}
	command.Flags().StringVarP(&output, "output", "o", "mermaid", "mermaid, dot or json")
	command.Flags().BoolVar(&options.DNS, "dns", false, "draw connections to DNS too")
	return command
}

func (e Environment) graph() (connectivity.Graph, error) {
	objects, err := e.load()
	if err != nil {
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
