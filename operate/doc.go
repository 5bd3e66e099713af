// Package operate holds commands for people who run an application of which the manifests are in a folder: what comes after
// "kubectl apply".
//
//   - diff: shows what applying the manifests would change and what is no longer declared, marks dangerous changes, and prunes
//   - graph: draws who may connect to whom, as Mermaid or DOT, or prints it as JSON
//
// diff lists what the cluster has with the application's label, and sends each declared object in a dry run: as a server-side apply, or
// as the patch that kubectl calculates client-side, depending on who applied the object last. It deletes only with --prune and --yes, and
// never volume claims, Secrets or namespaces. The constants Exit… are the exit codes.
//
// The commands read the folder, so that they work for manifests of any origin, and without Node.js. A program adds them to its own:
//
//	root := &cobra.Command{Use: "shop"}
//	root.AddCommand(operate.Commands(operate.Application{
//		Environments: []operate.Environment{{Name: "production", Directory: "dist"}},
//	})...)
//	operate.Exit(root.Execute())
package operate
