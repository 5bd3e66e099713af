package native

import (
	"strconv"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

// firstCallback is the number of the first callback of jsii's kernel.
const firstCallback = 20_000

// validation is an object of the program with a method validate, that constructs call. It is the only one that this kernel calls back.
type validation struct {
	reference
	cookie string // The method's name in Go.
}

const interfaceValidation = "constructs.IValidation"

// foreign is an object of the program that is of no use to constructs, such as one of a process that has ended.
type foreign struct{ reference }

// createForeign creates what the program implements itself: {"fqn":"Object","interfaces":["constructs.IValidation"],"overrides":[…]}.
func (k *kernel) createForeign(request *js.Object) []byte {
	const other = "an object of its own other than an IValidation"
	interfaces, _ := request.Get("interfaces")
	overrides, _ := request.Get("overrides")
	if interfaces == nil && overrides == nil {
		return k.appendValue(nil, &foreign{reference{class: classForeign}})
	}
	names, _ := interfaces.([]any)
	methods, _ := overrides.([]any)
	if len(names) != 1 || names[0] != interfaceValidation || len(methods) != 1 {
		handOver(other)
	}
	override, ok := methods[0].(*js.Object)
	if !ok {
		handOver(other)
	}
	if method, _ := override.Get("method"); method != "validate" || override.Len() != 2 {
		handOver(other)
	}
	return k.appendObjectReference(nil, &validation{reference{class: classForeign}, text(override, "cookie")})
}

// validate asks all validations of a tree, and throws what they found.
// https://github.com/cdk8s-team/cdk8s-core/blob/2.x/src/app.ts
func (k *kernel) validate(app *construct) {
	problems := ""
	for _, c := range app.node.findAll(false) {
		for _, v := range c.node.validations {
			for _, problem := range k.problems(v) {
				problems += "\n  [" + c.node.path() + "] " + problem
			}
		}
	}
	if problems != "" {
		throw("Validation failed with the following errors:" + problems)
	}
}

// problems calls the program.
func (k *kernel) problems(v *validation) []string {
	id := "jsii::callback::" + strconv.Itoa(k.nextCallback)
	k.nextCallback++
	line := js.AppendQuoted([]byte(`{"callback":{"cookie":`), v.cookie)
	line = append(line, `,"cbid":"`...)
	line = append(line, id...)
	line = append(line, `","invoke":{"objref":`...)
	line = k.appendObjectReference(line, v)
	line = append(line, `,"method":"validate","args":[]}}}`...)

	list, ok := k.call(line, id).([]any)
	if !ok {
		handOver(badProblems)
	}
	problems := make([]string, len(list))
	for i, element := range list {
		if problems[i], ok = element.(string); !ok {
			handOver(badProblems)
		}
	}
	return problems
}

const badProblems = "a validation that does not return a list of texts"

// appendObjectReference writes the reference to a validation, with its interface.
func (k *kernel) appendObjectReference(line []byte, v *validation) []byte {
	line = append(line, `{"$jsii.byref":`...)
	line = js.AppendQuoted(line, k.objects.idOf(v))
	return append(line, `,"$jsii.interfaces":["`+interfaceValidation+`"]}`...)
}
