// An application of somebody else's, in a module of its own: a test copies it out of the repository, and runs it there.
package main

import (
	"log"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"

	"github.com/ai-platform/manifests/constructs"
)

func main() {
	defer constructs.Close()
	if err := constructs.Synth("manifests", community); err != nil {
		log.Fatal(err)
	}
}

// community is two applications in one namespace, whose components have the same names.
func community(app cdk8s.App) {
	blog(app)
	forum(app)
}

func forum(app cdk8s.App) {
	chart := cdk8s.NewChart(app, jsii.String("forum"), &cdk8s.ChartProps{Namespace: jsii.String("weblog")})
	sessions := constructs.NewRedis(chart, "sessions", constructs.RedisProps{
		Password: constructs.SecretKeyRef{Secret: "forum", Key: "redis"},
	})
	posts := constructs.NewBackend(chart, "posts", constructs.BackendProps{
		Image: "registry.example.com/forum-posts:3",
		Redis: sessions,
		Database: constructs.ExternalPostgres{
			Server: constructs.ExternalServer{Host: "db.example.com", Port: 5432, CIDRs: []string{"10.20.0.0/24"}},
			URL:    constructs.SecretKeyRef{Secret: "forum", Key: "database-url"},
		},
	})
	reader := constructs.NewFrontend(chart, "reader", constructs.FrontendProps{Image: "registry.example.com/forum-reader:3", Backend: posts})
	constructs.NewIngress(chart, "ingress", constructs.IngressProps{Host: "forum.example.com", Tier: reader, Routes: []constructs.IngressRoute{{Path: "/api", Tier: posts}}})
}

func blog(app cdk8s.App) {
	chart := cdk8s.NewChart(app, jsii.String("blog"), &cdk8s.ChartProps{Namespace: jsii.String("weblog")})
	constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{})
	posts := constructs.NewBackend(chart, "posts", constructs.BackendProps{
		Image: "registry.example.com/posts:7",
		Port:  3000,
		Connections: []constructs.Server{
			constructs.ExternalServer{Host: "search.example.com", Port: 443, CIDRs: []string{"203.0.113.0/24"}},
		},
	})
	posts.Deployment().AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String("/spec/minReadySeconds"), 10))
	constructs.NewFrontend(chart, "reader", constructs.FrontendProps{Image: "registry.example.com/reader:7", Backend: posts})
	k8s.NewKubeConfigMap(chart, jsii.String("settings"), &k8s.KubeConfigMapProps{
		Metadata: &k8s.ObjectMeta{Name: jsii.String("blog-settings")},
		Data:     &map[string]*string{"title": jsii.String("Yes")},
	})
}
