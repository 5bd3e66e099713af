// Package standins does for a cluster without machines what its storage and its kubelets would do and kwok does not: it provisions
// volumes, and it lets a pod start only when everything that the pod refers to is there, and the migrations that it waits for are done.
package standins

import (
	"context"
	"errors"
	"log"
	"time"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// retryInterval is the time after which everything is looked at again although nothing changed: a write may have failed.
const retryInterval = time.Second

// Run works until ctx ends.
//
// It reconciles everything at every change. That is the simplest correct way, and a test's cluster is small.
func Run(ctx context.Context, client kubernetes.Interface) error {
	factory := informers.NewSharedInformerFactory(client, 0)
	volumes := newVolumes(client, factory)
	starts := newStarts(client, factory)

	changes := make(chan struct{}, 1)
	if err := notify(factory, changes); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	if err := synced(ctx, factory); err != nil {
		return err
	}
	for {
		if err := errors.Join(volumes.reconcile(ctx), starts.reconcile(ctx)); err != nil {
			log.Print(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changes:
		case <-time.After(retryInterval):
		}
	}
}

// notify puts a token into changes whenever an object that the stand-ins look at changes. One token stands for any number of changes.
func notify(factory informers.SharedInformerFactory, changes chan<- struct{}) error {
	mark := func() {
		select {
		case changes <- struct{}{}:
		default:
		}
	}
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { mark() },
		UpdateFunc: func(any, any) { mark() },
		DeleteFunc: func(any) { mark() },
	}
	core := factory.Core().V1()
	for _, informer := range []cache.SharedIndexInformer{
		core.Pods().Informer(),
		core.Secrets().Informer(),
		core.ConfigMaps().Informer(),
		core.PersistentVolumeClaims().Informer(),
		core.PersistentVolumes().Informer(),
		factory.Batch().V1().Jobs().Informer(),
	} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return err
		}
	}
	return nil
}

func synced(ctx context.Context, factory informers.SharedInformerFactory) error {
	for kind, ok := range factory.WaitForCacheSync(ctx.Done()) {
		if !ok {
			return errors.Join(ctx.Err(), errors.New("cannot list "+kind.String()))
		}
	}
	return nil
}
