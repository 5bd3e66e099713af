package native

import "github.com/ai-platform/manifests/internal/kernel/js"

// Two kinds of panic end a request early. All others are bugs.
type (
	// thrown is an error of JavaScript, whose message the client gets.
	thrown struct{ name, message string }

	// doubt says why a request is left to Node.js, as the end of the sentence "the program uses …".
	doubt struct{ uses string }
)

func throw(message string) { panic(thrown{"Error", message}) }

func handOver(uses string) { panic(doubt{uses}) }

// inherited are the names that every object of JavaScript has: it finds something under them where nothing was set.
var inherited = map[string]bool{
	"__defineGetter__":     true,
	"__defineSetter__":     true,
	"__lookupGetter__":     true,
	"__lookupSetter__":     true,
	"__proto__":            true,
	"constructor":          true,
	"hasOwnProperty":       true,
	"isPrototypeOf":        true,
	"propertyIsEnumerable": true,
	"toLocaleString":       true,
	"toString":             true,
	"valueOf":              true,
}

// checkLookup leaves names to Node.js that JavaScript finds in every object.
func checkLookup(name string) {
	if inherited[name] {
		handOver(`the name "` + name + `"`)
	}
}

// checkKey leaves the one key to Node.js that changes an object instead of being stored in it.
func checkKey(key string) {
	if key == "__proto__" {
		checkLookup(key)
	}
}

// checkRendered leaves keys to Node.js that change how cdk8s renders metadata: it asks each value for its constructor.
func checkRendered(value any) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			checkRendered(element)
		}
	case *js.Object:
		for key, element := range value.All {
			checkRenderedKey(key)
			checkRendered(element)
		}
	}
}

func checkRenderedKey(key string) {
	if key == "__proto__" || key == "constructor" {
		checkLookup(key)
	}
}
