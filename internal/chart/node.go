package chart

// node is a part of an object in the chart: a mapping, a sequence, or a scalar.
type node any

type (
	// mapping is a map of which fields may depend on choices.
	mapping []field

	field struct {
		key   string
		value *option
	}

	// sequence is a list of which elements may depend on choices.
	sequence []*option

	// scalar is text or a number with values in it.
	scalar struct {
		pieces []piece
		text   bool   // It is a string.
		file   string // The named template that holds the text. Defaults to none.
	}

	// plain is what has no values in it: a bool, an empty map or list.
	plain struct{ value any }
)

// option is a node, nothing, or a choice between two options.
type option struct {
	node    node
	choice  *Choice
	yes, no *option
}

// nothing is what is not there.
var nothing = &option{}
