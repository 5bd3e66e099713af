package operate

import (
	"context"
	"errors"
	"net"
	"slices"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

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
	group.Go(func() error { return v.readGatewayAPI(inGroup, state) })
	group.Go(func() (err error) {
		if v.declares("CiliumNetworkPolicy") {
			entry.Cilium, err = v.readCustom(inGroup, diagnosis.CiliumKinds, v.namespaces)
		}
		return err
	})
	group.Go(func() (err error) {
		entry.CertManager, err = v.readCustom(inGroup, diagnosis.CertManagerKinds, certificateNamespaces(v.namespaces, answers))
		return err
	})
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

// certificateNamespaces are also those of Gateways of others that have the certificates of hosts.
func certificateNamespaces(own []string, answers []diagnosis.Answer) []string {
	var others []string
	for _, secret := range certificateSecrets(answers) {
		others = append(others, secret.Namespace)
	}
	return namespacesWith(own, others)
}

func namespacesWith(own, others []string) []string {
	all := slices.Concat(own, others)
	slices.Sort(all)
	return slices.Compact(all)
}

// readForeignGateways reads the Gateways that routes attach to and that others have declared: their listeners decide whether hosts have TLS.
func (v *verifier) readForeignGateways(ctx context.Context, state *diagnosis.State) (err error) {
	if foreign := state.ForeignGateways(); len(foreign) > 0 {
		state.Entry.GatewayAPI, err = v.readCustom(ctx, map[string][]string{gatewayv1.GroupName: {"Gateway"}}, foreign)
	}
	return err
}

func (v *verifier) readGatewayAPI(ctx context.Context, state *diagnosis.State) (err error) {
	if v.declares("HTTPRoute") {
		state.Entry.GatewayAPI, err = v.readCustom(ctx, diagnosis.GatewayKinds, namespacesWith(v.namespaces, state.ForeignGateways()))
	}
	return err
}

// readCustom reads custom resources, by kind.
func (v *verifier) readCustom(ctx context.Context, kinds map[string][]string, namespaces []string) (diagnosis.CustomObjects, error) {
	found := diagnosis.CustomObjects{Objects: map[string][]unstructured.Unstructured{}}
	for group, kinds := range kinds {
		for _, kind := range kinds {
			mapping, err := v.mapper.RESTMapping(schema.GroupKind{Group: group, Kind: kind})
			if meta.IsNoMatchError(err) {
				found.Missing = append(found.Missing, kind)
				continue
			}
			if err != nil {
				return found, err
			}
			in := namespaces
			if mapping.Scope.Name() == meta.RESTScopeNameRoot {
				in = []string{metav1.NamespaceAll}
			}
			var objects []unstructured.Unstructured
			if err := readIfAllowed(ctx, v, mapping.Resource, in, &objects); err != nil {
				return found, err
			}
			if objects != nil {
				found.Objects[kind] = objects
			}
		}
	}
	return found, nil
}

// readAddresses looks up the host names that Ingresses and Gateways have in place of addresses, as with AWS.
func (v *verifier) readAddresses(ctx context.Context, entry *diagnosis.Entry) error {
	entry.Addresses = map[string][]string{}
	for _, name := range entry.HostNames() {
		found, err := net.DefaultResolver.LookupHost(ctx, name)
		if dns := (&net.DNSError{}); err != nil && !errors.As(err, &dns) {
			return err
		}
		entry.Addresses[name] = found
	}
	return nil
}
