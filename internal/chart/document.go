package chart

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	appsv1 "k8s.io/api/apps/v1"
	objectyaml "sigs.k8s.io/yaml"
)

// document is an object as YAML: lines, of which the first separates it from the document before.
type document struct {
	name string // Its kind and name. That of a document of a rendering is as with the defaults, in any of them.
	file string // The template that it goes into.
	text string
	lines
}

type lines []line

// line is a line of a document. It ends with a scalar, or it is only text: a part of a text of several lines, say.
type line struct {
	path   string // Where in the object it is.
	head   string // What is before the scalar.
	scalar kind
	text   string
	source string  // As the document has the whole line.
	pieces []piece // The text, taken apart.
}

// kind is what a template writes in place of a line's text.
type kind byte

const (
	raw    kind = iota // The text itself.
	quoted             // The text as a scalar of YAML.
	number
	digest // The result of an expression: the text.
)

// written is the line with some settings, in a form in which lines are compared.
func (l line) written(settings Settings) string {
	return string('0'+rune(l.scalar)) + l.head + "\x00" + join(l.pieces, settings)
}

func (l lines) written(settings Settings) []string {
	all := make([]string, len(l))
	for i := range l {
		all[i] = l[i].written(settings)
	}
	return all
}

// header is what is read of every object.
type header struct {
	Kind     string
	Metadata struct {
		Name   string
		Labels map[string]string
	}
}

// newDocument reads YAML in which a text of several lines is written as it is, and any other scalar on one line.
func newDocument(text string) (document, error) {
	d := document{text: text}
	var object header
	var root yaml.Node
	err := yaml.Unmarshal([]byte(text+"\n"), &root)
	if err == nil {
		err = root.Decode(&object)
	}
	if err != nil {
		return d, fmt.Errorf("read an object: %w", err)
	}
	d.name = object.Kind + " " + object.Metadata.Name
	d.file = fileOf(object)
	d.lines = append(d.lines, line{text: "---", source: "---"})
	for _, row := range strings.Split(text, "\n") {
		d.lines = append(d.lines, line{text: row, source: row})
	}
	err = d.read(&root, "")
	for i := range d.lines {
		d.lines[i].pieces = []piece{{literal: d.lines[i].text}}
	}
	return d, err
}

// fileOf gives each ConfigMap a file, and each Deployment: digests are of the former, and people look for the latter.
func fileOf(object header) string {
	kind := strings.ToLower(object.Kind)
	switch object.Kind {
	case "ConfigMap":
		return strings.TrimPrefix(object.Metadata.Name, object.Metadata.Labels["app"]+"-") + "-" + kind + ".yaml"
	case "Deployment":
		return object.Metadata.Labels["component"] + "-" + kind + ".yaml"
	}
	return kind + ".yaml"
}

// read tells the lines where they are, and which scalars they end with.
func (d *document) read(node *yaml.Node, path string) error {
	var errs []error
	switch node.Kind {
	case yaml.DocumentNode:
		return d.read(node.Content[0], "")
	case yaml.MappingNode:
		for i := 0; i < len(node.Content); i += 2 {
			key := node.Content[i]
			field := path + "." + key.Value
			d.lines[key.Line].path = field
			errs = append(errs, d.read(node.Content[i+1], field))
		}
	case yaml.SequenceNode:
		for i, element := range node.Content {
			at := fmt.Sprintf("%s[%d]", path, i)
			d.lines[element.Line].path = at
			errs = append(errs, d.read(element, at))
		}
	default:
		return d.readScalar(node, path)
	}
	return errors.Join(errs...)
}

func (d *document) readScalar(node *yaml.Node, path string) error {
	if node.Style == yaml.LiteralStyle {
		for i := range strings.Count(node.Value, "\n") + 1 {
			if row := node.Line + 1 + i; row < len(d.lines) && d.lines[row].path == "" {
				d.lines[row].path = path
			}
		}
		return nil
	}
	l := &d.lines[node.Line]
	source := string([]rune(l.text)[node.Column-1:])
	var alone any
	if err := yaml.Unmarshal([]byte(source), &alone); err != nil || node.Tag == "!!str" && alone != node.Value {
		return fmt.Errorf("%s%s: is text of several lines, and not written as a block", d.name, path)
	}
	switch node.Tag {
	case "!!str":
		l.scalar = quoted
	case "!!int", "!!float":
		l.scalar = number
	default:
		return nil
	}
	l.head, l.text = strings.TrimSuffix(l.text, source), node.Value
	return nil
}

// split takes all lines apart at the probes in them.
func (d document) split(by *probes, defaults Settings) document {
	d.name = join(by.split(d.name), defaults)
	d.lines = slices.Clone(d.lines)
	for i := range d.lines {
		if d.lines[i].scalar != digest {
			d.lines[i].pieces = by.split(d.lines[i].text)
		}
	}
	return d
}

// checksumAnnotation is that of a pod template by which the constructs replace pods when their files change.
const checksumAnnotation = "checksum/files"

// digested puts an expression in place of the digest of the files that a workload mounts: in the chart they depend on the values.
func (d document) digested(all []document) (document, error) {
	at := slices.IndexFunc(d.lines, func(l line) bool { return strings.HasSuffix(l.path, ".annotations."+checksumAnnotation) })
	if at < 0 {
		return d, nil
	}
	var workload appsv1.Deployment
	if err := objectyaml.Unmarshal([]byte(d.text), &workload); err != nil {
		return d, fmt.Errorf("read %s: %w", d.name, err)
	}
	d.lines = slices.Clone(d.lines)
	text := fmt.Sprintf(`include "%schecksum" (list $%s)`, helperPrefix, mountedFiles(workload, all))
	d.lines[at].scalar, d.lines[at].text, d.lines[at].pieces = digest, text, []piece{{literal: text}}
	return d, nil
}

// mountedFiles are the files that are mounted by themselves, each with its path, the template of its ConfigMap and its key there.
func mountedFiles(workload appsv1.Deployment, all []document) string {
	templates := map[string]string{}
	for _, volume := range workload.Spec.Template.Spec.Volumes {
		if volume.ConfigMap != nil {
			at := slices.IndexFunc(all, func(d document) bool { return d.name == "ConfigMap "+volume.ConfigMap.Name })
			if at >= 0 {
				templates[volume.Name] = all[at].file
			}
		}
	}
	type file struct{ path, template, key string }
	var files []file
	for _, container := range workload.Spec.Template.Spec.Containers {
		for _, mount := range container.VolumeMounts {
			if template := templates[mount.Name]; template != "" && mount.SubPath != "" {
				files = append(files, file{mount.MountPath, template, mount.SubPath})
			}
		}
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Compare(a.path, b.path) })
	var arguments strings.Builder
	for _, f := range slices.Compact(files) {
		fmt.Fprintf(&arguments, " %s %s %s", strconv.Quote(f.path), strconv.Quote(f.template), strconv.Quote(f.key))
	}
	return arguments.String()
}
