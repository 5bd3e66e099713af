package chart

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// checksumAnnotation is that of a pod template by which the constructs replace pods when their files change.
const checksumAnnotation = "checksum/files"

// file is the text of a file of a ConfigMap, which a named template holds: its digest is asked for elsewhere.
type file struct{ name, text string }

// digest stands for the digest of files. It is a node too: the files depend on values.
type digest struct{ paths, names []string }

// nameFiles finds the files whose digest is on a pod template, and puts a digest in its place that is worked out from them anew:
// in the chart they depend on the values.
func nameFiles(objects []Object) error {
	for _, o := range objects {
		annotations, _ := at(o, "spec", "template", "metadata", "annotations").(Object)
		sum, has := annotations[checksumAnnotation]
		if !has {
			continue
		}
		made, worked, err := digestOf(objects, o)
		if err != nil {
			return fmt.Errorf("%s: %w", nameOf(o), err)
		}
		if worked != sum {
			return fmt.Errorf("%s: the annotation %s is not the digest of its files", nameOf(o), checksumAnnotation)
		}
		annotations[checksumAnnotation] = made
	}
	return nil
}

// ordinaryText is what a named template gives as it is, but for the line break at the end.
var ordinaryText = regexp.MustCompile(`^\S(?s:.*\S)?\n$`)

// digestOf works out the digest as the constructs do, of all files that are mounted by themselves.
func digestOf(objects []Object, workload Object) (made digest, sum string, err error) {
	mounted := map[string]fileKey{}
	for volume, configMap := range configMapVolumes(workload) {
		for path, key := range mountedFiles(workload, volume) {
			mounted[path] = fileKey{configMap, key}
		}
	}
	var all strings.Builder
	for _, path := range slices.Sorted(maps.Keys(mounted)) {
		text, name := mounted[path].take(objects)
		if !ordinaryText.MatchString(text) || !carried(text) {
			return made, "", fmt.Errorf("%s begins with white space, does not end with one line break, or has control characters: a named template cannot hold it", path)
		}
		fmt.Fprintf(&all, "%d %s %d %s", len(path), path, len(text), text)
		made.paths, made.names = append(made.paths, path), append(made.names, name)
	}
	digested := sha256.Sum256([]byte(all.String()))
	return made, hex.EncodeToString(digested[:]), nil
}

type fileKey struct{ configMap, key string }

// take returns the text, and leaves a file in its place.
func (f fileKey) take(objects []Object) (text, name string) {
	name = helperPrefix + "file." + f.configMap + "." + f.key
	for _, o := range objects {
		data, _ := o["data"].(Object)
		if o["kind"] != "ConfigMap" || at(o, "metadata", "name") != f.configMap {
			continue
		}
		switch content := data[f.key].(type) {
		case string:
			data[f.key] = file{name, content}
			return content, name
		case file:
			return content.text, name
		}
	}
	return "", name
}

// configMapVolumes are the names of a pod's ConfigMaps, by volume.
func configMapVolumes(workload Object) map[string]string {
	names := map[string]string{}
	for _, volume := range list(at(workload, "spec", "template", "spec", "volumes")) {
		if name, is := at(volume, "configMap", "name").(string); is {
			names[at(volume, "name").(string)] = name
		}
	}
	return names
}

// mountedFiles are the keys of the files of a volume that are mounted by themselves, by path.
func mountedFiles(workload Object, volume string) map[string]string {
	keys := map[string]string{}
	for _, container := range list(at(workload, "spec", "template", "spec", "containers")) {
		for _, mount := range list(at(container, "volumeMounts")) {
			if key, is := at(mount, "subPath").(string); is && at(mount, "name") == volume {
				keys[at(mount, "mountPath").(string)] = key
			}
		}
	}
	return keys
}

// at walks down an object, and gives nil where it ends.
func at(value any, path ...string) any {
	for _, key := range path {
		fields, _ := value.(Object)
		value = fields[key]
	}
	return value
}

func list(value any) []any {
	elements, _ := value.([]any)
	return elements
}
