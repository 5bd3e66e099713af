// Package operate provides commands for people who run an application: what comes after "kubectl apply". The commands
// read a directory of manifests, so they work with manifests of any origin and need no Node.js.
//
//   - diff: shows what applying the manifests would change, marks dangerous changes, and prunes objects that are no
//     longer declared
//   - graph: draws who may connect to whom, as Mermaid, DOT or JSON
//   - secret: creates the Secret that pods read, adds keys to it, and rotates its passwords
//   - verify: verifies that an environment works, and otherwise reports causes and fixes
//
// A program adds them to its own commands:
//
//	root := &cobra.Command{Use: "shop", SilenceErrors: true} // Exit prints them.
//	root.AddCommand(operate.Commands(operate.Application{
//		Environments: []operate.Environment{{Name: "production", Directory: "dist"}},
//	})...)
//	operate.Exit(root.Execute())
//
// # diff
//
// diff lists the objects in the cluster that have the application's label, and sends each declared object in a dry run:
// as a server-side apply, or as the patch that kubectl calculates client-side, depending on who applied the object
// last. It deletes only with --prune and --yes, and never volume claims, Secrets or namespaces.
//
// # secret
//
// The command exists if an environment has a Secret. Secret.New creates all values, Secret.Fill creates those that are
// missing, and a Rotation lists the steps after a new value. The command finds the keys that pods read in the
// manifests. It writes nothing without --yes, and prints no values to a terminal without --show.
//
// # verify
//
// verify reads the cluster, requests the hosts of Ingresses and HTTPRoutes, and has pods send requests to each other. It changes
// nothing without --persistence or --debug-image. The flag --persistence exists for an environment with a Persistence,
// and deletes the database's pod only with --yes. verify finds causes where Kubernetes records them: in conditions, in
// the reasons of waiting containers, in events, and in the objects that pods refer to, whose values it does not print.
// If the account may not read some of these, verify notes that causes are less exact.
package operate
