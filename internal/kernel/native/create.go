package native

import "github.com/ai-platform/manifests/internal/kernel/js"

// create makes an object of a class, as its constructor in JavaScript does.
func (k *kernel) create(request *js.Object) []byte {
	class := text(request, "fqn")
	if class == classForeign {
		return k.createForeign(request)
	}
	_, interfaces := request.Get("interfaces")
	_, overrides := request.Get("overrides")
	if interfaces || overrides {
		handOver("a class of its own that extends " + class)
	}
	args := k.arguments(request)
	switch class {
	case classApp:
		return k.appendValue(nil, newApp(args))
	case classChart:
		return k.appendValue(nil, newChart(args))
	case classAPIObject:
		return k.appendValue(nil, newAPIObject(args))
	case classConstruct:
		args.atMost(2)
		return k.appendValue(nil, newConstruct(class, args.construct(0), args.string(1)))
	}
	handOver(class)
	return nil
}
