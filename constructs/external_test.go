package constructs

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestExternalValidate(t *testing.T) {
	const cidrMissing = "prop.cidrs: Required value: network policies cannot name hosts: list the addresses, or use AllAddresses()"
	runChecks(t, map[string]expectation{
		"name":         {errs: ExternalServer{Host: "db.example.com", Port: 5432, CIDRs: []string{"10.20.0.0/16", "2001:db8::/32"}}.Validate(checktest.Prop)},
		"address":      {errs: ExternalServer{Host: "10.20.0.5", Port: 1}.Validate(checktest.Prop)},
		"IPv6":         {errs: ExternalServer{Host: "2001:db8::5", Port: 65535}.Validate(checktest.Prop)},
		"everywhere":   {errs: ExternalServer{Host: "api.example.com", Port: 443, CIDRs: AllAddresses()}.Validate(checktest.Prop)},
		"no addresses": {ExternalServer{Host: "db.example.com", Port: 5432}.Validate(checktest.Prop), []string{cidrMissing}},
		"missing":      {ExternalServer{}.Validate(checktest.Prop), []string{"prop.host: Required value", "prop.port: Invalid value: 0: " + checktest.PortRule, cidrMissing}},
		"URL":          {ExternalServer{Host: "http://db", Port: 1}.Validate(checktest.Prop), []string{`prop.host: Invalid value: "http://db": ` + checktest.SubdomainRule, cidrMissing}},
		"last dot":     {ExternalServer{Host: "db.", Port: 1}.Validate(checktest.Prop), []string{`prop.host: Invalid value: "db.": ` + checktest.SubdomainRule, cidrMissing}},
		"zone": {
			ExternalServer{Host: "fe80::1%eth0", Port: 1, CIDRs: []string{"fe80::/10"}}.Validate(checktest.Prop),
			[]string{`prop.host: Invalid value: "fe80::1%eth0": ` + checktest.SubdomainRule},
		},
		"all wrong": {
			ExternalServer{Host: "db_1", Port: -1, CIDRs: []string{"10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "", "::1/64", "010.0.0.0/8"}}.Validate(checktest.Prop),
			[]string{
				`prop.host: Invalid value: "db_1": ` + checktest.SubdomainRule,
				"prop.port: Invalid value: -1: " + checktest.PortRule,
				`prop.cidrs[0]: Invalid value: "10.0.0.0": must be an address block such as "10.20.0.0/16"`,
				`prop.cidrs[1]: Invalid value: "10.0.0.1/8": must be written as 10.0.0.0/8`,
				`prop.cidrs[2]: Invalid value: "10.0.0.0/33": must be an address block such as "10.20.0.0/16"`,
				`prop.cidrs[3]: Invalid value: "": must be an address block such as "10.20.0.0/16"`,
				`prop.cidrs[4]: Invalid value: "::1/64": must be written as ::/64`,
				`prop.cidrs[5]: Invalid value: "010.0.0.0/8": must be an address block such as "10.20.0.0/16"`,
			},
		},
	})
}

// An address is where connections are allowed to, unless wider ranges are named.
func TestExternalAddresses(t *testing.T) {
	for _, test := range []struct {
		external ExternalServer
		want     []string
	}{
		{ExternalServer{Host: "10.20.0.5"}, []string{"10.20.0.5/32"}},
		{ExternalServer{Host: "2001:db8::5"}, []string{"2001:db8::5/128"}},
		{ExternalServer{Host: "10.20.0.5", CIDRs: []string{"10.20.0.0/16"}}, []string{"10.20.0.0/16"}},
		{ExternalServer{Host: "db.example.com"}, nil},
	} {
		require.Equal(t, test.want, test.external.Destination().Addresses)
	}
}

// A server is one outside the cluster, one in it, or a tier such as a connection pooler.
func TestExternalPostgresValidate(t *testing.T) {
	url := SecretKeyRef{Secret: "a", Key: "b"}
	var missing *Backend
	runChecks(t, map[string]expectation{
		"outside": {errs: ExternalPostgres{Server: ExternalServer{Host: "10.0.0.1", Port: 1}, URL: url}.Validate(checktest.Prop)},
		"inside":  {errs: ExternalPostgres{Server: collector, URL: url}.Validate(checktest.Prop)},
		"tier":    {errs: ExternalPostgres{Server: backendAt("shop"), URL: url}.Validate(checktest.Prop)},
		"missing": {ExternalPostgres{}.Validate(checktest.Prop), []string{
			"prop.server: Required value", "prop.url.secret: Required value", "prop.url.key: Required value",
		}},
		"nil": {ExternalPostgres{Server: missing, URL: url}.Validate(checktest.Prop), []string{
			"prop.server: Invalid value: null: must not be a nil *constructs.Backend: omit it, or create the construct first",
		}},
		"wrong": {ExternalPostgres{Server: ExternalServer{Host: "10.0.0.1"}, URL: url}.Validate(checktest.Prop), []string{
			"prop.server.port: Invalid value: 0: " + checktest.PortRule,
		}},
	})
	require.Equal(t, Endpoint{}, ExternalPostgres{}.Endpoint())
	require.Equal(t, Endpoint{Host: "collector", Port: 80}, ExternalRedis{Server: collector}.Endpoint())
}

func TestExternalRedisValidate(t *testing.T) {
	server, key := ExternalServer{Host: "10.0.0.1", Port: 6379}, SecretKeyRef{Secret: "a", Key: "b"}
	runChecks(t, map[string]expectation{
		"nobody":  {errs: ExternalRedis{Server: server}.Validate(checktest.Prop)},
		"all":     {errs: ExternalRedis{Server: server, Username: "shop@eu", Password: key, TLS: true, Database: 40}.Validate(checktest.Prop)},
		"URL":     {errs: ExternalRedis{Server: server, URL: key}.Validate(checktest.Prop)},
		"missing": {ExternalRedis{}.Validate(checktest.Prop), []string{"prop.server: Required value"}},
		"username": {ExternalRedis{Server: server, Username: "shop"}.Validate(checktest.Prop), []string{
			"prop.password: Required value: username is set: set both or neither",
		}},
		"all wrong": {
			ExternalRedis{Server: ExternalServer{Host: "10.0.0.1"}, Username: "a b", Password: SecretKeyRef{Secret: "a"}, Database: -1}.Validate(checktest.Prop),
			[]string{
				"prop.server.port: Invalid value: 0: " + checktest.PortRule, "prop.password.key: Required value",
				`prop.username: Invalid value: "a b": must not contain spaces or control characters`,
				"prop.database: Invalid value: -1: must be between 0 and 2147483647, inclusive",
			},
		},
		"URL and others": {
			ExternalRedis{Server: server, URL: SecretKeyRef{Secret: "a"}, Username: "a", Password: key, TLS: true, Database: 1}.Validate(checktest.Prop),
			[]string{
				"prop.url.key: Required value", "prop.username: Forbidden: url is set, which contains it: remove one of them",
				"prop.password: Forbidden: url is set, which contains it: remove one of them",
				"prop.tls: Forbidden: url is set, which contains it: remove one of them",
				"prop.database: Forbidden: url is set, which contains it: remove one of them",
			},
		},
	})
}
