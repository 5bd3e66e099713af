package main

import (
	"context"
	"os"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/ai-platform/manifests/test/controlplane/internal/standins"
)

// standIns does what a cluster's storage and its kubelets do and kwok does not.
func standIns() error {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	config.QPS = -1 // no limit: tests wait for it
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	return standins.Run(context.Background(), client)
}
