package constructs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestCheckImage(t *testing.T) {
	const (
		nameRule   = "must be [registry/]path:tag or [registry/]path@digest, the path in lower case"
		tagRule    = "the tag must consist of letters, digits, '_', '.' and '-', and be at most 128 characters long"
		digestRule = "the digest must be sha256: and 64 hexadecimal digits (or sha512: and 128)"
		bareRule   = "must have a tag or a digest, so that what runs is said here"
		longRule   = "registry and path must not be longer than 255 characters"
	)
	long := strings.Repeat("a", 255)
	good := []string{
		"api:1", "api:latest", "acme/api:1", "acme/team/api_v2/x__y/a-b/a.b:1", "ghcr.io/acme/api:1.4.2", "localhost/api:1",
		"localhost:5000/api:1", "registry.example.com:443/acme/api:v1", "REGISTRY/api:1", "10.0.0.1:5000/api:1",
		"api@" + digest, "api:1@" + digest, "localhost:5000/api@" + digest,
		"api@sha512:" + strings.Repeat("0", 128), "api:_A.b-C", "api:" + strings.Repeat("a", 128), long + ":1",
	}
	bad := map[string]string{
		"api":                                bareRule,
		"ghcr.io:443/acme/api":               bareRule,
		"api:":                               tagRule,
		"api:@" + digest:                     tagRule,
		"api:-1":                             tagRule,
		"api:1 ":                             tagRule,
		"api:" + strings.Repeat("a", 129):    tagRule,
		"api@":                               digestRule,
		"api:1@":                             digestRule,
		"api@sha256:0123":                    digestRule,
		"api@md5:" + strings.Repeat("0", 32): digestRule,
		"api@" + digest + "@" + digest:       digestRule,
		"API:1":                              nameRule,
		"acme/API:1":                         nameRule,
		"a//b:1":                             nameRule,
		"/api:1":                             nameRule,
		"api/:1":                             nameRule,
		":1":                                 nameRule,
		"@" + digest:                         nameRule,
		" api:1":                             nameRule,
		"my api:1":                           nameRule,
		"a___b:1":                            nameRule,
		"-api:1":                             nameRule,
		"http://ghcr.io/api:1":               nameRule,
		"${IMAGE}:1":                         nameRule,
		"äpi:1":                              nameRule,
		long + "a:1":                         longRule,
	}
	checks := map[string]check{"missing": {checkImage(prop, ""), []string{"prop: Required value"}}}
	for _, reference := range good {
		checks[reference] = check{errs: checkImage(prop, reference)}
	}
	for reference, rule := range bad {
		checks[reference] = check{checkImage(prop, reference), []string{`prop: Invalid value: "` + reference + `": ` + rule}}
	}
	runChecks(t, checks)
}

func TestCheckPullPolicy(t *testing.T) {
	runChecks(t, map[string]check{
		"good":       {errs: checkPullPolicy(prop, PullNever)},
		"lower case": {checkPullPolicy(prop, "always"), []string{`prop: Unsupported value: "always": supported values: "Always", "IfNotPresent", "Never"`}},
	})
}

func TestDefaultPullPolicy(t *testing.T) {
	for reference, want := range map[string]PullPolicy{
		"api:latest":                PullAlways,
		"localhost:5000/api:latest": PullAlways,
		"api:1":                     PullIfNotPresent,
		"api:latest-1":              PullIfNotPresent,
		"api@" + digest:             PullIfNotPresent,
		"api:latest@" + digest:      PullIfNotPresent,
	} {
		require.Equal(t, want, defaultPullPolicy(reference), reference)
	}
}
