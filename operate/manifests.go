package operate

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"

	"github.com/ai-platform/manifests/internal/objectfile"
)

// load reads the objects of an environment in the order in which kubectl applies them, and reports every file that it cannot read.
func (e Environment) load() ([]unstructured.Unstructured, error) {
	entries, err := os.ReadDir(e.Directory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the manifests of %s: %w: synthesize them, and run the command in the repository's root", e.Name, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read the manifests of %s: %w", e.Name, err)
	}
	files := map[string][]byte{}
	var errs []error
	for _, entry := range entries {
		if entry.IsDir() || !objectfile.IsRead(entry.Name()) {
			continue
		}
		file := filepath.Join(e.Directory, entry.Name())
		content, err := os.ReadFile(file)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		files[file] = content
	}
	all, err := parse(files)
	errs = append(errs, err)
	if len(all) == 0 && errors.Join(errs...) == nil {
		errs = append(errs, fmt.Errorf("no manifests in %s: synthesize them first", e.Directory))
	}
	return all, errors.Join(errs...)
}

// parse reads the objects of files, by name.
func parse(files map[string][]byte) ([]unstructured.Unstructured, error) {
	var all []unstructured.Unstructured
	var errs []error
	for _, file := range slices.Sorted(maps.Keys(files)) {
		objects, err := objectfile.Read(files[file])
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
		}
		for _, object := range objects {
			fields, err := canonical(object)
			errs = append(errs, err)
			all = append(all, unstructured.Unstructured{Object: fields})
		}
	}
	return all, errors.Join(errs...)
}

// canonical has the types that an object has that was read from the API server: whole numbers are int64.
func canonical(object map[string]any) (map[string]any, error) {
	encoded, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	return fields, json.Unmarshal(encoded, &fields)
}
