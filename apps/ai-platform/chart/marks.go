package chart

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/internal/chart"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Some parts of objects depend on many values at once: what an Ingress, its policies and the probe of its host say, on the controller, TLS,
// the redirect, the sources and the families. To render every combination would take hundreds of renderings. So helpers write these parts, and
// the generator sees a mark in place of each. The digests of files that pods mount are such parts too: they depend on all values in the files.

// helperKey begins the key of a field that is there, while the chart is generated, in place of a part that a helper writes. The name of
// the helper follows.
const helperKey = "helper-"

// byHelpers makes a setting one that only the helpers show.
func byHelpers(s setting) setting {
	s.byHelpers, s.choice = true, nil
	s.Tree, s.NoChoice = false, true
	if s.probe == nil {
		s.probe = func(number int) any { return fmt.Sprintf("probe-%d-flag", number) }
	}
	if kind := reflect.ValueOf(s.Default).Kind(); kind == reflect.Map || kind == reflect.Slice {
		s.Forms = []chart.Form{{Template: "toJson %s | sha256sum", Write: func(value any) string {
			encoded, err := json.Marshal(value)
			if err != nil {
				panic(fmt.Errorf("encode a value of JSON: %w", err))
			}
			return fmt.Sprintf("%x", sha256.Sum256(encoded))
		}}}
	}
	return s
}

// renderMarked is renderWith with fields in place of the parts that helpers write. They name the values that the helpers show, so that
// the generator finds each value somewhere.
func renderMarked(all []setting, values chart.Settings) ([]string, error) {
	rendered, shown := maps.Clone(values), []string{}
	for _, s := range all {
		if !s.byHelpers {
			continue
		}
		text := fmt.Sprint(values[s.Path])
		if s.Forms != nil {
			text = s.Forms[0].Write(values[s.Path])
		}
		shown = append(shown, text)
		if reflect.DeepEqual(values[s.Path], s.Probe) {
			rendered[s.Path] = s.Default
		}
	}
	documents, err := renderWith(all, rendered)
	if err != nil {
		return nil, err
	}
	for i, text := range documents {
		if documents[i], err = markChecksum(marked(text, strconv.Quote(strings.Join(shown, " ")))); err != nil {
			return nil, err
		}
	}
	return documents, nil
}

// marked puts fields into a document in place of what helpers write.
func marked(text, values string) string {
	rows := strings.Split(text, "\n")
	kind, name := fieldOf(rows, "kind: "), fieldOf(rows, "  name: ")
	switch kind + " " + name {
	case "Ingress " + platform.AppName + "-ingress":
		rows = markField(rows, "  annotations:", "ingressAnnotations", values)
		rows = markField(rows, "  ingressClassName:", "ingressClass", values)
		rows = markField(rows, "      secretName:", "ingressSecret", values)
	case "Deployment " + platform.AppName + "-frontend", "Deployment " + platform.AppName + "-backend":
		// Fields of the container, of which the first one would begin with the dash of the list.
		image := slices.IndexFunc(rows, func(row string) bool { return strings.HasPrefix(row, "          image:") })
		tier := strings.TrimPrefix(name, platform.AppName+"-")
		rows = slices.Insert(slices.Clone(rows), image, "          "+helperKey+tier+"Program: "+values)
	case "NetworkPolicy " + platform.AppName + "-frontend-from-ingress", "NetworkPolicy " + platform.AppName + "-ingress-acme-solver":
		rows = markBelow(rows, "    - from:", "", "ingressPeers", values)
	case "NetworkPolicy " + platform.AppName + "-blackbox-exporter":
		// Behind the rules for DNS and for the frontend.
		rows = markBelow(rows, "  egress:", "              component: frontend", "publicProbeRules", values)
	case "ConfigMap " + platform.AppName + "-blackbox-exporter-files":
		// Behind the module for Services, which is there always.
		last := slices.IndexFunc(rows, func(row string) bool { return strings.HasPrefix(row, "          body_size_limit:") })
		rows = append(slices.Clone(rows[:last+1]), "      "+helperKey+"publicModule: "+values)
	case "ConfigMap " + platform.AppName + "-prometheus-files":
		if at := slices.Index(rows, "              probe: public"); at > 0 {
			rows[at-1] = "              " + helperKey + "publicModuleLabel: " + values
		}
	}
	return strings.Join(rows, "\n")
}

