package main

import (
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
)

const production = 1

func platform(int) func(app cdk8s.App) {
	return func(app cdk8s.App) {
		props := &cdk8s.ChartProps{Namespace: jsii.String("ai-platform"), Labels: &map[string]*string{"app": jsii.String("ai-platform")}}
		constructs.NewNamespace(cdk8s.NewChart(app, jsii.String("00-namespace"), props), "namespace", constructs.NamespaceProps{
			Labels: map[string]string{"name": "ai-platform", "environment": "production"},
		})
		replicas := 3
		b := constructs.NewBackend(cdk8s.NewChart(app, jsii.String("30-backend"), props), "backend", constructs.BackendProps{
			Image: "ai-platform-backend:latest", Replicas: &replicas,
			Storage:   &constructs.Storage{MountPath: "/app/data", Size: "10Gi", AccessMode: constructs.ReadWriteMany},
			EmptyDirs: []constructs.EmptyDir{{Path: "/app/logs"}},
		})
		constructs.NewFrontend(cdk8s.NewChart(app, jsii.String("40-frontend"), props), "frontend", constructs.FrontendProps{Image: "ai-platform-frontend:latest", Backend: b})
	}
}
