package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/ai-platform/manifests/test/repository"
)

// program is a binary of the cluster, built from a module of its own beside this one: a folder of that name.
type program struct {
	name string
	// main is the module that it consists of; the version in its go.mod is the only place where the version stands.
	main string
	// duration is what a build of all its packages takes on two cores, for people who wait.
	duration time.Duration
	// linkerFlags depend on the version. Defaults to none.
	linkerFlags func(version string) []string
}

var (
	controlPlane = program{
		name: "controlplane", main: "k8s.io/kubernetes", duration: 8 * time.Minute, linkerFlags: kubernetesVersionFlags,
	}
	kwok = program{
		name: "kwok", main: "sigs.k8s.io/kwok", duration: 2 * time.Minute,
	}
)

// binaries are the paths of what is built.
type binaries struct {
	controlPlane, kwok string
}

// Build builds what a cluster consists of, unless it stands in the user's cache folder already. It takes some 10 minutes on two cores the
// first time, and half a minute when Go's build cache is warm. Start does it too, but a test's default time limit is 10 minutes: let
// `go run ./cmd/cluster -build` come first.
func Build(ctx context.Context, progress io.Writer) error {
	_, err := buildAll(ctx, log.New(progress, "", 0))
	return err
}

func buildAll(ctx context.Context, progress *log.Logger) (built binaries, err error) {
	cache, err := openCache(ctx)
	if err != nil {
		return built, err
	}
	if built.controlPlane, err = cache.get(ctx, controlPlane, progress); err != nil {
		return built, err
	}
	built.kwok, err = cache.get(ctx, kwok, progress)
	return built, err
}

// sources is the folder of the program's module.
func (p program) sources() string {
	return repository.Path("test", p.name)
}

// build compiles and links the program whose sources are in the folder.
func (p program) build(ctx context.Context, sources, binary string, progress *log.Logger) error {
	version, err := p.version(ctx, sources)
	if err != nil {
		return err
	}
	progress.Printf("%s %s: downloading what is missing, and looking for what is compiled already …", p.main, version)
	missing, all, err := p.packages(ctx, sources)
	if err != nil {
		return err
	}
	// Linking takes a quarter of a minute even if nothing has to be compiled.
	estimate := p.duration*time.Duration(missing)/time.Duration(all) + 15*time.Second
	progress.Printf("%s %s: compiling %d of %d packages, %s on two cores …", p.main, version, missing, all, about(estimate))
	report := newBuildReport(progress, missing)
	command := p.command(ctx, sources, binary, version)
	command.Stderr = report
	if err := errors.Join(command.Run(), report.stop()); err != nil {
		return fmt.Errorf("building %s: %w\n%s%s", sources, errors.Join(ctx.Err(), err), report.messages(),
			"What is compiled is kept. If time ran out: `go run ./cmd/cluster -build` takes as long as it needs.")
	}
	return nil
}

func (p program) command(ctx context.Context, sources, binary, version string) *exec.Cmd {
	flags := []string{"-s", "-w"} // without what only debuggers read
	if p.linkerFlags != nil {
		flags = append(flags, p.linkerFlags(version)...)
	}
	command := exec.CommandContext(ctx, "go", "build", "-C", sources, "-v",
		"-buildvcs=false", // or it would be linked anew after every commit
		"-ldflags", strings.Join(flags, " "),
		"-o", binary, ".")
	command.Env = append(os.Environ(), "GOWORK=off")
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // lets go end its compilers
	command.WaitDelay = 10 * time.Second
	return command
}

func (p program) version(ctx context.Context, sources string) (string, error) {
	command := exec.CommandContext(ctx, "go", "list", "-C", sources, "-m", "-f", "{{.Version}}", p.main)
	command.Env = append(os.Environ(), "GOWORK=off")
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("go list %s: %w", p.main, err)
	}
	return string(bytes.TrimSpace(output)), nil
}

// packages counts those that have to be compiled, and all.
func (p program) packages(ctx context.Context, sources string) (missing, all int, err error) {
	command := exec.CommandContext(ctx, "go", "list", "-C", sources, "-deps", "-f", "{{.Stale}}", ".")
	command.Env = append(os.Environ(), "GOWORK=off")
	var messages bytes.Buffer
	command.Stderr = &messages
	output, err := command.Output()
	if err != nil {
		return 0, 0, fmt.Errorf("go list %s: %w\n%s", sources, errors.Join(ctx.Err(), err), &messages)
	}
	return bytes.Count(output, []byte("true")), bytes.Count(output, []byte("\n")), nil
}

// about rounds an estimate up to what people say.
func about(estimate time.Duration) string {
	if estimate <= time.Minute {
		return "less than a minute"
	}
	return fmt.Sprintf("about %d minutes", int(math.Ceil(estimate.Minutes())))
}

// kubernetesVersionFlags tell the components their version, as Kubernetes's own build does.
func kubernetesVersionFlags(version string) []string {
	numbers := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	var flags []string
	for _, variables := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		flags = append(flags,
			"-X", variables+".gitVersion="+version,
			"-X", variables+".gitMajor="+numbers[0],
			"-X", variables+".gitMinor="+numbers[1])
	}
	return flags
}
