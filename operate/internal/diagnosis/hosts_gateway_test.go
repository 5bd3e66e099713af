package diagnosis

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRouteHosts(t *testing.T) {
	const gateway = gatewayAPI + `
kind: Gateway
metadata: {namespace: shop, name: shop}
spec:
  listeners:
  - {name: http, port: 80, protocol: HTTP}
  - {name: https, port: 443, protocol: HTTPS, hostname: '*.example.com', tls: {certificateRefs: [{name: wildcard}]}}
  - {name: others, port: 443, protocol: HTTPS, hostname: far.example.net, tls: {certificateRefs: [{name: far, namespace: infra}]}}
`
	route := func(name, spec string) string {
		return gatewayAPI + fmt.Sprintf("\nkind: HTTPRoute\nmetadata: {namespace: shop, name: %s}\nspec: {%s}\n", name, spec)
	}
	const to, redirect = "backendRefs: [{name: web, port: 80}]", "rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}]"
	for name, test := range map[string]struct {
		objects []string
		want    []string
	}{
		"TLS of the listener's host": {
			[]string{gateway, route("a", "parentRefs: [{name: shop, sectionName: https}], hostnames: [a.example.com, a.example.org], rules: [{"+to+"}]")},
			[]string{"https://a.example.com/ Service web:80 wildcard Gateway/shop/https", "http://a.example.org/ Service web:80  Gateway/shop/https"},
		},
		"certificate in another namespace": {
			[]string{gateway, route("a", "parentRefs: [{name: shop}], hostnames: [far.example.net], rules: [{"+to+"}]")},
			[]string{"https://far.example.net/ Service web:80  Gateway/shop/others"},
		},
		"both protocols": {
			[]string{gateway, route("a", "parentRefs: [{name: shop, sectionName: http}, {name: shop, sectionName: https}], hostnames: [a.example.com], rules: [{"+to+"}]")},
			[]string{"https://a.example.com/ Service web:80 wildcard Gateway/shop/https"},
		},
		"plain HTTP": {
			[]string{gateway, route("a", "parentRefs: [{name: shop, sectionName: http}], hostnames: [a.example.com], rules: [{"+to+"}]")},
			[]string{"http://a.example.com/ Service web:80  Gateway/shop/http"},
		},
		"a redirect is no host of its own": {
			[]string{
				gateway, route("a", "parentRefs: [{name: shop, sectionName: http}], hostnames: [a.example.com], "+redirect),
				route("b", "parentRefs: [{name: shop, sectionName: https}], hostnames: [a.example.com], rules: [{matches: [{path: {value: /api}}], "+to+"}]"),
			},
			[]string{"https://a.example.com/api Service web:80 wildcard Gateway/shop/https"},
		},
		"TLS before the shortest path, whatever the order": {
			[]string{
				gateway, route("a", "parentRefs: [{name: shop, sectionName: http}], hostnames: [a.example.com], rules: [{"+to+"}]"),
				route("b", "parentRefs: [{name: shop, sectionName: https}], hostnames: [a.example.com], rules: [{matches: [{path: {value: /long}}], "+to+"}]"),
				route("c", "parentRefs: [{name: shop, sectionName: https}], hostnames: [a.example.com], rules: [{matches: [{path: {value: /api}}], "+to+"}]"),
			},
			[]string{"https://a.example.com/api Service web:80 wildcard Gateway/shop/https"},
		},
		"a Gateway that may not be read": {
			[]string{
				route("a", "parentRefs: [{name: public, namespace: infra, sectionName: web}], hostnames: [a.example.com, b.example.com], rules: [{"+to+"}]"),
				route("b", "parentRefs: [{name: public, namespace: infra, sectionName: http}], hostnames: [b.example.com], "+redirect),
			},
			[]string{"http://a.example.com/ Service web:80  Gateway/public/web", "https://b.example.com/ Service web:80  Gateway/public/web"},
		},
		"hosts of listeners": {
			[]string{gateway, route("a", "parentRefs: [{name: shop}], rules: [{"+to+"}]")},
			[]string{"http:/// Service web:80  Gateway/shop/", "https://*.example.com/ Service web:80 wildcard Gateway/shop/https", "https://far.example.net/ Service web:80  Gateway/shop/others"},
		},
		"matches": {
			[]string{gateway, route("a", "parentRefs: [{name: shop, sectionName: http}], hostnames: [a.example.com], rules: ["+
				"{matches: [{path: {value: /}, headers: [{name: a, value: b}]}, {path: {value: /p}, method: POST}, {path: {type: RegularExpression, value: '/v1/(a|b)'}}], "+to+"}, "+
				"{matches: [{path: {type: Exact, value: /health}}], backendRefs: [{kind: Bucket, group: example.com, name: b}]}]")},
			[]string{"http://a.example.com/v1/ Service web:80  Gateway/shop/http"},
		},
		"no Service": {
			[]string{gateway, route("a", "parentRefs: [{name: shop, sectionName: http}], hostnames: [a.example.com], rules: [{backendRefs: [{namespace: other, name: b, port: 1}]}]")},
			[]string{"http://a.example.com/ no Service  Gateway/shop/http"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &State{}
			for _, manifest := range test.objects {
				o := custom(t, manifest)
				s.Declared = append(s.Declared, &o)
			}
			all, err := s.Hosts()
			require.NoError(t, err)
			var found []string
			for _, h := range all {
				found = append(found, fmt.Sprintf("%s %s %s %s/%s/%s", h.URL(), backendName(h.Backend), h.Secret, h.Parent.Kind, h.Parent.Name, h.Parent.Section))
			}
			require.Equal(t, test.want, found)
		})
	}
}

// While an application moves, DNS may lead to either.
func TestHostOfBoth(t *testing.T) {
	s := market(t)
	s.Declared = append(s.Declared, bazaar(t).Declared[2:]...)
	all, err := s.Hosts()
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, "Ingress shop/shop", all[0].Publisher().object())
	require.Equal(t, "HTTPRoute shop/shop", all[1].Publisher().object())
}
