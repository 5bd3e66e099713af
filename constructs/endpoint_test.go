package constructs

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExternalValidate(t *testing.T) {
	const cidrMissing = "prop.cidrs: Required value: network policies know addresses, not names"
	runChecks(t, map[string]check{
		"name":         {errs: External{Host: "db.example.com", Port: 5432, CIDRs: []string{"10.20.0.0/16", "2001:db8::/32"}}.validate(prop)},
		"address":      {errs: External{Host: "10.20.0.5", Port: 1}.validate(prop)},
		"IPv6":         {errs: External{Host: "2001:db8::5", Port: 65535}.validate(prop)},
		"everywhere":   {errs: External{Host: "api.example.com", Port: 443, CIDRs: []string{"0.0.0.0/0", "::/0"}}.validate(prop)},
		"no addresses": {External{Host: "db.example.com", Port: 5432}.validate(prop), []string{cidrMissing}},
		"missing":      {External{}.validate(prop), []string{"prop.host: Required value", "prop.port: Invalid value: 0: " + portRule, cidrMissing}},
		"URL":          {External{Host: "http://db", Port: 1}.validate(prop), []string{`prop.host: Invalid value: "http://db": ` + subdomainRule, cidrMissing}},
		"last dot":     {External{Host: "db.", Port: 1}.validate(prop), []string{`prop.host: Invalid value: "db.": ` + subdomainRule, cidrMissing}},
		"zone": {
			External{Host: "fe80::1%eth0", Port: 1, CIDRs: []string{"fe80::/10"}}.validate(prop),
			[]string{`prop.host: Invalid value: "fe80::1%eth0": ` + subdomainRule},
		},
		"all wrong": {
			External{Host: "db_1", Port: -1, CIDRs: []string{"10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "", "::1/64", "010.0.0.0/8"}}.validate(prop),
			[]string{
				`prop.host: Invalid value: "db_1": ` + subdomainRule,
				"prop.port: Invalid value: -1: " + portRule,
				`prop.cidrs[0]: Invalid value: "10.0.0.0": must be addresses such as "10.20.0.0/16"`,
				`prop.cidrs[1]: Invalid value: "10.0.0.1/8": must be written as 10.0.0.0/8`,
				`prop.cidrs[2]: Invalid value: "10.0.0.0/33": must be addresses such as "10.20.0.0/16"`,
				`prop.cidrs[3]: Invalid value: "": must be addresses such as "10.20.0.0/16"`,
				`prop.cidrs[4]: Invalid value: "::1/64": must be written as ::/64`,
				`prop.cidrs[5]: Invalid value: "010.0.0.0/8": must be addresses such as "10.20.0.0/16"`,
			},
		},
	})
}

// An address is where connections are allowed to, unless wider ranges are named.
func TestExternalAddresses(t *testing.T) {
	for _, test := range []struct {
		external External
		want     []string
	}{
		{External{Host: "10.20.0.5"}, []string{"10.20.0.5/32"}},
		{External{Host: "2001:db8::5"}, []string{"2001:db8::5/128"}},
		{External{Host: "10.20.0.5", CIDRs: []string{"10.20.0.0/16"}}, []string{"10.20.0.0/16"}},
		{External{Host: "db.example.com"}, nil},
	} {
		require.Equal(t, test.want, test.external.destination().addresses)
	}
}

// A client writes the shortest host that resolves in its namespace.
func TestAddressFor(t *testing.T) {
	pods := place{app: "shop", component: "api", namespace: "shop"}
	inCluster := destination{Endpoint: Endpoint{Host: pods.name(), Port: 8000}, pods: &pods}
	near, far := place{namespace: "shop"}, place{namespace: "blog"}
	require.Equal(t, "shop-api:8000", inCluster.addressFor(near))
	require.Equal(t, "shop-api.shop.svc:8000", inCluster.addressFor(far))
	require.Equal(t, "db.example.com:5432", External{Host: "db.example.com", Port: 5432}.destination().addressFor(far))
	require.Equal(t, "[2001:db8::5]:5432", External{Host: "2001:db8::5", Port: 5432}.destination().addressFor(far))
}

// backendAt is a tier to be connected to.
func backendAt(namespace string) *Backend {
	at := place{app: "shop", component: "api", namespace: namespace}
	return &Backend{httpTier{serverTier{server: httpServer{place: at, port: DefaultBackendPort}}}}
}

func TestCheckConnections(t *testing.T) {
	client := place{app: "shop", component: "pages", namespace: "shop"}
	to := func(servers ...Server) []connection {
		var connections []connection
		for i, server := range servers {
			connections = append(connections, connect(prop.Index(i), server)...)
		}
		return connections
	}
	var missing *Backend
	runChecks(t, map[string]check{
		"none":                   {errs: checkConnections(client, nil)},
		"nothing":                {errs: checkConnections(client, to(nil, missing))},
		"same namespace":         {errs: checkConnections(client, to(backendAt("shop")))},
		"other namespace":        {errs: checkConnections(client, to(backendAt("shop"), backendAt("blog")))},
		"no namespaces":          {errs: checkConnections(place{app: "a", component: "b"}, to(backendAt("")))},
		"server in no namespace": {checkConnections(client, to(backendAt(""))), []string{`prop[0]: Invalid value: "shop-api": is in another chart: both charts must name their namespace`}},
		"client in no namespace": {
			checkConnections(place{app: "a", component: "b"}, to(backendAt("shop"))),
			[]string{`prop[0]: Invalid value: "shop-api": is in another chart: both charts must name their namespace`},
		},
		"twice":    {checkConnections(client, to(backendAt("shop"), backendAt("shop"))), []string{`prop[1]: Invalid value: "shop-api": is connected already by prop[0]`}},
		"external": {checkConnections(client, to(External{Host: "10.0.0.1"})), []string{"prop[0].port: Invalid value: 0: " + portRule}},
	})
}
