package chart

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kyaml "sigs.k8s.io/yaml"
)

// document is an object as YAML: lines, of which the first separates it from the document before.
type document struct {
	name string // Its kind and name, with the defaults in place of the probes.
	file string // The template that it goes into.
	pod  corev1.PodSpec
	lines
}

type lines []line

// line is a line of a document. It ends with a quoted scalar, or it is only text: part of a text of several lines, for instance.
type line struct {
	source   string // As the document has it.
	document string // Its name.
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

func (l line) isElement() bool { return strings.HasPrefix(strings.TrimLeft(l.source, " "), "- ") }

// written are the lines with some settings, in a form in which they are compared.
func (l lines) written(settings Settings) []string {
	all := make([]string, len(l))
	for i := range l {
		all[i] = l[i].document + strconv.FormatBool(l[i].quoted) + l[i].head + mark + join(l[i].pieces, settings)
	}
	return all
}

// where are the lines for which something is so.
func (l lines) where(is func(line) bool) lines {
	return slices.DeleteFunc(slices.Clone(l), func(one line) bool { return !is(one) })
}

// readDocument reads YAML in which a text of several lines is a literal block, and any other scalar is on one line.
func readDocument(text string) (document, error) {
	d := document{}
	for _, row := range strings.Split(separator+"\n"+text, "\n") {
		d.lines = append(d.lines, line{source: row, pieces: []piece{{text: row}}})
	}
	var root yaml.Node
	var object struct {
		metav1.PartialObjectMetadata
		Spec struct{ Template corev1.PodTemplateSpec }
	}
	if err := errors.Join(yaml.Unmarshal([]byte(text), &root), kyaml.Unmarshal([]byte(text), &object)); err != nil {
		return d, fmt.Errorf("read an object: %w", err)
	}
	d.read(&root, "")
	d.name, d.pod = object.Kind+" "+object.Name, object.Spec.Template.Spec
	// ConfigMaps have files of their own because digests read them, and Deployments because people look for them.
	d.file = strings.ToLower(object.Kind) + ".yaml"
	switch object.Kind {
	case "ConfigMap":
		d.file = strings.TrimPrefix(object.Name, object.Labels["app"]+"-") + "-" + d.file
	case "Deployment":
		d.file = object.Labels["component"] + "-" + d.file
	}
	return d, nil
}

// read finds paths and texts. Other scalars remain text of their lines.
func (l lines) read(node *yaml.Node, path string) {
	for i, inner := range node.Content {
		switch {
		case node.Kind == yaml.SequenceNode:
			l[inner.Line].path = path + "[]"
			l.read(inner, path+"[]")
		case node.Kind == yaml.DocumentNode:
			l.read(inner, path)
		case i%2 == 0: // A key.
			l[inner.Line].path = path + "." + inner.Value
		default:
			l.read(inner, path+"."+node.Content[i-1].Value)
		}
	}
	if node.Kind == yaml.ScalarNode && node.Tag == "!!str" && node.Style&yaml.LiteralStyle == 0 {
		at := &l[node.Line]
		at.quoted, at.head, at.pieces = true, string([]rune(at.source)[:node.Column-1]), []piece{{text: node.Value}}
	}
}

// checksumAnnotation is the one of a pod template by which the constructs replace pods when their files change.
const checksumAnnotation = "checksum/files"

// takeApart returns the lines in the pieces that the probes make of them, and with an expression in place of the digest of the files that a
// workload mounts: in the chart they depend on the values.
func (d document) takeApart(by *probes, all []document) lines {
	apart := slices.Clone(d.lines)
	for i := range apart {
		l := &apart[i]
		l.document, l.pieces = d.name, by.split(join(l.pieces, nil))
		if l.path == "" && i > 0 { // Part of a text of several lines.
			l.path = apart[i-1].path
		}
		if strings.HasSuffix(l.path, ".annotations."+checksumAnnotation) {
			digest := fmt.Sprintf(`{{ include "%schecksum" (list $%s) }}`, helperPrefix, d.mountedFiles(all))
			l.quoted, l.head, l.pieces = false, "", []piece{{text: l.head}, {text: digest, action: digest}}
		}
	}
	return by.putTrees(apart)
}

// mountedFiles are the files that are mounted one by one: the path of each, the template of its ConfigMap, and its key there.
func (d document) mountedFiles(all []document) string {
	templates := map[string]string{} // By the names of the volumes.
	for _, volume := range d.pod.Volumes {
		for _, other := range all {
			if volume.ConfigMap != nil && other.name == "ConfigMap "+volume.ConfigMap.Name {
				templates[volume.Name] = other.file
			}
		}
	}
	var files []string
	for _, container := range d.pod.Containers {
		for _, mount := range container.VolumeMounts {
			if template := templates[mount.Name]; template != "" && mount.SubPath != "" {
				files = append(files, fmt.Sprintf(" %q %q %q", mount.MountPath, template, mount.SubPath))
			}
		}
	}
	slices.Sort(files)
	return strings.Join(slices.Compact(files), "")
}
