package native

import (
	"slices"
	"strings"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

const (
	// longestName is the length of a DNS label.
	longestName = 63

	hashLength = 8
)

// nameOptions are the NameOptions of cdk8s.
type nameOptions struct {
	delimiter   string
	extra       []string
	includeHash bool
	maxLen      int
}

func namesMember(method string, args arguments) any {
	args.atMost(2)
	c := args.construct(0)
	options := readNameOptions(args.fields(1, "cdk8s.NameOptions", "delimiter", "extra", "includeHash", "maxLen"))
	switch method {
	case "toDnsLabel":
		return dnsLabel(c.node, options)
	case "toLabelValue":
		return labelValue(c.node, options)
	}
	handOver("the method " + method + " of Names")
	return nil
}

func readNameOptions(given *js.Object) nameOptions {
	options := nameOptions{delimiter: "-", maxLen: longestName, includeHash: optionalBool(given, "includeHash", true)}
	if delimiter, set := optionalString(given, "delimiter"); set {
		options.delimiter = delimiter
	}
	for _, element := range optionalList(given, "extra") {
		options.extra = append(options.extra, element.(string))
	}
	if value, set := given.Get("maxLen"); set {
		number, ok := value.(float64)
		if !ok || number != float64(int32(number)) || number < 0 {
			handOver("a length of names that is no whole number")
		}
		options.maxLen = int(number)
	}
	if options.delimiter == "" || !isASCII(options.delimiter) {
		handOver("a special delimiter of names")
	}
	return options
}

// components are the parts of a name, before they are made to fit.
func (o nameOptions) components(n *node) []string {
	components := append(strings.Split(n.path(), "/"), o.extra...)
	for _, c := range components {
		if !isASCII(c) {
			handOver("a name with special characters")
		}
	}
	return components
}

// dnsLabel is the name of an object.
// https://github.com/cdk8s-team/cdk8s-core/blob/2.x/src/names.ts
func dnsLabel(n *node, o nameOptions) string {
	if o.maxLen < hashLength && o.includeHash {
		throw("minimum max length for object names is 8 (required for hash)")
	}
	components := o.components(n)
	if len(components) == 1 && len(components[0]) <= o.maxLen && isLabel(components[0]) {
		return components[0]
	}
	for i, c := range components {
		components[i] = truncate(allowed(strings.ToLower(c)), o.maxLen)
	}
	return o.join(n, components)
}

// labelValue is a name that may have capitals, dots and underscores.
func labelValue(n *node, o nameOptions) string {
	if o.maxLen < hashLength && o.includeHash {
		throw("minimum max length for label is 8 (required for hash)")
	}
	if allowed(o.delimiter) != o.delimiter {
		throw(`delim should not contain "[^0-9a-zA-Z-_.]"`)
	}
	components := o.components(n)
	if len(components) == 1 && len(components[0]) <= o.maxLen && isLabelValue(components[0]) {
		return components[0]
	}
	for i, c := range components {
		components[i] = truncate(allowed(c), o.maxLen)
	}
	return strings.TrimLeft(o.join(n, components), "-_.")
}

// join puts the components of a name together, from the end, which distinguishes names best.
func (o nameOptions) join(n *node, components []string) string {
	if o.includeHash {
		components = append(components, n.addr()[:hashLength])
	}
	slices.Reverse(components)
	components = slices.Compact(components)
	components = strings.Split(truncate(strings.Join(components, "/"), o.maxLen), "/")
	slices.Reverse(components)
	words := strings.Split(strings.Join(withoutEmpty(components), o.delimiter), o.delimiter)
	words = slices.DeleteFunc(withoutEmpty(words), func(word string) bool {
		word = strings.ToLower(word)
		return word == "resource" || word == "default"
	})
	return strings.Join(words, o.delimiter)
}

func withoutEmpty(list []string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

func truncate(s string, length int) string { return s[:min(len(s), length)] }

// allowed leaves out the characters that no name has.
func allowed(s string) string {
	return strings.Map(func(r rune) rune {
		if isAlphanumeric(r) || r == '-' || r == '_' || r == '.' {
			return r
		}
		return -1
	}, s)
}

func isLabel(s string) bool {
	for _, r := range s {
		if r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return s != ""
}

func isLabelValue(s string) bool {
	if s == "" {
		return true
	}
	return allowed(s) == s && isAlphanumeric(rune(s[0])) && isAlphanumeric(rune(s[len(s)-1]))
}

func isAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
