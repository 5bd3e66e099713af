package argocd

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestRepository(t *testing.T) {
	check := func(repository string) field.ErrorList { return checkRepository(checktest.Prop, repository) }
	invalid := func(repository string) expectation {
		return expectation{check(repository), []string{
			`prop: Invalid value: "` + repository + `": must be a URL that begins with https://, ssh:// or oci://, or git@host:path`,
		}}
	}
	credentials := func(repository string) expectation {
		return expectation{check(repository), []string{
			"prop: Forbidden: must not contain credentials: create a Secret for the repository in Argo CD's namespace",
		}}
	}
	checks := map[string]expectation{
		"none":              {check(""), []string{"prop: Required value"}},
		"http":              invalid("http://github.com/acme/shop"),
		"git":               invalid("git://github.com/acme/shop"),
		"file":              invalid("file:///srv/shop"),
		"no scheme":         invalid("github.com/acme/shop"),
		"no host":           invalid("https:///acme/shop"),
		"no path":           invalid("https://github.com/"),
		"a pattern":         invalid("https://github.com/acme/*"),
		"IPv6, a pattern":   invalid("https://[2001:db8::1]/shop"),
		"a template":        invalid("https://github.com/{{ .name }}"),
		"a query":           invalid("https://github.com/acme/shop?ref=main"),
		"an escape":         invalid("https://github.com/%zz"),
		"not":               invalid("!https://github.com/acme/shop"),
		"scp without user":  invalid("github.com:acme/shop"),
		"scp without path":  invalid("git@github.com:"),
		"password":          credentials("https://user:password@github.com/acme/shop"),
		"token":             credentials("https://token@github.com/acme/shop"),
		"password over ssh": credentials("ssh://git:password@git.example.com/shop"),
		"user of OCI":       credentials("oci://user@ghcr.io/acme/shop"),
	}
	for _, good := range []string{
		repository, repository + ".git", "ssh://git@git.example.com:2222/~acme/shop", "ssh://git.example.com/shop", "git@github.com:acme/shop.git",
		"oci://ghcr.io/acme/shop", "https://git.example.com:8443/a%20b/_git/shop",
	} {
		checks[good] = expectation{check(good), nil}
	}
	runChecks(t, checks)
}

func TestRevision(t *testing.T) {
	check := func(revision string) field.ErrorList { return checkRevision(checktest.Prop, revision) }
	checks := map[string]expectation{"none": {check(""), []string{"prop: Required value"}}}
	for _, bad := range []string{"-main", " main", "main ", "a\tb", "a\x00b"} {
		checks[bad] = expectation{check(bad), []string{
			field.Invalid(checktest.Prop, bad, "must be a branch, a tag, a range of tags, a commit or HEAD").Error(),
		}}
	}
	for _, good := range []string{"main", "feature/a", "v1.4.2", "1.*", ">= 1.0 < 2.0", "HEAD", strings.Repeat("0", 40)} {
		checks[good] = expectation{check(good), nil}
	}
	runChecks(t, checks)
}

func TestPath(t *testing.T) {
	check := func(path string) field.ErrorList { return checkPath(checktest.Prop, path) }
	checks := map[string]expectation{"none": {check(""), []string{"prop: Required value: set . for the root of the repository"}}}
	for _, bad := range []string{"/", "/dist", "..", "../dist", "deploy/../../dist", "../..", "dist/../..", `deploy\dist`} {
		checks[bad] = expectation{check(bad), []string{
			field.Invalid(checktest.Prop, bad, "must be a directory of the repository, relative to its root").Error(),
		}}
	}
	for bad, better := range map[string]string{"dist/": "dist", "./dist": "dist", "deploy//a": "deploy/a", "deploy/../dist": "dist"} {
		checks[bad] = expectation{check(bad), []string{`prop: Invalid value: "` + bad + `": must be written as ` + better}}
	}
	for _, good := range []string{".", "dist", "deploy/staging", "a b", "..a", "a/.b"} {
		checks[good] = expectation{check(good), nil}
	}
	runChecks(t, checks)
}

func TestDestination(t *testing.T) {
	check := func(cluster string) field.ErrorList {
		return Destination{Namespace: "shop", Cluster: cluster}.withDefaults().validate(checktest.Prop)
	}
	const rule = "must be a URL such as https://kubernetes.default.svc, or the name of a cluster"
	checks := map[string]expectation{
		"no namespace":    {Destination{}.withDefaults().validate(checktest.Prop), []string{"prop.namespace: Required value"}},
		"every namespace": {Destination{Namespace: "*"}.withDefaults().validate(checktest.Prop), []string{`prop.namespace: Invalid value: "*": ` + checktest.LabelRule}},
		"slash at the end": {check("https://shop.example.com/"), []string{
			`prop.cluster: Invalid value: "https://shop.example.com/": must not end with a slash`,
		}},
	}
	for _, bad := range []string{"*", "a b", "-a", "a!", "http://shop.example.com", "https://", "//shop", "https://user@shop.example.com", "https://shop.example.com/?a", "https://*"} {
		checks[bad] = expectation{check(bad), []string{`prop.cluster: Invalid value: "` + bad + `": ` + rule}}
	}
	for _, good := range []string{
		"", "in-cluster", "staging", "admin@shop", "arn:aws:eks:eu-west-1:123456789012:cluster/shop", "gke_acme_europe-west1_shop",
		"https://shop.example.com:6443", "https://rancher.example.com/k8s/clusters/c-1",
	} {
		checks["good "+good] = expectation{check(good), nil}
	}
	runChecks(t, checks)
}
