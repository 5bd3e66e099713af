package constructs_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

// process is a program that runs in a process group and with a temporary folder of its own.
type process struct {
	*exec.Cmd
	temporary string
	outdir    string
	stdout    bytes.Buffer
	stderr    bytes.Buffer
}

func newProcess(t *testing.T, program string) *process {
	t.Helper()
	folder := t.TempDir()
	p := &process{Cmd: exec.Command(os.Args[0]), temporary: filepath.Join(folder, `it's a "temporary" folder`), outdir: filepath.Join(folder, "dist")}
	require.NoError(t, os.Mkdir(p.temporary, 0o755))
	p.Env = append(os.Environ(), programVariable+"="+program, "TMPDIR="+p.temporary, "CDK8S_OUTDIR="+p.outdir)
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.Stderr = &p.stderr
	return p
}

// run runs the program to its end.
func (p *process) run() error {
	p.Stdout = &p.stdout
	return p.Run()
}

// alive lists the processes of the group that have not ended, but may not have been waited for.
func (p *process) alive(t *testing.T) []int {
	t.Helper()
	if errors.Is(syscall.Kill(-p.Process.Pid, 0), syscall.ESRCH) {
		return nil // To look at all processes takes longer.
	}
	return processes(func(stat procStat) bool { return stat.state != "Z" && stat.state != "X" && stat.group == p.Process.Pid })
}

// procStat is a part of what Linux tells of a process. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
type procStat struct {
	state         string
	parent, group int
}

func processes(wanted func(stat procStat) bool) []int {
	var found []int
	files, _ := filepath.Glob("/proc/[0-9]*/stat") // The pattern is good.
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // It has ended since.
		}
		var stat procStat
		// The name, in parentheses, may hold anything.
		if _, err := fmt.Sscan(string(text[bytes.LastIndexByte(text, ')')+1:]), &stat.state, &stat.parent, &stat.group); err != nil {
			continue
		}
		if id, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil && wanted(stat) {
			found = append(found, id)
		}
	}
	return found
}

func (p *process) temporaryFiles(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(p.temporary)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// requireNothingLeft allows what the program left without waiting for it some time to end.
func (p *process) requireNothingLeft(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		alive, files := p.alive(t), p.temporaryFiles(t)
		if len(alive) == 0 && len(files) == 0 {
			return
		}
		require.True(t, time.Now().Before(deadline), "processes %v and files %v are left", alive, files)
	}
}

// A program that closes the kernel leaves nothing at all when it ends, and prints nothing. What jsii prints otherwise
// depends on which of two goroutines is first: hence the repetition.
func TestProcessClosed(t *testing.T) {
	for i := range 20 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel() // The process has a kernel of its own.
			p := newProcess(t, "synthesize and close")
			require.NoError(t, p.run())
			require.Empty(t, p.stdout.String()+p.stderr.String())
			require.Empty(t, p.alive(t))
			require.Empty(t, p.temporaryFiles(t))
			require.Contains(t, readFolder(t, p.outdir), "shop.k8s.yaml")
		})
	}
}

func TestProcessClosedWithoutSynth(t *testing.T) {
	p := newProcess(t, "close")
	require.NoError(t, p.run())
	require.Empty(t, p.stdout.String()+p.stderr.String())
	require.Empty(t, p.alive(t))
	require.Empty(t, p.temporaryFiles(t))
}

func TestProcessNotClosed(t *testing.T) {
	p := newProcess(t, "synthesize and forget to close")
	require.NoError(t, p.run())
	require.Empty(t, p.stdout.String()+p.stderr.String())
	require.Contains(t, readFolder(t, p.outdir), "shop.k8s.yaml")
	p.requireNothingLeft(t)
}

func TestProcessFailed(t *testing.T) {
	p := newProcess(t, "fail and forget to close")
	require.Error(t, p.run())
	require.Equal(t, brokenShopProblem+"\n", p.stderr.String())
	require.NoDirExists(t, p.outdir)
	p.requireNothingLeft(t)
}

func TestProcessWithoutNode(t *testing.T) {
	p := newProcess(t, "fail and forget to close").kernel("node")
	p.Env = append(p.Env, "JSII_NODE=/no/such/node")
	require.Error(t, p.run())
	require.Equal(t, "JSII_NODE: /no/such/node does not run (fork/exec /no/such/node: no such file or directory): set it to Node.js 22 or newer; Node.js is needed because AI_PLATFORM_KERNEL is set to it\n",
		p.stderr.String())
	p.requireNothingLeft(t)
}

