package native

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A program that is killed leaves the kernel with an answer that nobody reads.
func TestChildOutlivesItsReader(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "folder")
	require.NoError(t, os.Mkdir(folder, 0o700))
	child := exec.Command("/proc/self/exe", "-c", Marker)
	child.Env = append(os.Environ(), VariableExit+"=exit", VariableFolder+"="+folder)
	stdin, err := child.StdinPipe()
	require.NoError(t, err)
	stdout, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	hello, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, hello, `"hello"`)

	require.NoError(t, stdout.Close())
	_, err = stdin.Write([]byte(createApp + "\n"))
	require.NoError(t, err)
	require.NoError(t, child.Wait())
	require.NoDirExists(t, folder)
}
