package constructs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/kernel/loud"
	"github.com/ai-platform/manifests/internal/kernel/native"
)

// kernelVariable chooses the kernel of a program.
const kernelVariable = "AI_PLATFORM_KERNEL"

func init() {
	programs["use cdk8s-plus"] = func() error {
		defer constructs.Close()
		return constructs.Synth("", func(app cdk8s.App) {
			smallShop(app)
			configMap(newChart(app, "more"), "config")
		})
	}
	programs["use cdk8s-plus and wait"] = func() error {
		return constructs.Synth("", func(app cdk8s.App) {
			configMap(newChart(app, "more"), "config")
			wait()
		})
	}
	programs["include a file"] = func() error {
		defer constructs.Close()
		return constructs.Synth("", func(app cdk8s.App) {
			cdk8s.NewInclude(newChart(app, "more"), jsii.String("file"), &cdk8s.IncludeProps{Url: jsii.String("testdata/namespace-minimal.yaml")})
		})
	}
	programs["remove its binary"] = func() error {
		defer constructs.Close()
		own, err := os.Executable()
		if err == nil {
			err = os.Remove(own)
		}
		if err != nil {
			return err
		}
		return constructs.Synth("", smallShop)
	}
}

func (p *process) kernel(words string) *process {
	p.Env = append(p.Env, kernelVariable+"="+words)
	return p
}

// The native kernel and Node.js write the same files.
func TestNativeKernel(t *testing.T) {
	needNode(t)
	outputs := map[string]map[string]string{}
	for kernel, explanation := range map[string]string{
		"native,explain": "kernel: native\n",
		"node,explain":   "kernel: Node.js, because AI_PLATFORM_KERNEL is set to it\n",
	} {
		p := newProcess(t, "synthesize and close").kernel(kernel)
		require.NoError(t, p.run(), &p.stderr)
		require.Equal(t, explanation, p.stderr.String())
		require.Empty(t, p.stdout.String())
		require.Empty(t, p.alive(t))
		require.Empty(t, p.temporaryFiles(t))
		outputs[kernel] = readFolder(t, p.outdir)
	}
	require.Equal(t, outputs["node,explain"], outputs["native,explain"])
	require.NotEmpty(t, outputs["native,explain"])
}

// Node.js takes over what the native kernel does not know, in the middle of a program.
func TestNativeKernelHandsOver(t *testing.T) {
	needNode(t)
	p := newProcess(t, "use cdk8s-plus").kernel("native,explain")
	require.NoError(t, p.run(), &p.stderr)
	require.Equal(t, "kernel: native\nkernel: Node.js takes over, because the program uses the package cdk8s-plus-28 2.5.6\n", p.stderr.String())
	require.Empty(t, p.stdout.String())
	require.Empty(t, p.alive(t))
	require.Empty(t, p.temporaryFiles(t))

	judge := newProcess(t, "use cdk8s-plus").kernel("node")
	require.NoError(t, judge.run(), &judge.stderr)
	require.Equal(t, readFolder(t, judge.outdir), readFolder(t, p.outdir))
}

// Without Node.js, one sentence says what needs it.
func TestNativeKernelWithoutNode(t *testing.T) {
	const noNode = "JSII_NODE=/no/such/node"
	p := newProcess(t, "synthesize and close").kernel("native")
	p.Env = append(p.Env, noNode)
	require.NoError(t, p.run(), &p.stderr)
	require.Empty(t, p.stderr.String())

	p = newProcess(t, "use cdk8s-plus").kernel("native")
	p.Env = append(p.Env, noNode)
	require.Error(t, p.run())
	require.Equal(t, "the program uses the package cdk8s-plus-28 2.5.6, which needs Node.js: JSII_NODE: /no/such/node does not run "+
		"(fork/exec /no/such/node: no such file or directory): set it to Node.js 22 or newer\n", p.stderr.String())
	require.NoDirExists(t, p.outdir)
	p.requireNothingLeft(t)
}

// limitFiles lets the program write files that are large enough for cdk8s, and too small for jsii's runtime.
func (p *process) limitFiles() {
	p.Path, p.Args = "/bin/sh", []string{"sh", "-c", `ulimit -f 700; exec "$0"`, os.Args[0]}
}

