package chart

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
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

	shownBy renderings
	under   []condition // Those of the line that it is below come first.
}

// kind is what a template writes in place of a line's text.
type kind byte

const (
	raw    kind = iota // The text itself.
	quoted             // The text as a scalar of YAML.
	number
	digest // The result of an expression: the text.
)

// written are the lines with some settings, in a form in which they are compared.
func (l lines) written(settings Settings) []string {
	all := make([]string, len(l))
	for i := range l {
		all[i] = string('0'+rune(l[i].scalar)) + l[i].head + "\x00" + join(l[i].pieces, settings)
	}
	return all
}

// indent is how far in a line is. An empty one belongs to the line before.
func (l line) indent() int {
	text := l.head + l.text
	if text == "" {
		return math.MaxInt
	}
	return len(text) - len(strings.TrimLeft(text, " "))
}

func (l line) isElement() bool { return strings.HasPrefix(strings.TrimLeft(l.head+l.text, " "), "- ") }

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
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		return d, fmt.Errorf("read an object: %w", err)
	}
	d.name = object.Kind + " " + object.Metadata.Name
	d.file = fileOf(object)
	d.lines = append(lines{{text: "---", source: "---"}}, readLines(text)...)
	for i, l := range d.lines {
		d.lines[i].pieces = []piece{{literal: l.text}}
	}
	return d, nil
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

// A line is an indent, dashes of elements, a key, and a scalar.
var lineOfYAML = regexp.MustCompile(`^( *)((?:- )*)(?:("[^"]*"|[^\s"'{\[:][^:]*):(?: |$))?(.*)$`)

func readLines(text string) lines {
	var all lines
	type parent struct {
		indent int
		path   string
	}
	parents, block := []parent{{-1, ""}}, math.MaxInt // Rows further in than that are text of a block.
	for _, row := range strings.Split(text, "\n") {
		l := line{text: row, source: row}
		if l.indent() > block {
			l.path = parents[len(parents)-1].path
			all = append(all, l)
			continue
		}
		block = math.MaxInt
		parts := lineOfYAML.FindStringSubmatch(row)
		indent, dashes, key, scalar := len(parts[1]), len(parts[2]), parts[3], parts[4]
		for parents[len(parents)-1].indent >= indent {
			parents = parents[:len(parents)-1]
		}
		l.path = parents[len(parents)-1].path
		if dashes > 0 {
			l.path += "[]"
			parents = append(parents, parent{indent, l.path})
		}
		if key != "" {
			l.path += "." + strings.Trim(key, `"`)
			parents = append(parents, parent{indent + dashes, l.path})
		}
		if strings.HasPrefix(scalar, "|") {
			block = parents[len(parents)-1].indent
		} else {
			l.readScalar(scalar)
		}
		all = append(all, l)
	}
	return all
}

// readScalar takes text and numbers off the line. Another scalar, and what is none by itself, is text of the line.
func (l *line) readScalar(source string) {
	var value any
	if err := yaml.Unmarshal([]byte(source), &value); err != nil {
		return
	}
	switch value := value.(type) {
	case string:
		l.scalar, l.text = quoted, value
	case int, float64:
		l.scalar, l.text = number, source
	default:
		return
	}
	l.head = strings.TrimSuffix(l.source, source)
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
