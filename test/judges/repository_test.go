package judges

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/test/yamldoc"
)

// repository is the root of the repository, seen from this package's folder, which go test makes the working directory.
const repository = "../.."

// library is the folder below which the library has its golden files, and no other YAML.
const library = "constructs"

// goldens and monitoringGoldens are the folders of the golden files of each package.
const (
	goldens           = library + "/testdata"
	monitoringGoldens = library + "/monitoring/testdata"
)

// notManifests is the folder that holds YAML no API server takes as it is: templates of a chart.
const notManifests = "deploy/helm"

// renderedFiles returns the files of every manifest the repository renders, as paths below root.
func renderedFiles(root fs.FS) ([]string, error) {
	var files []string
	for _, folder := range []string{"dist", "deploy", library} {
		found, err := yamlFiles(root, folder)
		if folder == "deploy" && errors.Is(err, fs.ErrNotExist) {
			continue // dist/ alone is a whole delivery
		}
		if err != nil {
			return nil, err
		}
		if len(found) == 0 && folder != "deploy" {
			return nil, fmt.Errorf("%s holds no YAML file to judge", folder)
		}
		files = append(files, found...)
	}
	return files, nil
}

func yamlFiles(root fs.FS, folder string) ([]string, error) {
	var files []string
	err := fs.WalkDir(root, folder, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == notManifests:
			return fs.SkipDir
		case !entry.IsDir() && slices.Contains([]string{".yaml", ".yml"}, path.Ext(name)):
			files = append(files, name)
		}
		return nil
	})
	return files, err
}

// documents returns the YAML documents of a file.
func documents(root fs.FS, name string) ([][]byte, error) {
	content, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	found, err := yamldoc.Split(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return found, nil
}

func TestRenderedFiles(t *testing.T) {
	file := &fstest.MapFile{}

	files, err := renderedFiles(fstest.MapFS{
		"README.md":                          file,
		"apps/values.yaml":                   file,
		"constructs/testdata/README.md":      file,
		"constructs/testdata/redis/full.yml": file,
		"constructs/testdata/web.yaml":       file,
		"deploy/argocd/application.yaml":     file,
		"deploy/helm/app/Chart.yaml":         file,
		"deploy/staging/10-web.k8s.yaml":     file,
		"dist/00-namespace.k8s.yaml":         file,
	})
	require.NoError(t, err)
	require.Equal(t, []string{
		"dist/00-namespace.k8s.yaml",
		"deploy/argocd/application.yaml",
		"deploy/staging/10-web.k8s.yaml",
		"constructs/testdata/redis/full.yml",
		"constructs/testdata/web.yaml",
	}, files)
}

func TestRenderedFilesNeedSomethingToJudge(t *testing.T) {
	file := &fstest.MapFile{}

	_, err := renderedFiles(fstest.MapFS{"dist/web.yaml": file, "constructs/testdata/web.yaml": file})
	require.NoError(t, err, "deploy/ is optional")

	_, err = renderedFiles(fstest.MapFS{"constructs/testdata/web.yaml": file})
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = renderedFiles(fstest.MapFS{"dist/web.yaml": file})
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = renderedFiles(fstest.MapFS{"dist/README.md": file, "constructs/testdata/web.yaml": file})
	require.EqualError(t, err, "dist holds no YAML file to judge")
}
