package constructs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation"
)

func TestCheckMountPath(t *testing.T) {
	const runtimeRule = "belongs to the container runtime"
	runChecks(t, map[string]check{
		"good":              {errs: checkMountPath(prop, "/app/data")},
		"spaces and signs":  {errs: checkMountPath(prop, "/my data/ä-$x")},
		"shared memory":     {errs: checkMountPath(prop, "/dev/shm")},
		"not below /proc":   {errs: checkMountPath(prop, "/process")},
		"missing":           {checkMountPath(prop, ""), []string{"prop: Required value"}},
		"relative":          {checkMountPath(prop, "app"), []string{`prop: Invalid value: "app": must be absolute`}},
		"last slash":        {checkMountPath(prop, "/app/"), []string{`prop: Invalid value: "/app/": must be written as /app`}},
		"two slashes":       {checkMountPath(prop, "//app"), []string{`prop: Invalid value: "//app": must be written as /app`}},
		"parent":            {checkMountPath(prop, "/app/../etc"), []string{`prop: Invalid value: "/app/../etc": must be written as /etc`}},
		"colon":             {checkMountPath(prop, "/a:b"), []string{`prop: Invalid value: "/a:b": must not contain ':'`}},
		"root":              {checkMountPath(prop, "/"), []string{`prop: Invalid value: "/": ` + runtimeRule}},
		"processes":         {checkMountPath(prop, "/proc"), []string{`prop: Invalid value: "/proc": ` + runtimeRule}},
		"below processes":   {checkMountPath(prop, "/proc/1"), []string{`prop: Invalid value: "/proc/1": ` + runtimeRule}},
		"below system":      {checkMountPath(prop, "/sys/fs"), []string{`prop: Invalid value: "/sys/fs": ` + runtimeRule}},
		"devices":           {checkMountPath(prop, "/dev"), []string{`prop: Invalid value: "/dev": ` + runtimeRule}},
		"tab":               {checkMountPath(prop, "/a\tb"), []string{`prop: Invalid value: "/a\tb": must be one line without tabs`}},
		"line break":        {checkMountPath(prop, "/a\nb"), []string{`prop: Invalid value: "/a\nb": must be one line without tabs`}},
		"several things":    {checkMountPath(prop, "//a\n"), []string{`prop: Invalid value: "//a\n": must be one line without tabs`}},
		"control character": {checkMountPath(prop, "/a\x01"), []string{`prop: Invalid value: "/a\x01": must not contain the character U+0001, which YAML cannot carry`}},
	})
}

func TestCheckMountPoints(t *testing.T) {
	folder := func(name, path string) mountPoint { return mountPoint{prop: prop.Child(name), path: path} }
	file := func(name, path string) mountPoint { return mountPoint{prop: prop.Child(name), path: path, file: true} }
	points := func(points ...mountPoint) []mountPoint { return points }
	runChecks(t, map[string]check{
		"none":                {errs: checkMountPoints(nil)},
		"beside each other":   {errs: checkMountPoints(points(folder("a", "/x"), folder("b", "/xy"), file("c", "/x.conf")))},
		"folder in a folder":  {errs: checkMountPoints(points(folder("a", "/x"), folder("b", "/x/y")))},
		"file in a folder":    {errs: checkMountPoints(points(folder("a", "/x"), file("b", "/x/y")))},
		"missing":             {errs: checkMountPoints(points(folder("a", ""), folder("b", "")))},
		"same":                {checkMountPoints(points(folder("a", "/x"), folder("b", "/x"))), []string{`prop.b: Invalid value: "/x": is mounted already by prop.a`}},
		"file over a folder":  {checkMountPoints(points(folder("a", "/x"), file("b", "/x"))), []string{`prop.b: Invalid value: "/x": is mounted already by prop.a`}},
		"folder below a file": {checkMountPoints(points(file("a", "/x"), folder("b", "/x/y"))), []string{`prop.b: Invalid value: "/x/y": lies below the file of prop.a`}},
		"file above a folder": {checkMountPoints(points(folder("a", "/x/y"), file("b", "/x"))), []string{`prop.b: Invalid value: "/x": is a file above the path of prop.a`}},
		"three times the same": {
			checkMountPoints(points(folder("a", "/x"), folder("b", "/x"), folder("c", "/x"))),
			[]string{
				`prop.b: Invalid value: "/x": is mounted already by prop.a`,
				`prop.c: Invalid value: "/x": is mounted already by prop.a`,
				`prop.c: Invalid value: "/x": is mounted already by prop.b`,
			},
		},
	})
}

// Volumes have different names that the API server takes, whatever the paths.
func TestVolumeNames(t *testing.T) {
	long := "/" + strings.Repeat("long-", 30)
	paths := []string{
		"/tmp", "/var/cache/nginx", "/data", "/files", "/Data", "/世界", "/a.b", "/a-b", "/a_b", "/a/b", "/-", long, long + "x", long + "y", "/dir-data",
	}
	var m mounts
	m.addStorage(Storage{MountPath: "/app/data", ClaimName: "claim"})
	m.addFiles("files", map[string]string{"/etc/app.conf": ""})
	var dirs []EmptyDir
	for _, path := range paths {
		dirs = append(dirs, EmptyDir{Path: path}.withDefaults())
	}
	m.addEmptyDirs(dirs)

	seen := map[string]bool{}
	for _, volume := range m.volumes {
		require.Empty(t, validation.IsDNS1123Label(*volume.Name))
		require.False(t, seen[*volume.Name], "%s is there twice", *volume.Name)
		seen[*volume.Name] = true
	}
	require.Len(t, m.mounts, len(paths)+2)
	require.Contains(t, seen, "tmp")
	require.Contains(t, seen, "var-cache-nginx")
}
