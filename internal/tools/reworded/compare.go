package main

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// comparison is what differs.
type comparison struct {
	words  int
	others []string
}

// wordPaths are where words stand, in what objects and the files in them say.
var wordPaths = regexp.MustCompile(
	`(\.panels\[\d+\]\.(title|description)` +
		`|\.rules\[\d+\]\.annotations\.(summary|description)` +
		`|values\.schema\.json(\.\S+)?\.description` +
		`|Chart\.yaml\.description)$`)

// legendPath is that of a legend, which is words unless it names labels.
var legendPath = regexp.MustCompile(`\.targets\[\d+\]\.legendFormat$`)

// checksumPath is that of a hash of files, which follows them.
var checksumPath = regexp.MustCompile(`\.annotations\.\S*checksum\S*$`)

// wordsInTemplates are where words stand in a template, which is no YAML.
var wordsInTemplates = regexp.MustCompile(`("(?:title|description)": )"(?:[^"\\]|\\.)*"|("legendFormat": )"[^"\\{}]*"|(?m)^(\s*(?:summary|description): ).*$`)

// templateComments are those of templates, and of the YAML that they make.
var templateComments = regexp.MustCompile(`(?s)\{\{-? *(/\*.*?\*/) *-?\}\}|(?m)^\s*#.*$`)

func (c *comparison) file(name string, before, after []byte) {
	switch {
	case before == nil || after == nil:
		c.others = append(c.others, name+": there is one of the two only")
	case path.Base(path.Dir(name)) == "templates":
		c.template(name, string(before), string(after))
	default:
		c.text(name, string(before), string(after))
	}
}

// template masks words, since a template cannot be parsed before it has values.
func (c *comparison) template(name, before, after string) {
	mask := func(text string) string {
		return wordsInTemplates.ReplaceAllString(templateComments.ReplaceAllString(text, ""), "$1$2$3")
	}
	switch {
	case mask(before) != mask(after):
		c.others = append(c.others, name+": differs in more than words")
	case before != after:
		c.words++
	}
}

// text compares what texts say if both are documents of YAML or JSON, and the texts themselves otherwise.
func (c *comparison) text(at, before, after string) {
	if before == after {
		return
	}
	former, isDocument := parse(before)
	latter, areDocuments := parse(after)
	// A sentence with a colon could be an object.
	if isDocument && areDocuments && !wordPaths.MatchString(at) {
		c.value(at, former, latter)
		return
	}
	c.differ(at, before, after)
}

// parse reads lists and objects: a scalar is a text like any other.
func parse(text string) (documents any, ok bool) {
	var all []any
	for document := range strings.SplitSeq("\n"+text, "\n---\n") {
		var value any
		if err := yaml.Unmarshal([]byte(document), &value); err != nil {
			return nil, false
		}
		switch value.(type) {
		case map[string]any, []any:
			all = append(all, value)
		case nil: // Nothing but comments.
		default:
			return nil, false
		}
	}
	if len(all) == 1 {
		return all[0], true
	}
	return all, true
}

func (c *comparison) value(at string, before, after any) {
	switch before := before.(type) {
	case map[string]any:
		if after, ok := after.(map[string]any); ok {
			c.object(at, before, after)
			return
		}
	case []any:
		if after, ok := after.([]any); ok && len(before) == len(after) {
			for i := range before {
				c.value(fmt.Sprintf("%s[%d]", at, i), before[i], after[i])
			}
			return
		}
	case string:
		if after, ok := after.(string); ok {
			c.text(at, before, after)
			return
		}
	}
	if fmt.Sprintf("%#v", before) != fmt.Sprintf("%#v", after) {
		c.differ(at, before, after)
	}
}

func (c *comparison) object(at string, before, after map[string]any) {
	keys := maps.Clone(before)
	maps.Copy(keys, after)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		c.value(at+"."+key, before[key], after[key])
	}
}

func (c *comparison) differ(at string, before, after any) {
	switch {
	case wordPaths.MatchString(at), legendPath.MatchString(at) && !namesLabels(before) && !namesLabels(after):
		c.words++
	case checksumPath.MatchString(at):
	default:
		c.others = append(c.others, fmt.Sprintf("%s: %s -> %s", at, shown(before), shown(after)))
	}
}

// namesLabels says whether a legend is more than words.
func namesLabels(legend any) bool {
	text, isText := legend.(string)
	return !isText || strings.Contains(text, "{{")
}

// shown is a value in one line that is not too long.
func shown(value any) string {
	const most = 120
	text := fmt.Sprintf("%#v", value)
	if len(text) > most {
		text = text[:most] + "…"
	}
	return text
}
