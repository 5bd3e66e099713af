// Package argocd has Argo CD deploy an application, and restricts it to what the application contains. It provides
// constructs for Argo CD's objects:
//
//   - [Project]: limits what Applications may apply, from which repositories and to which namespaces
//   - [Application]: applies one directory of a repository to one cluster
//   - [ApplicationSet]: creates an Application for each environment
//
// A program renders the application, and passes the files on. The project then admits exactly the kinds that they
// contain, and an Application that contains anything else is refused at synthesis, not at deployment:
//
//	files, err := constructs.Render(shop)
//	…
//	project := argocd.NewProject(chart, "project", argocd.ProjectProps{
//		Repositories: []string{"https://github.com/acme/shop"},
//		Destinations: []argocd.Destination{{Namespace: "shop"}},
//		Contents:     []map[string][]byte{files},
//	})
//	argocd.NewApplication(chart, "production", argocd.ApplicationProps{
//		Project:     project,
//		Source:      argocd.Source{Repository: "https://github.com/acme/shop", Revision: "main", Path: "dist"},
//		Destination: argocd.Destination{Namespace: "shop"},
//		Contents:    files,
//	})
//
// [Annotate] is for the application itself: it sets the order in which Argo CD applies the objects, and protects those
// that hold data.
//
// These objects let their author apply anything that the project admits. They belong to the administrators of the
// cluster, in a directory that no Application applies.
//
// By default Argo CD reports differences and waits for a manual sync, and deleting an Application with kubectl leaves
// everything that it has deployed. The API server calculates the differences, so its defaults are not reported as such.
//
// The objects require Argo CD 3.3 or newer. Properties, methods and errors follow the conventions of the package
// constructs: methods named after a kind return that object, for patches, and synthesis reports invalid properties.
package argocd
