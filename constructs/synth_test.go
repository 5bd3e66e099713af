package constructs_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

func api(chart cdk8s.Chart) *constructs.Backend {
	return constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "ghcr.io/acme/api:1.4.2"})
}

// smallShop is a valid program.
func smallShop(app cdk8s.App) { api(newChart(app, "shop")) }

// brokenShop is a program that synthesis refuses.
func brokenShop(app cdk8s.App) {
	constructs.NewBackend(newChart(app, "shop"), "api", constructs.BackendProps{})
}

const brokenShopProblem = "Validation failed with the following errors:\n  [shop/api] backend.image: Required value"

func TestSynth(t *testing.T) {
	outdir := filepath.Join(t.TempDir(), "dist")
	rendered, err := constructs.Render(smallShop)
	require.NoError(t, err)
	require.NoError(t, constructs.Synth(outdir, smallShop))
	require.Equal(t, textOf(rendered), readFolder(t, outdir))
}

func TestSynthRemovesFormerFiles(t *testing.T) {
	outdir := t.TempDir()
	former := []string{"former.k8s.yaml", "construct-metadata.json"}
	for _, name := range former {
		require.NoError(t, os.WriteFile(filepath.Join(outdir, name), nil, 0o666))
	}
	require.NoError(t, constructs.Synth(outdir, smallShop))
	require.Equal(t, []string{"shop.k8s.yaml"}, slices.Collect(maps.Keys(readFolder(t, outdir))))
}

func TestSynthRefusesForeignFiles(t *testing.T) {
	outdir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outdir, "kustomization.yaml"), []byte("mine"), 0o666))
	require.EqualError(t, constructs.Synth(outdir, smallShop),
		"write manifests: refusing to replace "+outdir+": it contains files that synthesis did not write: kustomization.yaml")
	require.Equal(t, map[string]string{"kustomization.yaml": "mine"}, readFolder(t, outdir))
}

func TestSynthHonoursOutdirVariable(t *testing.T) {
	named, ignored := filepath.Join(t.TempDir(), "named"), filepath.Join(t.TempDir(), "ignored")
	t.Setenv("CDK8S_OUTDIR", named)
	require.NoError(t, constructs.Synth(ignored, smallShop))
	require.Contains(t, readFolder(t, named), "shop.k8s.yaml")
	require.NoDirExists(t, ignored)
}

// The second call would remove the first one's files.
func TestSynthRefusesToReplaceAnotherOutdir(t *testing.T) {
	named := filepath.Join(t.TempDir(), "named")
	t.Setenv("CDK8S_OUTDIR", named)
	require.NoError(t, constructs.Synth("a", smallShop))
	require.NoError(t, constructs.Synth("a", smallShop))
	first := readFolder(t, named)
	require.EqualError(t, constructs.Synth("b", smallShop), "CDK8S_OUTDIR="+named+` replaces the directory of every call of Synth, and already contains the files `+
		`for "a", which those for "b" would replace: unset it, or add all charts in one call`)
	require.Equal(t, first, readFolder(t, named))
}

func TestSynthOneAtATime(t *testing.T) {
	_, err := constructs.Render(func(app cdk8s.App) {
		failed := make(chan error)
		go func() { failed <- constructs.Synth(t.TempDir(), smallShop) }()
		require.EqualError(t, <-failed,
			"Synth or Render is already running in another goroutine: call them one at a time, in tests without t.Parallel")
		smallShop(app)
	})
	require.NoError(t, err)
	done := make(chan error)
	go func() { done <- constructs.Synth(t.TempDir(), smallShop) }()
	require.NoError(t, <-done, "one after the other")
}

func TestConstructsInOneGoroutine(t *testing.T) {
	_, err := constructs.Render(inShop(func(chart cdk8s.Chart) {
		message := make(chan any)
		go func() {
			defer func() { message <- recover() }()
			api(chart)
		}()
		require.EqualError(t, (<-message).(error),
			"a construct was added outside the goroutine that Synth or Render runs the program in: add all constructs in that one")
		api(chart)
	}))
	require.NoError(t, err)
}

