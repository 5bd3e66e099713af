package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"github.com/ai-platform/manifests/internal/check"
)

// FileConfigMap is the object that holds the files of a component by path, if there are any.
func FileConfigMap(c Component, files map[string]string) *Object {
	if len(files) == 0 {
		return nil
	}
	data := make(map[string]string, len(files))
	for file, key := range check.FileKeys(files) {
		data[key] = files[file]
	}
	return &Object{ID: "config-map", APIVersion: "v1", Kind: "ConfigMap", Name: c.Suffixed("files"), Fields: map[string]any{"data": data}}
}

// ChecksumAnnotation is on the pod template and changes with the files: Kubernetes replaces pods when their template changes,
// not when a ConfigMap does.
const ChecksumAnnotation = "checksum/files"

// FileChecksum are the annotations of the pods that mount the files.
func FileChecksum(files map[string]string) map[string]string {
	if len(files) == 0 {
		return nil
	}
	var all []byte
	for _, file := range slices.Sorted(maps.Keys(files)) {
		// The lengths keep two different sets of files apart whose concatenation is the same.
		all = fmt.Appendf(all, "%d %s %d %s", len(file), file, len(files[file]), files[file])
	}
	sum := sha256.Sum256(all)
	return map[string]string{ChecksumAnnotation: hex.EncodeToString(sum[:])}
}
