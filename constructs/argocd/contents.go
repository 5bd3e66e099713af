package argocd

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
	"github.com/ai-platform/manifests/internal/objectfile"
)

// content is an object of an application.
type content struct {
	manifest.Key
	at *field.Path // Of the file.
}

// mayBe says in which scope the object is. Nothing here knows that of a custom resource without a namespace: it may be
// in either.
func (c content) mayBe() (clusterScoped, namespaced bool) {
	scoped, known := manifest.ClusterScoped(c.GroupKind)
	switch {
	case known:
		return scoped, !scoped
	case c.Namespace != "":
		return false, true
	}
	return true, true
}

// read lists the objects of an application's files, and what Argo CD could not read.
func read(at *field.Path, files map[string][]byte) ([]content, field.ErrorList) {
	var all []content
	var errs field.ErrorList
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !objectfile.IsRead(name) {
			continue
		}
		in := check.At(at, name)
		objects, err := objectfile.Read(files[name])
		if err != nil {
			errs = append(errs, field.Invalid(in, field.OmitValueType{}, strings.ReplaceAll(err.Error(), "\n", " ")))
		}
		for _, object := range objects {
			all = append(all, content{manifest.KeyOf(object), in})
		}
	}
	return all, errs
}
