package chart

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
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
	expression // The result of an expression: the text, or the one of the value.
	merged     // Elements of a map, if there are any.
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

// newDocument reads YAML in which a text of several lines is written as it is, and any other scalar on one line.
func newDocument(text string) (document, error) {
	d := document{text: text}
	var object metav1.PartialObjectMetadata
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		return d, fmt.Errorf("read an object: %w", err)
	}
	d.name = object.Kind + " " + object.Name
	// A file for each ConfigMap, since digests are of them, and for each Deployment, since people look for them.
	d.file = strings.ToLower(object.Kind) + ".yaml"
	switch object.Kind {
	case "ConfigMap":
		d.file = strings.TrimPrefix(object.Name, object.Labels["app"]+"-") + "-" + d.file
	case "Deployment":
		d.file = object.Labels["component"] + "-" + d.file
	}
	d.lines = append(lines{{text: "---", source: "---"}}, readLines(text)...)
	for i, l := range d.lines {
		d.lines[i].pieces = []piece{{literal: l.text}}
	}
	return d, nil
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

// takenApart has the lines in the pieces that the probes make of them, and instead of the digest of the files that a workload mounts an
// expression: in the chart they depend on the values.
func (d document) takenApart(by *probes, all []document) (document, error) {
	d.lines = by.putTrees(d.lines)
	for i := range d.lines {
		l := &d.lines[i]
		if l.scalar == expression || l.scalar == merged {
			continue
		}
		l.pieces = by.split(l.text)
		if !strings.HasSuffix(l.path, ".annotations."+checksumAnnotation) {
			continue
		}
		files, err := d.mountedFiles(all)
		if err != nil {
			return d, fmt.Errorf("read %s: %w", d.name, err)
		}
		l.scalar, l.text = expression, fmt.Sprintf(`include "%schecksum" (list $%s)`, helperPrefix, files)
		l.pieces = []piece{{literal: l.text}}
	}
	return d, nil
}

// checksumAnnotation is that of a pod template by which the constructs replace pods when their files change.
const checksumAnnotation = "checksum/files"

// mountedFiles are the files that are mounted by themselves, each with its path, the template of its ConfigMap and its key there.
func (d document) mountedFiles(all []document) (string, error) {
	var workload appsv1.Deployment
	if err := yaml.Unmarshal([]byte(d.text), &workload); err != nil {
		return "", err
	}
	templates := map[string]string{} // By the names of the volumes.
	for _, volume := range workload.Spec.Template.Spec.Volumes {
		for _, other := range all {
			if volume.ConfigMap != nil && other.name == "ConfigMap "+volume.ConfigMap.Name {
				templates[volume.Name] = other.file
			}
		}
	}
	files := map[string]string{} // By their paths.
	for _, container := range workload.Spec.Template.Spec.Containers {
		for _, mount := range container.VolumeMounts {
			if template := templates[mount.Name]; template != "" && mount.SubPath != "" {
				files[mount.MountPath] = fmt.Sprintf(" %q %q %q", mount.MountPath, template, mount.SubPath)
			}
		}
	}
	var arguments string
	for _, path := range slices.Sorted(maps.Keys(files)) {
		arguments += files[path]
	}
	return arguments, nil
}
