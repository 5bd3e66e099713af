package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ai-platform/manifests/apps/ai-platform/chart"
	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/operate"
)

// outdirVariable is how the cdk8s CLI passes the output directory to a program.
const outdirVariable = "CDK8S_OUTDIR"

// projectFile is the cdk8s CLI's configuration, in the directory of dist/ and deploy/.
const projectFile = "cdk8s.yaml"

func synthCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "synth",
		Short: "Write the manifests of all environments, the chart and Argo CD's objects",
		Long:  "Write production to dist/, and the other environments, the chart and Argo CD's objects to deploy/.",
		Args:  noArguments,
		RunE:  func(c *cobra.Command, _ []string) error { return report(c.ErrOrStderr(), synthAll, "dist", "deploy") },
	}
}

// synthProduction is what "cdk8s synth" runs. The CLI empties the directory first and reports itself what it finds there.
func synthProduction(c *cobra.Command) error {
	write := func() error { return synth(platform.Production()) }
	if os.Getenv(outdirVariable) != "" {
		return write()
	}
	return report(c.ErrOrStderr(), write, "dist")
}

// synthAll continues after a failure, so that one run reports the problems of all environments.
func synthAll() error {
	if outdir := os.Getenv(outdirVariable); outdir != "" {
		return fmt.Errorf("%s=%s names one directory, but the command synth writes several: unset it", outdirVariable, outdir)
	}
	var errs []error
	for _, e := range platform.Environments() {
		errs = append(errs, synth(e))
	}
	errs = append(errs, chart.Write())
	if err := errors.Join(errs...); err != nil {
		return err // Argo CD's objects follow from the environments.
	}
	return synthArgoCD()
}

func synthArgoCD() error {
	a, err := platform.NewArgoCDOf(written, platform.Environments()...)
	if err != nil {
		return err
	}
	return errors.Join(
		constructs.Synth(platform.ApplicationSetDirectory, a.ComposeApplicationSet),
		constructs.Synth(platform.ApplicationsDirectory, a.ComposeApplications),
	)
}

// written are the manifests of an environment, which synth has just made.
func written(e platform.Environment) (map[string][]byte, error) {
	all, err := filesIn([]string{e.Directory()})
	files := map[string][]byte{}
	for path, content := range all {
		files[filepath.Base(path)] = content
	}
	return files, err
}

func synth(e platform.Environment) error {
	if err := constructs.Synth(e.Directory(), e.Compose); err != nil {
		return fmt.Errorf("%s: %w", e.Name, err)
	}
	return nil
}

// report says which files in the directories a function has changed that writes them.
func report(to io.Writer, write func() error, folders ...string) error {
	if err := checkFolder(); err != nil {
		return err
	}
	before, err := filesIn(folders)
	if err != nil {
		return err
	}
	if err := write(); err != nil {
		return err
	}
	after, err := filesIn(folders)
	if err != nil {
		return err
	}
	changes := changes(before, after)
	for _, change := range changes {
		fmt.Fprintln(to, change)
	}
	fmt.Fprintf(to, "wrote %s: %d files, %d changed\n", strings.Join(folders, " and "), len(after), len(changes))
	return nil
}

// checkFolder refuses a directory below that of the project, which would get a dist/ of its own.
func checkFolder() error {
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	for project := folder; ; project = filepath.Dir(project) {
		_, err := os.Stat(filepath.Join(project, projectFile))
		switch {
		case err == nil && project != folder:
			return operate.Usage(fmt.Errorf("dist/ and deploy/ are in %s: run ai-platform there, not in %s", project, folder))
		case err == nil, project == filepath.Dir(project): // Also where the project is nowhere, as in a container.
			return nil
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
}

// filesIn are the contents of all files below directories, by path. A directory may be missing.
func filesIn(folders []string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) || err == nil && entry.IsDir() {
				return nil
			}
			if err == nil {
				files[path], err = os.ReadFile(path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// changes are marked as diff marks them.
func changes(before, after map[string][]byte) []string {
	var all []string
	for path, content := range after {
		former, existed := before[path]
		switch {
		case !existed:
			all = append(all, "+ "+path)
		case !bytes.Equal(former, content):
			all = append(all, "~ "+path)
		}
	}
	for path := range before {
		if _, exists := after[path]; !exists {
			all = append(all, "- "+path)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return strings.Compare(a[2:], b[2:]) })
	return all
}
