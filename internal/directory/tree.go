package directory

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// ReplaceTree is Replace for files whose names may lead into directories of the target: "templates/service.yaml". owned is
// called with such names and the content of the file. Directories come and go with the files in them.
func ReplaceTree(target string, files map[string][]byte, owned func(name string, content []byte) bool) error {
	return replace(target, content{files: files, stage: stageTree, foreign: func(target string) ([]string, error) {
		return foreignInTree(target, owned)
	}})
}

func foreignInTree(target string, owned func(string, []byte) bool) ([]string, error) {
	var foreign []string
	tree := os.DirFS(target)
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		var content []byte
		if entry.Type().IsRegular() {
			content, err = fs.ReadFile(tree, name)
		}
		if !entry.Type().IsRegular() || !isUnfinished(name) && !owned(name, content) {
			foreign = append(foreign, name)
		}
		return err
	})
	return foreign, err
}

func stageTree(target string, files map[string][]byte) (staging, error) {
	return newStaging(target, func(s staging) error { return s.writeTree(files) })
}

func (s staging) writeTree(files map[string][]byte) error {
	for name := range files {
		if err := os.MkdirAll(filepath.Join(s.folder(), filepath.FromSlash(path.Dir(name))), 0o777); err != nil {
			return err
		}
	}
	return s.writeFiles(files)
}
