// Package argocd holds constructs by which Argo CD deploys an application.
//
//   - [Project]: limits what Applications may apply, from where and to where
//   - [Application]: applies one folder of a repository to one cluster
//   - [ApplicationSet]: makes an Application for each environment
//
// A program renders the application, and passes the files on. The project then admits exactly the kinds that are in them,
// and an Application that contains anything else is refused when it is synthesized, not when it is deployed:
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
// [Annotate] is for the application itself: it tells Argo CD the order of the objects, and which of them hold data.
//
// Whoever may create these objects may have Argo CD apply anything that the project admits: they belong to the administrators of
// the cluster, in a folder of their own that no Application applies.
//
// Unless a property asks for more, Argo CD reports differences and waits for someone to sync, and deleting an Application
// with kubectl leaves everything that it has deployed. Differences are calculated by the API server, so that its defaults are none.
//
// The objects need Argo CD 3.3 or newer.
package argocd
