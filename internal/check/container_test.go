package check

import (
	"strings"
	"testing"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestCheckImage(t *testing.T) {
	const (
		nameRule   = "must be [registry/]path:tag or [registry/]path@digest, with the path in lower case"
		tagRule    = "the tag must be at most 128 letters, digits, '_', '.' and '-'"
		digestRule = "the digest must be sha256: and 64 hexadecimal digits (or sha512: and 128)"
		bareRule   = "must include a tag or digest"
		longRule   = "registry and path must be at most 255 characters"
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
	checks := map[string]expectation{"missing": {Image(checktest.Prop, ""), []string{"prop: Required value"}}}
	for _, reference := range good {
		checks[reference] = expectation{errs: Image(checktest.Prop, reference)}
	}
	for reference, rule := range bad {
		checks[reference] = expectation{Image(checktest.Prop, reference), []string{`prop: Invalid value: "` + reference + `": ` + rule}}
	}
	runChecks(t, checks)
}

func TestCheckMountPath(t *testing.T) {
	const runtimeRule = "must not be a directory of the container runtime (/, /dev, /proc, /sys)"
	runChecks(t, map[string]expectation{
		"good":              {errs: MountPath(checktest.Prop, "/app/data")},
		"spaces and signs":  {errs: MountPath(checktest.Prop, "/my data/ä-$x")},
		"shared memory":     {errs: MountPath(checktest.Prop, "/dev/shm")},
		"not below /proc":   {errs: MountPath(checktest.Prop, "/process")},
		"missing":           {MountPath(checktest.Prop, ""), []string{"prop: Required value"}},
		"relative":          {MountPath(checktest.Prop, "app"), []string{`prop: Invalid value: "app": must be absolute`}},
		"last slash":        {MountPath(checktest.Prop, "/app/"), []string{`prop: Invalid value: "/app/": must be written as /app`}},
		"two slashes":       {MountPath(checktest.Prop, "//app"), []string{`prop: Invalid value: "//app": must be written as /app`}},
		"parent":            {MountPath(checktest.Prop, "/app/../etc"), []string{`prop: Invalid value: "/app/../etc": must be written as /etc`}},
		"colon":             {MountPath(checktest.Prop, "/a:b"), []string{`prop: Invalid value: "/a:b": must not contain ':'`}},
		"root":              {MountPath(checktest.Prop, "/"), []string{`prop: Invalid value: "/": ` + runtimeRule}},
		"processes":         {MountPath(checktest.Prop, "/proc"), []string{`prop: Invalid value: "/proc": ` + runtimeRule}},
		"below processes":   {MountPath(checktest.Prop, "/proc/1"), []string{`prop: Invalid value: "/proc/1": ` + runtimeRule}},
		"below system":      {MountPath(checktest.Prop, "/sys/fs"), []string{`prop: Invalid value: "/sys/fs": ` + runtimeRule}},
		"devices":           {MountPath(checktest.Prop, "/dev"), []string{`prop: Invalid value: "/dev": ` + runtimeRule}},
		"tab":               {MountPath(checktest.Prop, "/a\tb"), []string{`prop: Invalid value: "/a\tb": must not contain line breaks, tabs or other control characters`}},
		"line break":        {MountPath(checktest.Prop, "/a\nb"), []string{`prop: Invalid value: "/a\nb": must not contain line breaks, tabs or other control characters`}},
		"several things":    {MountPath(checktest.Prop, "//a\n"), []string{`prop: Invalid value: "//a\n": must not contain line breaks, tabs or other control characters`}},
		"control character": {MountPath(checktest.Prop, "/a\x01"), []string{`prop: Invalid value: "/a\x01": must not contain line breaks, tabs or other control characters`}},
	})
}

func TestCheckMountPoints(t *testing.T) {
	folder := func(name, path string) MountPoint { return MountPoint{Prop: checktest.Prop.Child(name), Path: path} }
	file := func(name, path string) MountPoint {
		return MountPoint{Prop: checktest.Prop.Child(name), Path: path, File: true}
	}
	points := func(points ...MountPoint) []MountPoint { return points }
	runChecks(t, map[string]expectation{
		"none":                {errs: MountPoints(nil)},
		"beside each other":   {errs: MountPoints(points(folder("a", "/x"), folder("b", "/xy"), file("c", "/x.conf")))},
		"folder in a folder":  {errs: MountPoints(points(folder("a", "/x"), folder("b", "/x/y")))},
		"file in a folder":    {errs: MountPoints(points(folder("a", "/x"), file("b", "/x/y")))},
		"missing":             {errs: MountPoints(points(folder("a", ""), folder("b", "")))},
		"same":                {MountPoints(points(folder("a", "/x"), folder("b", "/x"))), []string{`prop.b: Invalid value: "/x": already mounted by prop.a`}},
		"file over a folder":  {MountPoints(points(folder("a", "/x"), file("b", "/x"))), []string{`prop.b: Invalid value: "/x": already mounted by prop.a`}},
		"folder below a file": {MountPoints(points(file("a", "/x"), folder("b", "/x/y"))), []string{`prop.b: Invalid value: "/x/y": is below the file of prop.a`}},
		"file above a folder": {MountPoints(points(folder("a", "/x/y"), file("b", "/x"))), []string{`prop.b: Invalid value: "/x": is a file, and a parent of the path of prop.a`}},
		"three times the same": {
			MountPoints(points(folder("a", "/x"), folder("b", "/x"), folder("c", "/x"))),
			[]string{
				`prop.b: Invalid value: "/x": already mounted by prop.a`,
				`prop.c: Invalid value: "/x": already mounted by prop.a`,
				`prop.c: Invalid value: "/x": already mounted by prop.b`,
			},
		},
	})
}
