package registry

import (
	"time"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs/argocd"
)

// deliveries are the constructs that deploy an application.
func deliveries() []Construct {
	return []Construct{
		{
			Kind: "project", New: argocd.NewProject,
			Full: func(cdk8s.Chart) []any { return []any{fullProject()} },
			Cases: []Case{
				{"project-minimal", func(chart cdk8s.Chart) any { return argocd.NewProject(chart, "project", minimalProject()) }},
				{"project-full", func(chart cdk8s.Chart) any { return argocd.NewProject(chart, "project", fullProject()) }},
				{"project-cluster-only", func(chart cdk8s.Chart) any {
					props := minimalProject()
					props.NamespacedKinds, props.ClusterKinds = nil, []argocd.ClusterKind{{Kind: "Namespace", Name: "team-*"}}
					return argocd.NewProject(chart, "project", props)
				}},
			},
		},
		{
			Kind: "application", New: argocd.NewApplication,
			Full: func(chart cdk8s.Chart) []any {
				return []any{fullApplication(projectElsewhere(chart)), minimalApplication()}
			},
			Cases: []Case{
				{"application-minimal", func(chart cdk8s.Chart) any { return argocd.NewApplication(chart, "production", minimalApplication()) }},
				{"application-full", func(chart cdk8s.Chart) any {
					return argocd.NewApplication(chart, "production", fullApplication(projectElsewhere(chart)))
				}},
			},
		},
		{
			Kind: "applicationSet", New: argocd.NewApplicationSet,
			Full: func(chart cdk8s.Chart) []any {
				return []any{fullApplicationSet(projectElsewhere(chart)), minimalApplicationSet()}
			},
			Cases: []Case{
				{"application-set-minimal", func(chart cdk8s.Chart) any {
					return argocd.NewApplicationSet(chart, "environments", minimalApplicationSet())
				}},
				{"application-set-full", func(chart cdk8s.Chart) any {
					return argocd.NewApplicationSet(chart, "environments", fullApplicationSet(projectElsewhere(chart)))
				}},
			},
		},
	}
}

const shopRepository = "https://github.com/acme/shop"

func minimalProject() argocd.ProjectProps {
	return argocd.ProjectProps{
		Repositories:    []string{shopRepository},
		Destinations:    []argocd.Destination{{Namespace: "shop"}},
		NamespacedKinds: []argocd.GroupKind{{Kind: "ConfigMap"}},
	}
}

func fullProject() argocd.ProjectProps {
	return argocd.ProjectProps{
		Repositories: []string{shopRepository, "git@github.com:acme/shop-staging.git", "oci://ghcr.io/acme/shop"},
		Destinations: []argocd.Destination{
			{Namespace: "shop"},
			{Namespace: "shop", Cluster: "https://shop.example.com:6443"},
			{Namespace: "shop-staging", Cluster: "staging"},
		},
		Contents:        []map[string][]byte{shopFiles("shop"), shopFiles("shop-staging")},
		NamespacedKinds: []argocd.GroupKind{{Group: "batch", Kind: "CronJob"}},
		ClusterKinds:    []argocd.ClusterKind{{Group: "cert-manager.io", Kind: "ClusterIssuer", Name: "shop-*"}},
		Description:     "The shop, and its staging",
		Name:            "the-shop",
		Namespace:       "gitops",
	}
}

// projectElsewhere is a project for each chart: there must not be two of one name.
func projectElsewhere(chart cdk8s.Chart) *argocd.Project {
	props := fullProject()
	props.Name = *chart.Node().Id()
	return argocd.NewProject(elsewhere(chart), "project", props)
}

func minimalApplication() argocd.ApplicationProps {
	return argocd.ApplicationProps{
		ProjectName: "shop",
		Source:      argocd.Source{Repository: shopRepository, Revision: "main", Path: "dist"},
		Destination: argocd.Destination{Namespace: "shop"},
	}
}

func fullApplication(project *argocd.Project) argocd.ApplicationProps {
	return argocd.ApplicationProps{
		Project:         project,
		Source:          argocd.Source{Repository: "oci://ghcr.io/acme/shop", Revision: "1.*", Path: "."},
		Destination:     argocd.Destination{Namespace: "shop-staging", Cluster: "staging"},
		Contents:        shopFiles("shop-staging"),
		Sync:            fullSync(),
		CascadeDeletion: true,
		Name:            "the-shop",
		Namespace:       "gitops",
	}
}

func minimalApplicationSet() argocd.ApplicationSetProps {
	return argocd.ApplicationSetProps{
		ProjectName:  "shop",
		Repository:   shopRepository,
		Revision:     "main",
		Environments: []argocd.Environment{{Name: "production", Path: "dist", Destination: argocd.Destination{Namespace: "shop"}}},
	}
}

func fullApplicationSet(project *argocd.Project) argocd.ApplicationSetProps {
	return argocd.ApplicationSetProps{
		Project:    project,
		Repository: shopRepository,
		Revision:   "main",
		Environments: []argocd.Environment{
			{
				Name: "production", Path: "dist", Revision: "v1.4.2", Contents: shopFiles("shop"),
				Destination: argocd.Destination{Namespace: "shop", Cluster: "https://shop.example.com:6443"},
			},
			{
				Name: "staging", Path: "deploy/staging", Contents: shopFiles("shop-staging"),
				Destination: argocd.Destination{Namespace: "shop-staging", Cluster: "staging"},
				Automated:   &argocd.AutomatedSync{Prune: true, SelfHeal: true},
			},
		},
		Sync:            fullSync(),
		CascadeDeletion: true,
		Name:            "the-shop",
		Namespace:       "gitops",
	}
}

func fullSync() argocd.Sync {
	return argocd.Sync{
		Automated: &argocd.AutomatedSync{Prune: true, SelfHeal: true},
		Retry:     argocd.Retry{Limit: new(-1), Backoff: 90 * time.Second, MaxBackoff: time.Hour},
	}
}

// shopFiles are those of an application with objects of every sort: in a namespace and in none, of Kubernetes and of others.
func shopFiles(namespace string) map[string][]byte {
	return map[string][]byte{
		"00-namespace.k8s.yaml": []byte(`apiVersion: v1
kind: Namespace
metadata:
  name: ` + namespace + "\n"),
		"10-api.k8s.yaml": []byte(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-api
  namespace: ` + namespace + `
---
apiVersion: v1
kind: Service
metadata:
  name: shop-api
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: shop-api
  namespace: ` + namespace + `
---
apiVersion: example.com/v1
kind: Shop
metadata:
  name: shop
`),
	}
}
