package operate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ai-platform/manifests/internal/objectfile"
)

// loadRevision reads the objects of an environment as they are in a git revision. A folder that it does not have has none.
func (e Environment) loadRevision(ctx context.Context, revision string) ([]unstructured.Unstructured, error) {
	tree, err := e.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{tree}")
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) && failed.ExitCode() == 1 {
			return nil, Usage(fmt.Errorf("--against=%s: no such git revision", revision))
		}
		return nil, err
	}
	tree = strings.TrimSpace(tree)
	names, err := e.git(ctx, "ls-tree", "-z", "--name-only", tree)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for name := range strings.SplitSeq(strings.TrimSuffix(names, "\x00"), "\x00") {
		if !objectfile.IsRead(name) {
			continue
		}
		content, err := e.git(ctx, "show", tree+":./"+name)
		if err != nil {
			return nil, err
		}
		files[filepath.Join(e.Directory, name)+" of "+revision] = []byte(content)
	}
	return parse(files)
}

// git runs git in the folder, to which its paths are relative.
func (e Environment) git(ctx context.Context, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", args...)
	command.Dir = e.Directory
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	switch message := strings.TrimSpace(stderr.String()); {
	case err == nil:
		return stdout.String(), nil
	case message == "":
		return "", fmt.Errorf("git %s: %w", args[0], err)
	default:
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, message)
	}
}