// Nobody is left to tidy up when a program is killed, but the kernel itself.
func TestProcessKilled(t *testing.T) {
	type kill func(p *process) error
	group := func(signal syscall.Signal) kill {
		return func(p *process) error { return syscall.Kill(-p.Process.Pid, signal) }
	}
	alone := func(signal syscall.Signal) kill {
		return func(p *process) error { return p.Process.Signal(signal) }
	}
	const inProgram, inSynthesis = "wait in the program", "wait in the synthesis"
	tests := map[string]struct {
		program string
		kill    kill
	}{
		"SIGKILL":                              {inProgram, alone(syscall.SIGKILL)},
		"SIGKILL in the synthesis":             {inSynthesis, alone(syscall.SIGKILL)},
		"SIGINT":                               {inProgram, alone(syscall.SIGINT)},
		"SIGTERM":                              {inSynthesis, alone(syscall.SIGTERM)},
		"SIGINT from a terminal":               {inProgram, group(syscall.SIGINT)},
		"SIGINT from a terminal, synthesizing": {inSynthesis, group(syscall.SIGINT)},
		"SIGHUP from a terminal":               {inProgram, group(syscall.SIGHUP)},
	}
	heedSignals(t, syscall.SIGHUP, syscall.SIGINT)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // The process has a kernel of its own.
			p := newProcess(t, test.program)
			require.NoError(t, os.Mkdir(p.outdir, 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(p.outdir, "old.k8s.yaml"), []byte("old"), 0o666))
			p.startAndWait(t)
			require.Len(t, p.alive(t), 2, "the program and its kernel")

			require.NoError(t, test.kill(p))
			require.Error(t, p.Wait())
			p.requireNothingLeft(t)
			require.Equal(t, map[string]string{"old.k8s.yaml": "old"}, readFolder(t, p.outdir))
		})
	}
}

// A program that imports the package and has not called it yet has made nothing that would stay.
func TestProcessKilledBeforeSynth(t *testing.T) {
	p := newProcess(t, "wait")
	p.startAndWait(t)
	require.Empty(t, p.temporaryFiles(t))
	require.NoError(t, p.Process.Kill())
	require.Error(t, p.Wait())
	p.requireNothingLeft(t)
}

// Whenever a signal comes, nothing is left: also while the kernel starts or ends.
func TestProcessKilledAtAnyTime(t *testing.T) {
	heedSignals(t, syscall.SIGHUP, syscall.SIGINT)
	undisturbed := newProcess(t, "begin")
	undisturbed.startAndWait(t)
	start := time.Now()
	require.NoError(t, undisturbed.Wait(), &undisturbed.stderr)
	length := time.Since(start)

	const moments = 20
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		for i := range moments {
			t.Run(fmt.Sprintf("%s at %d of %d", signal, i, moments), func(t *testing.T) {
				p := newProcess(t, "begin")
				p.startAndWait(t)
				time.Sleep(length * time.Duration(i) / moments)
				require.NoError(t, syscall.Kill(-p.Process.Pid, signal))
				_ = p.Wait() // It may have come to its end before.
				p.requireNothingLeft(t)
			})
		}
	}
}

func init() {
	programs["be told to end while closing"] = func() error {
		if err := constructs.Synth("", smallShop); err != nil {
			return err
		}
		go func() {
			for { // Until the kernel's message is on its way, as a file.
				for _, pattern := range []string{"*kernel-exit*", "*/*kernel-exit*"} {
					if found, _ := filepath.Glob(filepath.Join(os.TempDir(), pattern)); len(found) > 0 {
						_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
						return
					}
				}
			}
		}()
		constructs.Close()
		return nil
	}
}

// The message that ends the kernel is a file for a moment.
func TestProcessKilledWhileClosing(t *testing.T) {
	for i := range 5 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			p := newProcess(t, "be told to end while closing")
			_ = p.run() // It may have come to its end before.
			require.Empty(t, p.temporaryFiles(t))
			p.requireNothingLeft(t)
		})
	}
}

// heedSignals is for a test that runs under nohup or in the background of a shell: what it ignores, its children ignore
// too, but what it handles, they do not.
func heedSignals(t *testing.T, signals ...os.Signal) {
	t.Helper()
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, signals...)
	t.Cleanup(func() { signal.Stop(heard) })
}

// startAndWait returns when the program says that it is half done. It goes on for as long as its input is open.
func (p *process) startAndWait(t *testing.T) {
	t.Helper()
	stdin, err := p.StdinPipe()
	require.NoError(t, err)
	t.Cleanup(func() { _ = stdin.Close() })
	stdout, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "waiting\n", line)
}

func init() {
	programs["lose the kernel"] = func() error {
		defer constructs.Close()
		err := constructs.Synth("", func(app cdk8s.App) {
			for _, child := range processes(func(stat procStat) bool { return stat.parent == os.Getpid() }) {
				if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
					panic(err)
				}
			}
			smallShop(app)
		})
		if err == nil {
			return errors.New("nothing was noticed")
		}
		return constructs.Synth("", smallShop)
	}
}

// A kernel that is killed, for want of memory say, makes one synthesis fail, and not those after it.
func TestProcessLosesKernel(t *testing.T) {
	p := newProcess(t, "lose the kernel")
	require.NoError(t, p.run(), &p.stderr)
	require.Contains(t, readFolder(t, p.outdir), "shop.k8s.yaml")
	require.Empty(t, p.alive(t))
}