func TestSynthRepeats(t *testing.T) {
	outdir := t.TempDir()
	require.NoError(t, constructs.Synth(outdir, smallShop))
	first := readFolder(t, outdir)
	require.NoError(t, constructs.Synth(outdir, smallShop))
	require.Equal(t, first, readFolder(t, outdir))
}

func TestSynthAfterClose(t *testing.T) {
	outdir := t.TempDir()
	require.NoError(t, constructs.Synth(outdir, smallShop))
	first := readFolder(t, outdir)
	constructs.Close()
	constructs.Close()
	require.NoError(t, constructs.Synth(outdir, smallShop))
	require.Equal(t, first, readFolder(t, outdir))
}

// What cannot be synthesized leaves the old files, and the next program is not disturbed.
func TestSynthFailsWhole(t *testing.T) {
	failure := errors.New("no more ideas")
	tests := map[string]struct {
		program func(app cdk8s.App)
		want    string
	}{
		"invalid":       {brokenShop, brokenShopProblem},
		"error":         {func(cdk8s.App) { panic(failure) }, failure.Error()},
		"string":        {func(cdk8s.App) { panic("no more ideas\n") }, "no more ideas"},
		"kernel":        {func(app cdk8s.App) { newChart(app, "shop"); newChart(app, "shop") }, "There is already a Construct with name 'shop' in App"},
		"after valid":   {func(app cdk8s.App) { smallShop(app); panic(failure) }, failure.Error()},
		"while JS runs": {func(app cdk8s.App) { newChart(app, "shop").Node().AddValidation(&panicking{failure}) }, failure.Error()},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			outdir := t.TempDir()
			require.NoError(t, constructs.Synth(outdir, smallShop))
			before := readFolder(t, outdir)
			require.ErrorContains(t, constructs.Synth(outdir, test.program), test.want)
			require.Equal(t, before, readFolder(t, outdir))

			missing := filepath.Join(t.TempDir(), "missing")
			require.ErrorContains(t, constructs.Synth(missing, test.program), test.want)
			require.NoDirExists(t, missing)

			require.NoError(t, constructs.Synth(missing, smallShop))
			require.Equal(t, before, readFolder(t, missing))
		})
	}
}

// panicking is a consumer's own validation that fails to give an answer.
type panicking struct{ problem error }

func (p *panicking) Validate() *[]*string { panic(p.problem) }

// A callback that panics leaves JavaScript waiting for its answer, with each further call one deeper in its stack.
func TestSynthAfterPanicInCallback(t *testing.T) {
	_, err := constructs.Render(func(app cdk8s.App) { newChart(app, "shop").Node().AddValidation(&panicking{errors.New("no")}) })
	require.EqualError(t, err, "no")
	_, err = constructs.Render(inShop(func(chart cdk8s.Chart) {
		for i := range 3000 {
			awsconstructs.NewConstruct(chart, jsii.Sprintf("construct-%d", i))
		}
	}))
	require.NoError(t, err)
}

// A program's bug is not an error of its input: it keeps its stack.
func TestSynthPassesBugsOn(t *testing.T) {
	outdir := t.TempDir()
	var nothing *cdk8s.ChartProps
	bug := func(cdk8s.App) { nothing.Namespace = jsii.String("shop") }
	requireRuntimeError(t, func() { _ = constructs.Synth(outdir, bug) })
	require.PanicsWithValue(t, 42, func() { _ = constructs.Synth(outdir, func(cdk8s.App) { panic(42) }) })
	require.Empty(t, readFolder(t, outdir))
	require.NoError(t, constructs.Synth(outdir, smallShop))
}

func requireRuntimeError(t *testing.T, act func()) {
	t.Helper()
	defer func() {
		var bug runtime.Error
		err, _ := recover().(error)
		require.ErrorAs(t, err, &bug)
	}()
	act()
}
