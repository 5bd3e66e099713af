package operate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ai-platform/manifests/internal/objectfile"
)

// load reads the objects of an environment in the order in which kubectl applies them, and reports every file that it cannot read.
func (e Environment) load() ([]unstructured.Unstructured, error) {
	entries, err := os.ReadDir(e.Directory)
	if err != nil {
		return nil, fmt.Errorf("read the manifests of %s: %w", e.Name, err)
	}
	var all []unstructured.Unstructured
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
		objects, err := objectfile.Read(content)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
		}
		for _, object := range objects {
			all = append(all, unstructured.Unstructured{Object: object})
		}
	}
	if len(all) == 0 && len(errs) == 0 {
		errs = append(errs, fmt.Errorf("no manifests in %s: synthesize them first", e.Directory))
	}
	return all, errors.Join(errs...)
}
