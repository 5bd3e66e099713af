package manifest

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/internal/kernel"
)

// Patched is an object as all patches have left it.
type Patched struct {
	Key
	Node   cdk8s.ApiObject
	Fields any // As encoding/json gives them.
}

// AllPatched are all objects below a root, whoever added them. One with a patch that fails is left out: synthesis reports it.
func AllPatched(root awsconstructs.IConstruct) (all []Patched, complete bool) {
	complete = true
	nodes, objects := objectsBelow(root)
	for i, node := range nodes {
		if objects[i] == nil {
			complete = false
			continue
		}
		all = append(all, Patched{KeyOf(objects[i]), node, objects[i]})
	}
	return all, complete
}

// objectsBelow are the nodes of all objects, and what patches have made of these. An object is nil if one of its patches fails.
func objectsBelow(root awsconstructs.IConstruct) (nodes []cdk8s.ApiObject, objects []any) {
	var found *[]awsconstructs.IConstruct
	asked := kernel.Ask(root.Node(), "findAll", &found, func(aside *bufio.Reader) (err error) {
		objects, err = readObjects(aside)
		return err
	})
	if !asked {
		found = root.Node().FindAll(awsconstructs.ConstructOrder_PREORDER)
	}
	for _, construct := range *found {
		if node, is := construct.(cdk8s.ApiObject); is {
			nodes = append(nodes, node)
		}
	}
	if asked && len(objects) == len(nodes) {
		return nodes, objects
	}
	objects = nil
	for _, node := range nodes {
		objects = append(objects, patchedFields(node))
	}
	return nodes, objects
}

// readObjects reads one object of each line.
func readObjects(lines *bufio.Reader) (objects []any, err error) {
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		var object any
		if err == nil {
			err = json.Unmarshal(line, &object)
		}
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
}

func patchedFields(node cdk8s.ApiObject) (fields any) {
	defer func() {
		if problem := recover(); problem != nil {
			fields = nil
			_ = kernel.Error(problem) // A bug of the program continues as a panic.
		}
	}()
	return node.ToJson()
}

// At is the value at a path of keys; nil if there is none.
func (p Patched) At(keys ...string) any { return At(p.Fields, keys...) }

// At is the value at a path of keys within maps; nil if there is none.
func At(value any, keys ...string) any {
	for _, key := range keys {
		fields, _ := value.(map[string]any)
		value = fields[key]
	}
	return value
}