// fieldOf is the text of the first field of a name, and of an indentation: that of an object's own metadata comes before those of others.
func fieldOf(rows []string, key string) string {
	for _, row := range rows {
		if text, is := strings.CutPrefix(row, key); is {
			return text
		}
	}
	return ""
}

// markField replaces a field.
func markField(rows []string, key, helper, values string) []string {
	start := slices.IndexFunc(rows, func(row string) bool { return strings.HasPrefix(row, key) })
	if start < 0 {
		return rows
	}
	return slices.Replace(slices.Clone(rows), start, endOf(rows, start), key[:column(key)]+helperKey+helper+": "+values)
}

// markBelow replaces what a field contains, or what it contains behind a row.
func markBelow(rows []string, key, behind, helper, values string) []string {
	start := slices.Index(rows, key)
	if start < 0 {
		return rows
	}
	first, end := rows[start+1], endOf(rows, start)
	if behind != "" {
		start += slices.Index(rows[start:end], behind)
	}
	if start+1 == end {
		return rows
	}
	return slices.Replace(slices.Clone(rows), start+1, end, first[:column(first)]+helperKey+helper+": "+values)
}

// endOf is behind the last row of a field.
func endOf(rows []string, start int) int {
	end := start + 1
	for end < len(rows) && column(rows[end]) > column(rows[start]) {
		end++
	}
	return end
}

// column is where the key of a row begins.
func column(row string) int { return len(row) - len(strings.TrimLeft(row, " -")) }

// checksumRow is an annotation of pods: the digest of their files, which replaces them when a file changes.
const checksumRow = "        " + manifest.ChecksumAnnotation + ": "

// markChecksum puts the arguments of the helper checksum in place of a digest, for the marks are in the files too.
func markChecksum(text string) (string, error) {
	before, rest, is := strings.Cut(text, checksumRow)
	if !is {
		return text, nil
	}
	var workload appsv1.Deployment
	if err := yaml.Unmarshal([]byte(text), &workload); err != nil {
		return "", fmt.Errorf("read own YAML: %w", err)
	}
	_, after, _ := strings.Cut(rest, "\n")
	return before + checksumRow + helperKey + "checksum" + mountedFiles(workload.Spec.Template.Spec) + "\n" + after, nil
}

// mountedFiles are the files of ConfigMaps that are mounted one by one: the path of each, the template of its ConfigMap, and its key there.
func mountedFiles(pod corev1.PodSpec) string {
	templates := map[string]string{} // By the names of the volumes.
	for _, volume := range pod.Volumes {
		if volume.ConfigMap != nil {
			templates[volume.Name] = strings.TrimPrefix(volume.ConfigMap.Name, platform.AppName+"-") + "-configmap.yaml"
		}
	}
	var files []string
	for _, container := range pod.Containers {
		for _, mount := range container.VolumeMounts {
			if template := templates[mount.Name]; template != "" && mount.SubPath != "" {
				files = append(files, fmt.Sprintf(" %q %q %q", mount.MountPath, template, mount.SubPath))
			}
		}
	}
	slices.Sort(files)
	return strings.Join(slices.Compact(files), "")
}

var (
	markedRow      = regexp.MustCompile(`(?m)^( *)(?:- )?` + helperKey + `(\w+): .*$`)
	markedChecksum = regexp.MustCompile(`(?m)^(` + checksumRow + `)` + helperKey + `checksum(.*)$`)
)

// withHelpers has templates call the helpers.
func withHelpers(files map[string][]byte) {
	for name, content := range files {
		content = markedChecksum.ReplaceAll(content, []byte(`${1}{{ include "`+platform.AppName+`.checksum" (list $$${2}) }}`))
		files[name] = markedRow.ReplaceAllFunc(content, func(row []byte) []byte {
			parts := markedRow.FindSubmatch(row)
			return fmt.Appendf(nil, `%s{{- with include "%s.%s" $ }}{{ . | nindent %d }}{{ end }}`, parts[1], platform.AppName, parts[2], len(parts[1]))
		})
	}
}
