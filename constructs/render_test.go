package constructs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

// configMap is an object of a consumer's own.
func configMap(scope awsconstructs.Construct, id string) cdk8s.ApiObject {
	return k8s.NewKubeConfigMap(scope, jsii.String(id), &k8s.KubeConfigMapProps{
		Metadata: &k8s.ObjectMeta{Name: jsii.String(id)},
		Data:     &map[string]*string{"b": jsii.String("---\nb: yes\n---\n"), "a": jsii.String("1")},
	})
}

// Render writes the files that cdk8s itself writes, to the byte.
func TestRenderEqualsAppSynth(t *testing.T) {
	needNode(t)
	tests := map[string]func(app cdk8s.App){
		"no chart":    func(cdk8s.App) {},
		"empty chart": func(app cdk8s.App) { newChart(app, "shop") },
		"empty chart among others": func(app cdk8s.App) {
			newChart(app, "a")
			api(newChart(app, "b"))
			newChart(app, "c")
			api(newChart(app, "d"))
		},
		"one of ours":      smallShop,
		"no namespace":     func(app cdk8s.App) { api(cdk8s.NewChart(app, jsii.String("shop"), nil)) },
		"text with dashes": func(app cdk8s.App) { configMap(newChart(app, "shop"), "settings") },
		"data before metadata": func(app cdk8s.App) {
			chart := newChart(app, "shop")
			configMap(chart, "first")
			constructs.NewFrontend(chart, "pages", constructs.FrontendProps{
				Image: "pages:1", Files: map[string]string{"/etc/nginx/conf.d/default.conf": "server {}\n---\n"},
			})
			configMap(chart, "last")
		},
		"object without a name": func(app cdk8s.App) {
			cdk8s.NewApiObject(newChart(app, "shop"), jsii.String("settings"), &cdk8s.ApiObjectProps{
				ApiVersion: jsii.String("v1"), Kind: jsii.String("ConfigMap"),
			})
		},
		"dependency within a chart": func(app cdk8s.App) {
			chart := newChart(app, "shop")
			backend := api(chart)
			backend.Deployment().AddDependency(configMap(chart, "settings"))
		},
		"dependency between charts": func(app cdk8s.App) {
			last, first, between := newChart(app, "last"), newChart(app, "first"), newChart(app, "between")
			last.AddDependency(between)
			between.AddDependency(first)
			for _, chart := range []cdk8s.Chart{last, first, between} {
				configMap(chart, "settings")
			}
		},
		"dependency between constructs": func(app cdk8s.App) {
			pages := constructs.NewFrontend(newChart(app, "pages"), "pages", constructs.FrontendProps{Image: "pages:1"})
			newChart(app, "unrelated")
			pages.Construct().Node().AddDependency(api(newChart(app, "shop")).Construct())
		},
		"nested charts": func(app cdk8s.App) {
			outer := newChart(app, "outer")
			inner := cdk8s.NewChart(outer, jsii.String("inner"), nil)
			configMap(inner, "settings")
			configMap(outer, "settings")
			configMap(awsconstructs.NewConstruct(inner, jsii.String("group")), "others")
		},
		"chart below a construct": func(app cdk8s.App) {
			group := awsconstructs.NewConstruct(app, jsii.String("group"))
			configMap(cdk8s.NewChart(group, jsii.String("shop"), nil), "settings")
		},
		"charts with strange names": func(app cdk8s.App) {
			for _, name := range []string{"00-first", "UPPER", "with space", "umlaut-ü", "a/b", "a.b", strings.Repeat("long", 40)} {
				configMap(newChart(app, name), "settings")
			}
		},
	}
	for name, program := range tests {
		t.Run(name, func(t *testing.T) {
			files, err := constructs.Render(program)
			require.NoError(t, err)
			if diff := cmp.Diff(appSynth(t, program), textOf(files)); diff != "" {
				t.Errorf("app.Synth and Render differ (-app.Synth +Render):\n%s", diff)
			}
		})
	}
}

func TestRenderEqualsAppSynthWithMetadata(t *testing.T) {
	needNode(t)
	t.Setenv("CDK8S_RECORD_CONSTRUCT_METADATA", "true")
	constructs.Close() // The kernel looks at its own environment.
	t.Cleanup(constructs.Close)

	program := func(app cdk8s.App) {
		smallShop(app)
		configMap(newChart(app, "settings"), "settings")
	}
	files, err := constructs.Render(program)
	require.NoError(t, err)
	rendered, expected := textOf(files), appSynth(t, program)
	const metadata = "construct-metadata.json"
	require.JSONEq(t, expected[metadata], rendered[metadata])
	delete(rendered, metadata)
	delete(expected, metadata)
	require.Equal(t, expected, rendered)
}

// appSynth gives the files that cdk8s itself writes.
func appSynth(t *testing.T, program func(app cdk8s.App)) map[string]string {
	t.Helper()
	outdir := t.TempDir()
	app := cdk8s.NewApp(&cdk8s.AppProps{Outdir: jsii.String(outdir)})
	program(app)
	app.Synth()
	return readFolder(t, outdir)
}

// A program that prefers cdk8s.NewApp and app.Synth meets the same errors.
func TestAppSynthReportsProblems(t *testing.T) {
	needNode(t)
	_, err := constructs.Render(smallShop) // Starts the kernel with a supported Node.js.
	require.NoError(t, err)
	app := cdk8s.NewApp(&cdk8s.AppProps{Outdir: jsii.String(t.TempDir())})
	brokenShop(app)
	require.PanicsWithError(t, "Error: "+brokenShopProblem, app.Synth)
}

func TestRenderRepeats(t *testing.T) {
	first, err := constructs.Render(smallShop)
	require.NoError(t, err)
	second, err := constructs.Render(smallShop)
	require.NoError(t, err)
	require.Equal(t, textOf(first), textOf(second))
}

// cdk8s reads files in a process of its own, which must not look for what the kernel was started with.
func TestIncludedFile(t *testing.T) {
	needNode(t)
	file := filepath.Join(t.TempDir(), "settings.yaml")
	require.NoError(t, os.WriteFile(file, []byte("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n"), 0o666))
	text := synthesize(t, func(chart cdk8s.Chart) {
		cdk8s.NewInclude(chart, jsii.String("settings"), &cdk8s.IncludeProps{Url: jsii.String(file)})
	})
	require.Contains(t, text, "name: settings")
}
