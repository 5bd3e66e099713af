package native

import "strconv"

// Classes whose objects have ids.
const (
	classConstruct = "constructs.Construct"
	classNode      = "constructs.Node"
	classApp       = "cdk8s.App"
	classChart     = "cdk8s.Chart"
	classAPIObject = "cdk8s.ApiObject"
	classMetadata  = "cdk8s.ApiObjectMetadataDefinition"
	classJSONPatch = "cdk8s.JsonPatch"
	classForeign   = "Object"
)

// reference is what the client knows of an object. The id is empty until the object is sent to the client for the first time.
type reference struct {
	class, id string
}

func (r *reference) ref() *reference { return r }

// referable is an object that the client holds by its id.
type referable interface{ ref() *reference }

// firstObject is the number of the first object of jsii's kernel. Its ids must be the same, because the program keeps them when another kernel takes over.
// https://github.com/aws/jsii/blob/main/packages/%40jsii/kernel/src/objects.ts
const firstObject = 10_000

// objectTable finds objects by their ids.
type objectTable struct {
	byID map[string]referable
	next int
}

func newObjectTable() objectTable {
	return objectTable{map[string]referable{}, firstObject}
}

// idOf gives an object an id, if it has none yet.
func (t *objectTable) idOf(o referable) string {
	r := o.ref()
	if r.id == "" {
		r.id = r.class + "@" + strconv.Itoa(t.next)
		t.next++
		t.byID[r.id] = o
	}
	return r.id
}
