package native

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

// construct is an object of constructs' class Construct, or of a class below it. Its node is a part of it.
// https://github.com/aws/constructs/blob/10.x/src/construct.ts
type construct struct {
	reference
	node      *node
	app       *app       // Nil for other classes.
	chart     *chart     // Nil for other classes.
	apiObject *apiObject // Nil for other classes, and as long as the object is invalid.
}

// node is the place of a construct in the tree.
type node struct {
	reference
	host         *construct
	scope        *construct
	id           string
	children     js.Object // By their ids; the values are constructs.
	dependencies set[*construct]
	validations  []*validation
	isLocked     bool
}

// newConstruct adds a construct to its scope.
func newConstruct(class string, scope *construct, id string) *construct {
	c := &construct{reference: reference{class: class}}
	c.node = &node{reference: reference{class: classNode}, host: c, scope: scope, id: sanitizeID(id)}
	if scope == nil {
		return c
	}
	if c.node.id == "" {
		throw("Only root constructs may have an empty ID")
	}
	checkLookup(c.node.id)
	scope.node.addChild(c)
	return c
}

func sanitizeID(id string) string { return strings.ReplaceAll(id, "/", "--") }

func (n *node) addChild(child *construct) {
	if n.locked() {
		path := n.path()
		if path == "" {
			throw("Cannot add children during synthesis")
		}
		throw(`Cannot add children to "` + path + `" during synthesis`)
	}
	id := child.node.id
	if _, exists := n.children.Get(id); exists {
		suffix := ""
		if n.id != "" {
			suffix = " [" + n.id + "]"
		}
		throw("There is already a Construct with name '" + id + "' in " + className(n.host.class) + suffix)
	}
	n.children.Set(id, child)
}

// className is the name that JavaScript has for a class of jsii.
func className(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

func (n *node) locked() bool {
	for n != nil {
		if n.isLocked {
			return true
		}
		if n.scope == nil {
			return false
		}
		n = n.scope.node
	}
	return false
}

// scopes lists the constructs from the root to the node's own.
func (n *node) scopes() []*construct {
	depth := 0
	for c := n.host; c != nil; c = c.node.scope {
		depth++
	}
	scopes := make([]*construct, depth)
	for c := n.host; c != nil; c = c.node.scope {
		depth--
		scopes[depth] = c
	}
	return scopes
}

func (n *node) path() string {
	var components []string
	for _, scope := range n.scopes() {
		if scope.node.id != "" {
			components = append(components, scope.node.id)
		}
	}
	return strings.Join(components, "/")
}

// hiddenID does not count in addresses.
const hiddenID = "Default"

// addr is the address that the names of objects take their hash from.
// https://github.com/aws/constructs/blob/10.x/src/private/uniqueid.ts
func (n *node) addr() string {
	hash := sha1.New()
	for _, scope := range n.scopes() {
		if scope.node.id != hiddenID {
			hash.Write([]byte(scope.node.id + "\n"))
		}
	}
	return "c8" + hex.EncodeToString(hash.Sum(nil))
}

func (n *node) root() *construct {
	c := n.host
	for c.node.scope != nil {
		c = c.node.scope
	}
	return c
}

func (n *node) tryFindChild(id string) *construct {
	id = sanitizeID(id)
	checkLookup(id)
	child, _ := n.children.Get(id)
	c, _ := child.(*construct)
	return c
}

// findAll lists a node's construct and those below it, in the order of their creation.
func (n *node) findAll(postorder bool) []*construct {
	var all []*construct
	var visit func(c *construct)
	visit = func(c *construct) {
		if !postorder {
			all = append(all, c)
		}
		for _, child := range c.node.children.All {
			visit(child.(*construct))
		}
		if postorder {
			all = append(all, c)
		}
	}
	visit(n.host)
	return all
}

func (n *node) childList() []*construct {
	list := []*construct{}
	for _, child := range n.children.All {
		list = append(list, child.(*construct))
	}
	return list
}

func (n *node) defaultChild() *construct {
	resource, child := n.tryFindChild("Resource"), n.tryFindChild(hiddenID)
	if resource != nil && child != nil {
		throw("Cannot determine default child for " + n.path() + `. There is both a child with id "Resource" and id "Default"`)
	}
	if child != nil {
		return child
	}
	return resource
}

func (n *node) addDependencies(targets []*construct) {
	for _, target := range targets {
		if target == n.host {
			handOver("a dependency of a construct on itself")
		}
		n.dependencies.add(target)
	}
}
