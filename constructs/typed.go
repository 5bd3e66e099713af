package constructs

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/apitype"
	"github.com/ai-platform/manifests/internal/manifest"
)

// AllowFields has Synth and Render accept fields of an object, with any content, that the cluster's version of
// Kubernetes has and the types of this package do not have yet. They are named by their paths, as the error reports
// them:
//
//	api.Deployment().AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String("/spec/template/spec/newField"), true))
//	constructs.AllowFields(api.Deployment(), "spec.template.spec.newField")
//
// The path "kind" allows a newer kind, or a newer version of a group. The path "metadata.annotations" allows an object
// that is too large for "kubectl apply", to be applied with --server-side.
//
// Given a construct, such as an instance of a cdk8s-plus class, AllowFields allows the fields in all of its objects.
// Pods must still meet Pod Security.
func AllowFields(object awsconstructs.IConstruct, paths ...string) {
	manifest.AllowFields(object, paths)
}

// checkTypes reports what Kubernetes's own types and Pod Security refuse of the objects, as patches have left them, given the file of each. It looks up
// constructs only for objects with problems: each costs a call into the kernel.
func checkTypes(app cdk8s.App, files []string, wrong []apitype.Problem) error {
	if len(wrong) == 0 {
		return nil
	}
	dropAllowed(app, wrong)
	return describe(app, files, slices.DeleteFunc(wrong, func(p apitype.Problem) bool { return len(p.Errs) == 0 }))
}

func dropAllowed(app cdk8s.App, wrong []apitype.Problem) {
	for _, allowance := range manifest.Allowances(app) {
		for _, patched := range patchedBelow(allowance.Of) {
			for i := range wrong {
				if reflect.DeepEqual(patched.Fields, wrong[i].Object) {
					wrong[i].Errs = slices.DeleteFunc(wrong[i].Errs, allowance.Allows)
				}
			}
		}
	}
}

// checkInvalid is checkTypes for an app that is not synthesized because of other problems.
func checkInvalid(app cdk8s.App) error {
	charts := *app.Charts()
	objects := make([][]any, len(charts))
	for _, patched := range patchedBelow(app) {
		if i := slices.Index(charts, cdk8s.Chart_Of(patched.Node)); i >= 0 {
			objects[i] = append(objects[i], patched.Fields)
		}
	}
	var types apitype.Checker
	var files []string
	for i, name := range fileNames(charts) {
		for _, object := range objects[i] {
			types.Check(object)
			files = append(files, name)
		}
	}
	return checkTypes(app, files, types.Problems())
}

// describe makes one error of all problems.
func describe(app cdk8s.App, files []string, wrong []apitype.Problem) error {
	if len(wrong) == 0 {
		return nil
	}
	text, hint := "the API server would refuse objects or their pods:", ""
	all := patchedBelow(app)
	for _, w := range wrong {
		path := ""
		if i := slices.IndexFunc(all, func(p manifest.Patched) bool { return reflect.DeepEqual(p.Fields, w.Object) }); i >= 0 {
			path = *all[i].Node.Node().Path()
		}
		for _, problem := range w.Errs {
			text += fmt.Sprintf("\n  [%s] %s: %s: %s", path, files[w.Index], manifest.KeyOf(w.Object), problem)
			if problem.Type != field.ErrorTypeForbidden && problem.Type != field.ErrorTypeTooLong {
				hint = "\nconstructs.AllowFields accepts fields and kinds that are newer than Kubernetes " + apitype.Newest
			}
		}
	}
	return errors.New(text + hint)
}

// patchedBelow are all objects at or below a construct. One whose patches fail is not: synthesis reports it.
func patchedBelow(construct awsconstructs.IConstruct) []manifest.Patched {
	all, _ := manifest.AllPatched(construct)
	return all
}
