package constructs

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/internal/directory"
	"github.com/ai-platform/manifests/internal/kernel"
	"github.com/ai-platform/manifests/internal/manifest"
)

// outdirVariable is how the cdk8s CLI tells a program where to write.
const outdirVariable = "CDK8S_OUTDIR"

// replacedOutdirs are the folders that calls of Synth named, by that of the variable to which their files went.
var replacedOutdirs = map[string]string{}

// Synth runs a program that adds charts to an application, and makes outdir hold exactly the files that they give: one a
// chart, named after its id, in the form in which cdk8s itself writes them. The environment variable CDK8S_OUTDIR, which
// "cdk8s synth" sets, replaces outdir; a second call for another outdir is then an error.
//
// Synth fails if the program panics, if the tree is invalid, or if patches or the program's own objects give what the API server would
// refuse for its fields, their types or Pod Security: then the error names every problem and its construct's path. Nothing is written before
// all is known to be well, and then all at once, so that outdir holds either its old files or the new ones. (An outdir that cannot be moved,
// such as a mount point, gets its files one by one, each in one step.) Synth refuses an outdir with files that are not of its kind, as it
// would remove them. (A panic with a runtime.Error is a bug of the program, and goes on.)
//
// The first call starts Node.js 22 or newer, which it looks for in the environment variable JSII_NODE, in node_modules of
// this folder or one above, and in PATH; it also ends what the program did with cdk8s before. Further calls use the
// same process, until Close or a panic of the program.
func Synth(outdir string, program func(app cdk8s.App)) error {
	files, err := Render(program)
	if err != nil {
		return err
	}
	if named := os.Getenv(outdirVariable); named != "" {
		if other, written := replacedOutdirs[named]; written && other != outdir {
			return fmt.Errorf("%s=%s replaces the folders of all calls of Synth, and has the files for %q already: those for %q would replace them. "+
				"Unset it, or add all charts in one call", outdirVariable, named, other, outdir)
		}
		replacedOutdirs[named], outdir = outdir, named
	}
	if err := directory.Replace(outdir, files, isSynthesized); err != nil {
		return fmt.Errorf("write manifests: %w", err)
	}
	return nil
}

func init() { kernel.Forget() }

// Render is Synth without writing: it returns the files by name. Neither may be called while the other runs in another goroutine: it fails
// then.
func Render(program func(app cdk8s.App)) (files map[string][]byte, err error) {
	if err := turn.begin(); err != nil {
		return nil, err
	}
	defer turn.end()
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
	if err := kernel.Start(func() { app = cdk8s.NewApp(nil) }); err != nil {
		return nil, err
	}
	manifest.Render(app, program)
	return render(app)
}

// Close ends the Node.js process that Synth started, if any, and removes its temporary files. Both go with the program as well, however
// it ends. Only if program and Node.js are killed at once, files stay, until the next program that calls Synth.
func Close() {
	manifest.Forget()
	kernel.Close()
}

// isRefusal says whether a panic is cdk8s's report that the tree is invalid. Then all callbacks have been answered.
func isRefusal(problem any) bool {
	err, ok := problem.(error)
	return ok && strings.HasPrefix(err.Error(), "Error: Validation failed with the following errors:")
}

func isSynthesized(name string) bool {
	return strings.HasSuffix(name, manifestSuffix) || name == metadataFile
}