// A disk that is too small for jsii's runtime, which Node.js runs, is an error of the program, too.
func TestNativeKernelWithoutSpace(t *testing.T) {
	p := newProcess(t, "include a file").kernel("native")
	p.limitFiles()
	require.Error(t, p.run())
	require.Regexp(t, `^the program uses .*Include.*, which needs Node\.js: prepare jsii's runtime: write .*: file too large\n$`, p.stderr.String())
	require.NoDirExists(t, p.outdir)
	p.requireNothingLeft(t)
}

// A comparison that Node.js cannot make is an error, and no success.
func TestNativeKernelWithoutComparison(t *testing.T) {
	p := newProcess(t, "synthesize and close").kernel("check")
	p.Env = append(p.Env, "JSII_NODE=/no/such/node")
	require.Error(t, p.run())
	require.Equal(t, "the kernels cannot be compared: JSII_NODE: /no/such/node does not run "+
		"(fork/exec /no/such/node: no such file or directory): set it to Node.js 22 or newer\n", p.stderr.String())
	p.requireNothingLeft(t)

	needNode(t)
	p = newProcess(t, "synthesize and close").kernel("check")
	p.limitFiles()
	require.Error(t, p.run())
	require.Contains(t, p.stderr.String(), "panic: the kernels cannot be compared: prepare jsii's runtime: write ")
}

// A program that is killed after Node.js took over leaves nothing.
func TestNativeKernelKilled(t *testing.T) {
	needNode(t)
	heedSignals(t, syscall.SIGHUP, syscall.SIGINT)
	for _, program := range []string{"wait in the program", "use cdk8s-plus and wait"} {
		t.Run(program, func(t *testing.T) {
			p := newProcess(t, program).kernel("native")
			p.startAndWait(t)
			require.Len(t, p.alive(t), 2, "the program and its kernel")
			require.NoError(t, syscall.Kill(-p.Process.Pid, syscall.SIGINT))
			require.Error(t, p.Wait())
			p.requireNothingLeft(t)
		})
	}
}

// A binary that was removed since, as "go run" and an update do, still is the kernel.
func TestNativeKernelOfRemovedBinary(t *testing.T) {
	p := newProcess(t, "remove its binary").kernel("native")
	own, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	p.Path = filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(p.Path, own, 0o755))
	require.NoError(t, p.run(), &p.stderr)
	require.Empty(t, p.stderr.String())
	require.NotEmpty(t, readFolder(t, p.outdir))
}

// A program with a kernel of its own keeps it.
func TestNativeKernelRespectsRuntime(t *testing.T) {
	p := newProcess(t, "synthesize and close").kernel("native,explain")
	p.Env = append(p.Env, "JSII_RUNTIME=echo mine >&2; exit 1")
	require.Error(t, p.run())
	require.Contains(t, p.stderr.String(), "mine")
	require.NotContains(t, p.stderr.String(), "native")
}

// A package that prints while it is initialized, before the native kernel can answer, leaves the program to Node.js.
func TestNativeKernelAfterLoudPackage(t *testing.T) {
	needNode(t)
	p := newProcess(t, "synthesize and close").kernel("native,explain")
	p.Env = append(p.Env, loud.Variable+"=1")
	require.NoError(t, p.run(), &p.stderr)
	require.Equal(t, "hello\n", p.stdout.String())
	require.Regexp(t, `^kernel: native\nkernel: Node.js, because the native kernel does not start \(.*\)\n$`, p.stderr.String())
	require.NotEmpty(t, readFolder(t, p.outdir))
	p.requireNothingLeft(t)
}

// The kernel does not wait until the packages of the program are initialized: most of them come after it.
func TestNativeKernelIsEarly(t *testing.T) {
	kernel := exec.Command(os.Args[0], "-c", native.Marker)
	kernel.Env = append(os.Environ(), native.VariableExit+"=exit", native.VariableFolder+"="+t.TempDir(), "GODEBUG=inittrace=1")
	out, err := kernel.CombinedOutput()
	require.NoError(t, err, string(out))
	initialized := regexp.MustCompile(`(?m)^init (\S+)`).FindAllStringSubmatch(string(out), -1)
	require.NotEmpty(t, initialized)
	require.Less(t, len(initialized), 100)
	for _, match := range initialized {
		require.NotRegexp(t, `^(regexp|net|k8s\.io/|github.com/(aws|cdk8s-team)/(constructs|cdk8s))`, match[1])
	}
}
