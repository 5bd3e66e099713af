package constructs

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/internal/apitype"
	"github.com/ai-platform/manifests/internal/directory"
	"github.com/ai-platform/manifests/internal/kernel"
	"github.com/ai-platform/manifests/internal/kernel/garbage"
	"github.com/ai-platform/manifests/internal/manifest"
)

// outdirVariable is how the cdk8s CLI passes the output directory to a program.
const outdirVariable = "CDK8S_OUTDIR"

// replacedOutdirs are the directories that calls of Synth named, by the directory of the variable that replaced them.
var replacedOutdirs = map[string]string{}

// Synth runs a program that adds charts to an application, and makes outdir hold exactly the resulting files: one per
// chart, named after the chart's id, in the format of cdk8s. The environment variable CDK8S_OUTDIR, which "cdk8s synth"
// sets, replaces outdir; a second call with a different outdir is then an error.
//
// Synth returns an error if the program panics, if the tree is invalid, or if the API server would refuse a patched
// object or one of the program's own for its fields, their types or Pod Security. The error names every problem and its
// construct's path. A panic with a runtime.Error is a bug in the program, and is not recovered.
//
// Synth replaces outdir in one step, after all checks have passed, so that it holds either its old files or the new
// ones. If outdir cannot be moved, because it is a mount point for example, its files are replaced one by one. Synth
// refuses an outdir that contains files that synthesis did not write, because it would remove them.
//
// The first call starts the process in which cdk8s runs. On Linux that is the program's own binary, and needs nothing else for constructs of this module
// and for cdk8s's App, Chart, ApiObject, JsonPatch and Names. Everything else, such as cdk8s-plus, needs Node.js 22 or newer, which takes over when the
// program uses it: the one that the environment variable JSII_NODE names, or else the first supported one in node_modules of this directory or its parents,
// or in PATH. AI_PLATFORM_KERNEL=node starts Node.js at once. The start discards everything that the program did with cdk8s before. Further calls use the
// same process, until Close or a panic of the program.
func Synth(outdir string, program func(app cdk8s.App)) error {
	files, err := Render(program)
	if err != nil {
		return err
	}
	if named := os.Getenv(outdirVariable); named != "" {
		if other, written := replacedOutdirs[named]; written && other != outdir {
			return fmt.Errorf("%s=%s replaces the directory of every call of Synth, and already contains the files for %q, which those for %q would replace: "+
				"unset it, or add all charts in one call", outdirVariable, named, other, outdir)
		}
		replacedOutdirs[named], outdir = outdir, named
	}
	if err := directory.Replace(outdir, files, isSynthesized); err != nil {
		return fmt.Errorf("write manifests: %w", err)
	}
	return nil
}

func init() { kernel.Forget() }

// Render is Synth without writing: it returns the files by name. Render and Synth fail if they are called while another
// goroutine runs one of them.
func Render(program func(app cdk8s.App)) (files map[string][]byte, err error) {
	if err := turn.begin(); err != nil {
		return nil, err
	}
	defer turn.end()
	defer garbage.Relax()()
	var app cdk8s.App
	defer func() {
		if problem := recover(); problem != nil {
			files, err = nil, kernel.Error(problem)
			if isRefusal(problem) {
				err = errors.Join(err, checkInvalid(app))
				return
			}
			// A callback that panicked has not answered JavaScript, which would nest all further calls in it.
			Close()
		}
	}()
	go apitype.Prepare() // In the time that the kernel takes to start.
	if err := kernel.Start(func() { app = cdk8s.NewApp(nil) }); err != nil {
		return nil, err
	}
	manifest.Render(app, program)
	return render(app)
}

// Close stops the process that Synth started, if there is one, and removes its temporary files. Both also
// happen when the program ends, however it ends. Files remain only if both processes are killed at the same
// time, until the next program calls Synth.
func Close() {
	manifest.Forget()
	kernel.Close()
}

// isRefusal reports whether a panic is cdk8s's report of an invalid tree. All callbacks have then been answered.
func isRefusal(problem any) bool {
	err, ok := problem.(error)
	return ok && strings.HasPrefix(err.Error(), "Error: Validation failed with the following errors:")
}

func isSynthesized(name string) bool {
	return strings.HasSuffix(name, manifestSuffix) || name == metadataFile
}
