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

// loadRevision reads the objects of an environment as they are in a git revision. A directory that it does not have has none.
func (e Environment) loadRevision(ctx context.Context, revision string) ([]unstructured.Unstructured, error) {
	tree, err := e.git(ctx, "", "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{tree}")
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) && failed.ExitCode() == 1 {
			return nil, Usage(fmt.Errorf("--against=%s: no such git revision", revision))
		}
		return nil, err
	}
	tree = strings.TrimSpace(tree)
	listing, err := e.git(ctx, "", "ls-tree", "-z", tree)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for entry := range strings.SplitSeq(strings.TrimSuffix(listing, "\x00"), "\x00") {
		attributes, name, _ := strings.Cut(entry, "\t")
		if !objectfile.IsRead(name) || !strings.Contains(attributes, " blob ") {
			continue
		}
		read := e.fileOf
		if strings.HasPrefix(attributes, symbolicLink) {
			read = e.targetOf
		}
		content, err := read(ctx, tree, name)
		if err != nil {
			return nil, err
		}
		files[filepath.Join(e.Directory, name)+" of "+revision] = []byte(content)
	}
	return parse(files)
}

// symbolicLink begins the line of one in a listing. https://git-scm.com/docs/git-ls-tree
const symbolicLink = "120000 "

func (e Environment) fileOf(ctx context.Context, tree, name string) (string, error) {
	return e.git(ctx, "", "show", tree+":./"+name)
}

// targetOf is the content of the file to which a symbolic link leads. It must be in the repository too.
func (e Environment) targetOf(ctx context.Context, tree, name string) (string, error) {
	output, err := e.git(ctx, tree+":./"+name+"\n", "cat-file", "--batch=%(objecttype)", "--follow-symlinks")
	if err != nil {
		return "", err
	}
	content, isFile := strings.CutPrefix(output, "blob\n")
	if !isFile {
		return "", fmt.Errorf("%s is a symbolic link that does not lead to a file of the revision", filepath.Join(e.Directory, name))
	}
	return strings.TrimSuffix(content, "\n"), nil // git ends the output with a newline of its own.
}

// git runs git in the directory, to which its paths are relative.
func (e Environment) git(ctx context.Context, stdin string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", args...)
	command.Dir = e.Directory
	command.Stdin = strings.NewReader(stdin)
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
