package chart

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// writeTemplates puts the objects into files: each Deployment and ConfigMap into that of its component, and other kinds each
// into one.
func writeTemplates(objects sequence) map[string]string {
	templates := map[string]string{}
	add := func(name, text string) {
		if templates[name] == "" {
			templates[name] = generated
		}
		templates[name] += text
	}
	for _, object := range objects {
		shown := anyNode(object).(mapping)
		document := writeOption(object, func(n node) lines { return append(lines{"---"}, n.(mapping).write()...) })
		add(fileOf(shown), withIndents(document))
		for _, f := range filesIn(shown) {
			add("_"+textAt(shown, "metadata", "labels", "component")+"-files.tpl", define(f))
		}
	}
	return templates
}

// anyNode is one of the nodes that an option may be.
func anyNode(o *option) node {
	for o.choice != nil {
		if o.yes != nothing {
			o = o.yes
		} else {
			o = o.no
		}
	}
	return o.node
}

func fileOf(object mapping) string {
	kind := strings.ToLower(textAt(object, "kind"))
	if kind == "deployment" || kind == "configmap" {
		return textAt(object, "metadata", "labels", "component") + "-" + kind + ".yaml"
	}
	return kind + ".yaml"
}

func textAt(n node, path ...string) string {
	for _, key := range path {
		n = n.(mapping).at(key)
	}
	s, _ := n.(scalar)
	return join(s.pieces, nil)
}

func (m mapping) at(key string) node {
	for _, f := range m {
		if f.key == key {
			return anyNode(f.value)
		}
	}
	return nil
}

// filesIn are the texts of a ConfigMap that named templates hold.
func filesIn(object mapping) []*option {
	data, _ := object.at("data").(mapping)
	var files []*option
	for _, f := range data {
		if f.value.file() != "" {
			files = append(files, f.value)
		}
	}
	return files
}

// file is the named template that holds a text, whatever is decided about it. Empty for anything else, and if it may not be there.
func (o *option) file() string {
	if o.choice == nil {
		s, _ := o.node.(scalar)
		return s.file
	}
	if name := o.yes.file(); name == o.no.file() {
		return name
	}
	return ""
}

// define is a named template of a file, without its last line break: that is what a block of YAML adds. The names of values
// of a file are those of its chart.
func define(file *option) string {
	return fmt.Sprintf("\n{{- define %q -}}\n%s\n{{- end }}\n", file.file(), strings.Join(textLines(file), "\n"))
}

// textLines are those of a text. Where a choice decides, it stands around the lines that differ.
func textLines(o *option) lines {
	if o.choice == nil {
		return strings.Split(strings.TrimSuffix(o.node.(scalar).template(), "\n"), "\n")
	}
	yes, no := textLines(o.yes), textLines(o.no)
	begin, end := inCommon(yes, no)
	ifYes, ifNo, last := yes[begin:len(yes)-end], no[begin:len(no)-end], yes[len(yes)-end:]
	condition, closing := o.choice.If, " }}"
	if begin == 0 {
		closing = " -}}" // A text begins with no line break.
	}
	if len(ifYes) == 0 {
		condition, ifYes, ifNo = "not "+parenthesized(condition), ifNo, nil
	}
	written := slices.Concat(yes[:begin], lines{"{{- if " + condition + closing}, ifYes)
	if len(ifNo) > 0 {
		written = slices.Concat(written, lines{"{{- else" + closing}, ifNo)
	}
	return slices.Concat(written, lines{"{{- end }}"}, last)
}

// inCommon is how many lines two texts begin and end with alike. Actions take away the white space before them: neither the first ones nor
// what is between may end with any.
func inCommon(one, other lines) (begin, end int) {
	for shortest := min(len(one), len(other)); begin < shortest && one[begin] == other[begin]; {
		begin++
	}
	for begin > 0 && endsInSpace(one[:begin]) {
		begin--
	}
	for most := min(len(one), len(other)) - begin; end < most && one[len(one)-1-end] == other[len(other)-1-end]; {
		end++
	}
	for end > 0 && (endsInSpace(one[begin:len(one)-end]) || endsInSpace(other[begin:len(other)-end])) {
		end--
	}
	return begin, end
}

// endsInSpace is also true of an empty line.
func endsInSpace(text lines) bool {
	if len(text) == 0 {
		return false
	}
	last := text[len(text)-1]
	return last == "" || strings.TrimRightFunc(last, unicode.IsSpace) != last
}

// withIndents joins the lines of a document. An included file is told its own indent.
func withIndents(document lines) string {
	var text strings.Builder
	for _, line := range document {
		if strings.Contains(line, "nindent NINDENT") {
			own := len(line) - len(strings.TrimLeft(line, " "))
			line = strings.Replace(line, "NINDENT", fmt.Sprint(own), 1)
		}
		text.WriteString(line + "\n")
	}
	return text.String()
}
