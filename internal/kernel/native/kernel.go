// Package native answers the requests of jsii's Go packages for the classes of constructs and of cdk8s's core, as Node.js does with the JavaScript of these
// packages. What it does not know, or could answer differently, it leaves to Node.js: see handover.go.
//
// The package imports little, because it runs before other packages are initialized: see child.go.
package native

import "github.com/ai-platform/manifests/internal/kernel/js"

// kernel is the state of one process: the objects that a program has created.
type kernel struct {
	objects      objectTable
	nextCallback int
	loaded       set[string]
	requests     int // Those so far.
	dependencies int // Those that were declared because of others.
	resolved     resolved

	// call sends a callback to the client, and returns its answer. It answers the requests that come before that.
	call func(callback []byte, id string) (result any)

	// keep keeps the file of a package that was loaded.
	keep func(name, version, tarball string)
}

func newKernel() *kernel {
	return &kernel{objects: newObjectTable(), nextCallback: firstCallback}
}

// answer is the line that answers a request. It panics with a doubt if the request is for Node.js.
func (k *kernel) answer(request *js.Object) []byte {
	api := text(request, "api")
	return k.attempt(api, func() []byte {
		switch api {
		case "load":
			return k.load(text(request, "name"), text(request, "version"), text(request, "tarball"))
		case "create":
			return k.create(request)
		case "get":
			return k.returned("value", k.get(k.target(request), text(request, "property")))
		case "invoke":
			return k.returned("result", k.invoke(k.target(request), text(request, "method"), k.arguments(request)))
		case "sinvoke":
			return k.returned("result", k.invokeStatic(text(request, "fqn"), text(request, "method"), k.arguments(request)))
		}
		handOver("the request " + api)
		return nil
	})
}

// attempt is the line with the result of a request, or with the error that it throws.
func (k *kernel) attempt(api string, do func() (result []byte)) (line []byte) {
	k.requests++
	defer func() {
		if problem := recover(); problem != nil {
			t, ok := problem.(thrown)
			if !ok {
				panic(problem)
			}
			line = errorLine(api, t)
		}
	}()
	return append(append([]byte(`{"ok":`), do()...), '}')
}

// errorLine is the answer to a request that failed. Where objects are created, errors keep their names.
func errorLine(api string, err thrown) []byte {
	name, message := err.name, err.message
	if api != "create" {
		name, message = "@jsii/kernel.RuntimeError", name+": "+message
	}
	line := js.AppendQuoted([]byte(`{"error":`), message)
	line = append(line, `,"name":`...)
	return append(js.AppendQuoted(line, name), '}')
}

// returned writes what a member returned. JavaScript's undefined is not written.
func (k *kernel) returned(name string, value any) []byte {
	if value == nil {
		return []byte("{}")
	}
	line := append([]byte(`{"`), name...)
	line = append(line, `":`...)
	return append(k.appendValue(line, value), '}')
}

// stringMap is a map that jsii declares as one.
type stringMap struct{ entries *js.Object }

// appendValue writes a value of a member's type.
func (k *kernel) appendValue(line []byte, value any) []byte {
	switch value := value.(type) {
	case referable:
		line = append(line, `{"$jsii.byref":`...)
		return append(js.AppendQuoted(line, k.objects.idOf(value)), '}')
	case []*construct:
		line = append(line, '[')
		for i, c := range value {
			if i > 0 {
				line = append(line, ',')
			}
			line = k.appendValue(line, c)
		}
		return append(line, ']')
	case stringMap:
		line = append(line, `{"$jsii.map":`...)
		return append(js.AppendJSON(line, value.entries), '}')
	default:
		return js.AppendJSON(line, value)
	}
}
