package check

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// maxConfigMap is what the API server accepts as a ConfigMap's data, in bytes.
const maxConfigMap = 1024 * 1024

// FileKeys gives each path its key in a ConfigMap: the file's name, or the whole path where two files have one name.
func FileKeys(files map[string]string) map[string]string {
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

// Files checks files by path, which one ConfigMap is to hold.
func Files(at *field.Path, files map[string]string) field.ErrorList {
	var errs field.ErrorList
	size := 0
	keys, taken := FileKeys(files), map[string]string{}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		key, prop := keys[file], At(at, file)
		problems := MountPath(prop, file)
		if len(problems) == 0 {
			problems = fileKey(prop, file, key)
		}
		errs = append(errs, problems...)
		errs = append(errs, File(prop, files[file])...)
		if other, exists := taken[key]; exists {
			errs = append(errs, field.Invalid(prop, file, fmt.Sprintf("has the same ConfigMap key as %q, %q: rename one of them", other, key)))
		}
		taken[key] = file
		size += len(key) + len(files[file])
	}
	if size > maxConfigMap {
		errs = append(errs, field.TooLong(at, "", maxConfigMap))
	}
	return errs
}

// File checks the content of a file. It is too long already if it leaves the key no room.
func File(path *field.Path, content string) field.ErrorList {
	if len(content) > maxConfigMap-validation.DNS1123SubdomainMaxLength {
		return field.ErrorList{field.TooLong(path, "", maxConfigMap-validation.DNS1123SubdomainMaxLength)}
	}
	return Text(path, content)
}

func fileKey(prop *field.Path, file, key string) field.ErrorList {
	if key == prototypeKey {
		return field.ErrorList{field.Invalid(prop, file, "reserved as a ConfigMap key by JavaScript, in which cdk8s runs: rename the file")}
	}
	return Invalid(prop, file, validation.IsConfigMapKey(key))
}
