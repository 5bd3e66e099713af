package operate

import (
	"context"
	"errors"
	"net"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/ai-platform/manifests/operate/internal/diagnosis"
)

// readEntry reads what explains why requests fail.
func (v *verifier) readEntry(ctx context.Context, state *diagnosis.State, answers []diagnosis.Answer) error {
	core, networking, entry := corev1.SchemeGroupVersion, networkingv1.SchemeGroupVersion, &state.Entry
	everywhere := []string{metav1.NamespaceAll}
	group, inGroup := errgroup.WithContext(ctx)
	group.Go(func() error {
		return readIfAllowed(inGroup, v, networking.WithResource("ingresses"), v.namespaces, &entry.Ingresses)
	})
	group.Go(func() error {
		return readIfAllowed(inGroup, v, networking.WithResource("networkpolicies"), v.namespaces, &entry.Policies)
	})
	group.Go(func() error {
		return readIfAllowed(inGroup, v, networking.WithResource("ingressclasses"), everywhere, &entry.Classes)
	})
	group.Go(func() error {
		return readIfAllowed(inGroup, v, core.WithResource("namespaces"), everywhere, &entry.Namespaces)
	})
	group.Go(func() error {
		return readIfAllowed(inGroup, v, core.WithResource("services"), everywhere, &entry.AllServices)
	})
	group.Go(func() error { return v.readPeers(inGroup, state, answers) })
	group.Go(func() error { return v.readCertManager(inGroup, entry) })
	group.Go(func() error { return v.readKeys(inGroup, state, certificateSecrets(answers)) })
	if err := group.Wait(); err != nil {
		return err
	}
	return v.readAddresses(ctx, entry)
}

// readIfAllowed reads what only makes causes more exact.
func readIfAllowed[T any](ctx context.Context, v *verifier, resource schema.GroupVersionResource, namespaces []string, all *[]T) error {
	read := []T{} // Not nil: there may be none.
	for _, namespace := range namespaces {
		found, err := listIn[T](ctx, v, resource, namespace)
		if err != nil {
			name := resource.Resource
			if namespace == metav1.NamespaceAll {
				name += " of the whole cluster"
			}
			return v.optional(name, err)
		}
		read = append(read, found...)
	}
	*all = read
	return nil
}

func (v *verifier) readPeers(ctx context.Context, state *diagnosis.State, answers []diagnosis.Answer) error {
	read := []corev1.Pod{}
	for _, selector := range state.Peers(answers) {
		found, err := listSelected[corev1.Pod](ctx, v, corev1.SchemeGroupVersion.WithResource("pods"), metav1.NamespaceAll, selector)
		if err != nil {
			return v.optional("pods of the whole cluster", err)
		}
		read = append(read, found...)
	}
	state.Entry.Peers = read
	return nil
}

// certificateSecrets are those of hosts that fail.
func certificateSecrets(answers []diagnosis.Answer) []diagnosis.Reference {
	var found []diagnosis.Reference
	for _, a := range answers {
		if a.Secret != "" && !a.Works() {
			found = append(found, diagnosis.Reference{Kind: "Secret", Namespace: a.Secured.Namespace, Name: a.Secret})
		}
	}
	return found
}

func (v *verifier) readCertManager(ctx context.Context, entry *diagnosis.Entry) error {
	found := diagnosis.CertManager{Objects: map[string][]unstructured.Unstructured{}}
	for group, kinds := range diagnosis.CertManagerKinds {
		for _, kind := range kinds {
			mapping, err := v.mapper.RESTMapping(schema.GroupKind{Group: group, Kind: kind})
			if meta.IsNoMatchError(err) {
				found.Missing = true
				continue
			}
			if err != nil {
				return err
			}
			namespaces := v.namespaces
			if mapping.Scope.Name() == meta.RESTScopeNameRoot {
				namespaces = []string{metav1.NamespaceAll}
			}
			var objects []unstructured.Unstructured
			if err := readIfAllowed(ctx, v, mapping.Resource, namespaces, &objects); err != nil {
				return err
			}
			if objects != nil {
				found.Objects[kind] = objects
			}
		}
	}
	entry.CertManager = found
	return nil
}

// readAddresses looks up the host names that Ingresses have in place of addresses, as with AWS.
func (v *verifier) readAddresses(ctx context.Context, entry *diagnosis.Entry) error {
	entry.Addresses = map[string][]string{}
	for _, ingress := range entry.Ingresses {
		for _, balancer := range ingress.Status.LoadBalancer.Ingress {
			if balancer.Hostname == "" {
				continue
			}
			found, err := net.DefaultResolver.LookupHost(ctx, balancer.Hostname)
			if dns := (&net.DNSError{}); err != nil && !errors.As(err, &dns) {
				return err
			}
			entry.Addresses[balancer.Hostname] = found
		}
	}
	return nil
}
