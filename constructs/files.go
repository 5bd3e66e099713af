package constructs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// maxConfigMap is what the API server accepts as a ConfigMap's data, in bytes.
const maxConfigMap = 1024 * 1024

// checksumAnnotation, on the pod template, changes with the files: Kubernetes replaces pods when their template changes,
// not when a ConfigMap does.
const checksumAnnotation = "checksum/files"

// fileKeys gives each path its key in the ConfigMap: the file's name, or the whole path where two files have one name.
func fileKeys(files map[string]string) map[string]string {
	count := map[string]int{}
	for file := range files {
		count[path.Base(file)]++
	}
	keys := make(map[string]string, len(files))
	for file := range files {
		keys[file] = path.Base(file)
		if count[keys[file]] > 1 {
			keys[file] = strings.ReplaceAll(strings.TrimPrefix(file, "/"), "/", "_")
		}
	}
	return keys
}

// fileData is the ConfigMap's data for files by path.
func fileData(files map[string]string) map[string]string {
	data := make(map[string]string, len(files))
	for file, key := range fileKeys(files) {
		data[key] = files[file]
	}
	return data
}

// configMap is the object that holds the files of a tier.
func (p place) configMap(files map[string]string) object {
	return object{
		id: "config-map", apiVersion: "v1", kind: "ConfigMap", name: p.suffixed("files"),
		fields: map[string]any{"data": fileData(files)},
	}
}

// fileAnnotations are those of the pods that mount the files.
func fileAnnotations(files map[string]string) map[string]string {
	if len(files) == 0 {
		return nil
	}
	var all []byte
	for _, file := range sortedKeys(files) {
		// The lengths keep two different sets of files apart whose concatenation is the same.
		all = fmt.Appendf(all, "%d %s %d %s", len(file), file, len(files[file]), files[file])
	}
	sum := sha256.Sum256(all)
	return map[string]string{checksumAnnotation: hex.EncodeToString(sum[:])}
}

func checkFiles(at *field.Path, files map[string]string) field.ErrorList {
	var errs field.ErrorList
	size := 0
	keys, taken := fileKeys(files), map[string]string{}
	for _, file := range sortedKeys(files) {
		key, prop := keys[file], keyed(at, file)
		problems := checkMountPath(prop, file)
		if len(problems) == 0 {
			problems = checkFileKey(prop, file, key)
		}
		errs = append(errs, problems...)
		errs = append(errs, checkFile(prop, files[file])...)
		if other, exists := taken[key]; exists {
			errs = append(errs, field.Invalid(prop, file, fmt.Sprintf("has the ConfigMap key %q, as %q has", key, other)))
		}
		taken[key] = file
		size += len(key) + len(files[file])
	}
	if size > maxConfigMap {
		errs = append(errs, field.TooLong(at, "", maxConfigMap))
	}
	return errs
}

// checkFile checks the content of a file. It is too long already if it leaves the key no room.
func checkFile(path *field.Path, content string) field.ErrorList {
	if len(content) > maxConfigMap-validation.DNS1123SubdomainMaxLength {
		return field.ErrorList{field.TooLong(path, "", maxConfigMap-validation.DNS1123SubdomainMaxLength)}
	}
	return checkText(path, content)
}

func checkFileKey(prop *field.Path, file, key string) field.ErrorList {
	if key == "__proto__" {
		return field.ErrorList{field.Invalid(prop, file, "has a ConfigMap key that JavaScript, and so cdk8s, loses")}
	}
	return invalid(prop, file, validation.IsConfigMapKey(key))
}
