// Package operate holds commands for people who run an application of which the manifests are in a folder: what comes after
// "kubectl apply".
//
//   - graph: draws who may connect to whom, as Mermaid or DOT, or prints it as JSON
//
// The commands read the folder, so that they work for manifests of any origin, and without Node.js. A program adds them to its own:
//
//	root := &cobra.Command{Use: "shop"}
//	root.AddCommand(operate.Commands(operate.Application{
//		Environments: []operate.Environment{{Name: "production", Directory: "dist"}},
//	})...)
//	operate.Exit(root.Execute())
package operate
