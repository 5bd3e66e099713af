package constructs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// maxConfigMap is what the API server accepts as a ConfigMap's data, in bytes.
const maxConfigMap = 1024 * 1024

// checksumAnnotation, on the pod template, changes with the files: Kubernetes replaces pods when their template changes,
// not when a ConfigMap does.
const checksumAnnotation = "checksum/files"

// fileKey is the ConfigMap's key for a file: its path with underscores.
func fileKey(path string) string {
	return strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "_")
}

// fileData is the ConfigMap's data for files by path.
func fileData(files map[string]string) map[string]string {
	data := make(map[string]string, len(files))
	for path, content := range files {
		data[fileKey(path)] = content
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
	hash := sha256.New()
	for _, path := range sortedKeys(files) {
		// The lengths keep two different sets of files apart whose concatenation is the same.
		fmt.Fprintf(hash, "%d %s %d %s", len(path), path, len(files[path]), files[path])
	}
	return map[string]string{checksumAnnotation: hex.EncodeToString(hash.Sum(nil))}
}

func checkFiles(at *field.Path, files map[string]string) field.ErrorList {
	var errs field.ErrorList
	size := 0
	keys := map[string]string{}
	for _, path := range sortedKeys(files) {
		key, prop := fileKey(path), at.Key(path)
		problems := checkMountPath(prop, path)
		if len(problems) == 0 {
			problems = checkFileKey(prop, path, key)
		}
		errs = append(errs, problems...)
		errs = append(errs, checkText(prop, files[path])...)
		if other, taken := keys[key]; taken {
			errs = append(errs, field.Invalid(prop, path, fmt.Sprintf("has the ConfigMap key %q, as %s has", key, other)))
		}
		keys[key] = path
		size += len(key) + len(files[path])
	}
	if size > maxConfigMap {
		errs = append(errs, field.TooLong(at, "", maxConfigMap))
	}
	return errs
}

func checkFileKey(prop *field.Path, path, key string) field.ErrorList {
	if key == "__proto__" {
		return field.ErrorList{field.Invalid(prop, path, "has a ConfigMap key that JavaScript, and so cdk8s, loses")}
	}
	return invalid(prop, path, validation.IsConfigMapKey(key))
}
