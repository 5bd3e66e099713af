// Package registry lists every construct of the library, with the cases that tests draw from: golden files, patches, the
// API server's acceptance and the reach of pods. A construct that is missing here fails a test, and so does one that has no
// case.
package registry

import (
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
)

// Construct is a construct of the library.
type Construct struct {
	Kind  string                        // The root of its props in error messages.
	New   any                           // func(scope awsconstructs.Construct, id string, props P) *C
	Full  func(chart cdk8s.Chart) []any // Props that together set every field.
	Cases []Case
}

// Case adds the construct, and what it needs.
type Case struct {
	Name string // The golden file's, which begins with the construct's.
	Add  func(chart cdk8s.Chart) any
}

// Constructs are all constructs.
func Constructs() []Construct {
	return slices.Concat(tiers(), secrets(), monitors(), deliveries())
}

// Name is the constructor's: "NewRedis".
func (c Construct) Name() string {
	full := runtime.FuncForPC(reflect.ValueOf(c.New).Pointer()).Name()
	return full[strings.LastIndex(full, ".")+1:]
}

// Package is the folder of the construct's package, below the repository's root.
func (c Construct) Package() string {
	full := runtime.FuncForPC(reflect.ValueOf(c.New).Pointer()).Name()
	return strings.TrimPrefix(full[:strings.LastIndex(full, ".")], "github.com/ai-platform/manifests/")
}

// Props is the type of the constructor's props.
func (c Construct) Props() reflect.Type { return reflect.TypeOf(c.New).In(2) }

// Golden is the golden file of a case, below the repository's root.
func (c Construct) Golden(of Case) string {
	return filepath.Join(filepath.FromSlash(c.Package()), "testdata", of.Name+".yaml")
}

// Create calls the constructor.
func (c Construct) Create(scope awsconstructs.Construct, id string, props any) any {
	return reflect.ValueOf(c.New).Call([]reflect.Value{reflect.ValueOf(scope), reflect.ValueOf(id), reflect.ValueOf(props)})[0].Interface()
}
