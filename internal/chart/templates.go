package chart

import (
	"fmt"
	"strings"
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
			add("_"+textAt(shown, "metadata", "labels", "component")+"-files.tpl", f.define())
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
func filesIn(object mapping) []scalar {
	data, _ := object.at("data").(mapping)
	var files []scalar
	for _, f := range data {
		if s, is := anyNode(f.value).(scalar); is && s.file != "" {
			files = append(files, s)
		}
	}
	return files
}

// define is a named template of a file, without its last line break: that is what a block of YAML adds. The names of values
// of a file are those of its chart.
func (s scalar) define() string {
	return fmt.Sprintf("\n{{- define %q -}}\n%s\n{{- end }}\n", s.file, strings.TrimSuffix(s.template(), "\n"))
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
