package native

import "github.com/ai-platform/manifests/internal/kernel/js"

// get reads a property.
func (k *kernel) get(o referable, property string) any {
	switch o := o.(type) {
	case *construct:
		switch o.class {
		case classApp:
			return k.getApp(o, property)
		case classChart:
			return k.getChart(o, property)
		case classAPIObject:
			return k.getAPIObject(o, property)
		}
		return k.getConstruct(o, property)
	case *node:
		return k.getNode(o, property)
	case *metadata:
		return k.getMetadata(o, property)
	}
	handOver("the property " + property + " of " + o.ref().class)
	return nil
}

// invoke calls a method.
func (k *kernel) invoke(o referable, method string, args arguments) any {
	switch o := o.(type) {
	case *construct:
		switch o.class {
		case classApp:
			return k.invokeApp(o, method, args)
		case classChart:
			return k.invokeChart(o, method, args)
		case classAPIObject:
			return k.invokeAPIObject(o, method, args)
		}
		return k.invokeConstruct(o, method, args)
	case *node:
		return k.invokeNode(o, method, args)
	case *metadata:
		return k.invokeMetadata(o, method, args)
	}
	handOver("the method " + method + " of " + o.ref().class)
	return nil
}

// invokeStatic calls a method of a class.
func (k *kernel) invokeStatic(class, method string, args arguments) any {
	switch class {
	case classJSONPatch:
		return newJSONPatch(method, args)
	case "cdk8s.Names":
		return namesMember(method, args)
	case "cdk8s.Yaml":
		return yamlMember(method, args)
	}
	args.atMost(1)
	switch class + "." + method {
	case "cdk8s.App.of":
		return args.construct(0).node.root()
	case "cdk8s.Chart.of":
		return chartOf(args.construct(0))
	case "cdk8s.Chart.isChart":
		return args.construct(0).chart != nil
	case "cdk8s.ApiObject.isApiObject":
		return args.construct(0).apiObject != nil
	case "cdk8s.ApiObject.of":
		return objectOf(args.construct(0))
	case "constructs.Construct.isConstruct":
		return args.construct(0) != nil
	case "constructs.Node.of":
		return args.construct(0).node
	}
	handOver("the method " + method + " of " + class)
	return nil
}

func (k *kernel) getConstruct(c *construct, property string) any {
	if property == "node" {
		return c.node
	}
	handOver("the property " + property + " of " + c.class)
	return nil
}

func (k *kernel) invokeConstruct(c *construct, method string, args arguments) any {
	if method == "toString" {
		args.atMost(0)
		if path := c.node.path(); path != "" {
			return path
		}
		return "<root>"
	}
	handOver("the method " + method + " of " + c.class)
	return nil
}

func (k *kernel) getNode(n *node, property string) any {
	switch property {
	case "addr":
		return n.addr()
	case "children":
		return n.childList()
	case "defaultChild":
		return optional(n.defaultChild())
	case "dependencies":
		return append([]*construct{}, n.dependencies.list...)
	case "id":
		return n.id
	case "locked":
		return n.locked()
	case "path":
		return n.path()
	case "root":
		return n.root()
	case "scope":
		return optional(n.scope)
	case "scopes":
		return n.scopes()
	}
	handOver("the property " + property + " of constructs.Node")
	return nil
}

// optional is nil without a construct.
func optional(c *construct) any {
	if c == nil {
		return nil
	}
	return c
}

func (k *kernel) invokeNode(n *node, method string, args arguments) any {
	switch method {
	case "addDependency":
		n.addDependencies(args.constructs())
		return nil
	case "addValidation":
		args.atMost(1)
		v, ok := args.object(0).(*validation)
		if !ok {
			handOver("a validation of an unknown kind")
		}
		n.validations = append(n.validations, v)
		return nil
	case "findAll":
		args.atMost(1)
		return n.findAll(isPostorder(args.at(0)))
	case "findChild":
		args.atMost(1)
		id := args.string(0)
		child := n.tryFindChild(id)
		if child == nil {
			throw("No child with id: '" + id + "'")
		}
		return child
	case "lock":
		args.atMost(0)
		n.isLocked = true
		return nil
	case "tryFindChild":
		args.atMost(1)
		return optional(n.tryFindChild(args.string(0)))
	}
	handOver("the method " + method + " of constructs.Node")
	return nil
}

// isPostorder reads a ConstructOrder.
func isPostorder(value any) bool {
	if value == nil {
		return false
	}
	order, ok := value.(*js.Object)
	if ok {
		switch name, _ := order.Get("$jsii.enum"); name {
		case "constructs.ConstructOrder/PREORDER":
			return false
		case "constructs.ConstructOrder/POSTORDER":
			return true
		}
	}
	handOver("an unknown order of constructs")
	return false
}
