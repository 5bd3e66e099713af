package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is an object as YAML.
type document struct {
	name  string // Its kind and name, with the defaults in place of the probes.
	file  string // The template that it goes into.
	lines lines  // The first separates it from the document before.
}

type lines []line

// line is a line of a document. It ends with a quoted scalar, or it is only text: part of a text of several lines, for instance.
type line struct {
	source   string // As the document has it.
	document *document
	path     string // Of its field in the object.
	head     string // What precedes the scalar.
	quoted   bool   // Whether the scalar is a text, which templates quote.
	pieces   []piece

	shownBy renderings
	under   []condition // Those of the line that it is below come first.
}

const separator = "---"

// indent is how far in a line is. All other lines of a document belong to its separator, and an empty one to the line before.
func (l line) indent() int {
	switch l.source {
	case separator:
		return -1
	case "":
		return math.MaxInt
	}
	return len(l.padding())
}

func (l line) padding() string { return l.source[:len(l.source)-len(strings.TrimLeft(l.source, " "))] }

// compared are the lines with some settings, in a form in which they are compared.
func (l lines) compared(settings Settings) []string {
	all := make([]string, len(l))
	for i, one := range l {
		all[i] = one.document.name + strconv.FormatBool(one.quoted) + one.head + mark + join(one.pieces, settings)
	}
	return all
}

// document reads YAML in which a text of several lines is a literal block, and any other scalar is on one line.
func (p *probes) document(text string) (*document, error) {
	if known := p.documents[text]; known != nil {
		return known, nil
	}
	var all lines
	for _, row := range strings.Split(separator+"\n"+text, "\n") {
		all = append(all, line{source: row, pieces: p.split(row)})
	}
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(text), &root); err != nil {
		return nil, fmt.Errorf("read an object: %w", err)
	}
	p.read(all, &root, "")
	field := func(path string) string {
		at := slices.IndexFunc(all, func(l line) bool { return l.path == path })
		return join(all[max(at, 0)].pieces, p.defaults)
	}
	kind, name := field(".kind"), field(".metadata.name")
	d := &document{name: kind + " " + name, file: strings.ToLower(kind) + ".yaml"}
	// ConfigMaps have files of their own because digests read them, and Deployments because people look for them.
	switch kind {
	case "ConfigMap":
		d.file = strings.TrimPrefix(name, field(".metadata.labels.app")+"-") + "-" + d.file
	case "Deployment":
		d.file = field(".metadata.labels.component") + "-" + d.file
	}
	for i := range all {
		all[i].document = d
		if all[i].path == "" && i > 0 { // Part of a text of several lines.
			all[i].path = all[i-1].path
		}
	}
	d.lines = p.putTrees(all)
	p.documents[text] = d
	return d, nil
}

// read finds paths and texts. Other scalars remain text of their lines.
func (p *probes) read(all lines, node *yaml.Node, path string) {
	for i, inner := range node.Content {
		switch {
		case node.Kind == yaml.SequenceNode:
			all[inner.Line].path = path + "[]"
			p.read(all, inner, path+"[]")
		case node.Kind == yaml.DocumentNode:
			p.read(all, inner, path)
		case i%2 == 0: // A key.
			all[inner.Line].path = path + "." + inner.Value
		default:
			p.read(all, inner, path+"."+node.Content[i-1].Value)
		}
	}
	if node.Kind == yaml.ScalarNode && node.Tag == "!!str" && node.Style&yaml.LiteralStyle == 0 {
		at := &all[node.Line]
		at.quoted, at.head, at.pieces = true, string([]rune(at.source)[:node.Column-1]), p.split(node.Value)
	}
}
