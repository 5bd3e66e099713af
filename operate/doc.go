// Package operate holds commands for people who run an application of which the manifests are in a folder: what comes after
// "kubectl apply".
//
//   - diff: shows what applying the manifests would change and what is no longer declared, marks dangerous changes, and prunes
//   - graph: draws who may connect to whom, as Mermaid or DOT, or prints it as JSON
//   - secret: makes the Secret that pods read, adds keys to it, and changes its passwords
//   - verify: says whether an environment works, and otherwise why not and what to do
//
// diff lists what the cluster has with the application's label, and sends each declared object in a dry run: as a server-side apply, or
// as the patch that kubectl calculates client-side, depending on who applied the object last. It deletes only with --prune and --yes, and
// never volume claims, Secrets or namespaces. The constants Exit… are the exit codes.
//
// secret is there if an environment has a Secret. It knows keys only by that: Secret.New makes all values, Secret.Fill those that are
// missing, and a Rotation says what has to follow a new value. The keys that are read it finds in the manifests. Without --yes it writes
// nothing, and on a terminal it prints no value but with --show.
//
// verify reads, requests the hosts of Ingresses, and has pods send requests to each other. Without --persistence and --debug-image it
// changes nothing. --persistence is there for an environment with a Persistence, and deletes the database's pod only with --yes. Causes come
// from where Kubernetes writes them: conditions, the reasons for which containers wait, events, and the objects that pods refer to, whose
// values it does not print. What an account may not read makes causes less exact, and is said.
//
// The commands read the folder, so that they work for manifests of any origin, and without Node.js. A program adds them to its own:
//
//	root := &cobra.Command{Use: "shop", SilenceErrors: true} // Exit prints them.
//	root.AddCommand(operate.Commands(operate.Application{
//		Environments: []operate.Environment{{Name: "production", Directory: "dist"}},
//	})...)
//	operate.Exit(root.Execute())
package operate
