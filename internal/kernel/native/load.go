package native

import (
	"os"
	"strconv"
	"strings"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

// proven lists the versions of the packages whose JavaScript this package repeats, with their numbers of types. Add a version after
// docs/kernel.md's check of it.
var proven = map[string]map[string]int{
	"cdk8s":      {"2.69.10": 37},
	"constructs": {"10.4.2": 11},
}

// provenClient lists the versions of jsii-runtime-go that speak the protocol of this package.
var provenClient = map[string]bool{"1.140.0": true}

// anyClient is the version that this kernel claims to be. jsii-runtime-go accepts a kernel that is not older than itself, and tells its own version only later:
// see clientVersion.
const anyClient = "1.999.0"

// load says that a package was loaded.
func (k *kernel) load(name, version, tarball string) []byte {
	client := clientVersion(name, tarball)
	if !provenClient[client] {
		handOver("jsii-runtime-go " + client)
	}
	types, ok := proven[name][version]
	if !ok {
		handOver("the package " + name + " " + version)
	}
	if name == "cdk8s" && !k.loaded.has["constructs"] {
		handOver("cdk8s without constructs")
	}
	k.keep(name, version, tarball)
	k.loaded.add(name)
	return []byte(`{"assembly":"` + name + `","types":` + strconv.Itoa(types) + `}`)
}

// clientVersion is the version of jsii-runtime-go, which is in the names of the files that it writes: <package>-<version>.<random>.tgz.
// https://github.com/aws/jsii/blob/main/packages/%40jsii/go-runtime/jsii-runtime-go/internal/kernel/load.go
func clientVersion(name, tarball string) string {
	file := tarball[strings.LastIndexByte(tarball, '/')+1:]
	rest, ok := strings.CutPrefix(file, name+"-")
	if !ok {
		return "of an unknown version"
	}
	rest = strings.TrimSuffix(rest, ".tgz")
	return rest[:max(strings.LastIndexByte(rest, '.'), 0)]
}

// keepPackage gives the file of a package a second name, because the client removes it as soon as it is loaded, and has Node.js load that.
func (s *session) keepPackage(name, version, tarball string) {
	kept := s.folder + "/" + name + ".tgz"
	if os.Link(tarball, kept) != nil { // It is in another file system, for example.
		content, err := os.ReadFile(tarball)
		if err != nil || os.WriteFile(kept, content, 0o600) != nil {
			handOver("the file " + tarball)
		}
	}
	request := js.AppendQuoted([]byte(`{"api":"load","name":`), name)
	request = js.AppendQuoted(append(request, `,"version":`...), version)
	request = js.AppendQuoted(append(request, `,"tarball":`...), kept)
	s.request = string(append(request, '}'))
}
