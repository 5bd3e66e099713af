package monitoring

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// rules are what a file of rules says.
type rules struct {
	Groups []struct {
		Name  string `json:"name"`
		Rules []rule `json:"rules"`
	} `json:"groups"`
}

type rule struct {
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	For         string            `json:"for,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

func readRules(t *testing.T, f file) rules {
	t.Helper()
	var read rules
	require.NoError(t, yaml.UnmarshalStrict([]byte(f.content), &read), f)
	return read
}

// eachRule yields the rules of all groups of all files.
func eachRule(t *testing.T, yield func(f file, r rule)) {
	t.Helper()
	for _, f := range filesNamed(t, rulesFile) {
		for _, group := range readRules(t, f).Groups {
			for _, r := range group.Rules {
				yield(f, r)
			}
		}
	}
}

// A configuration names the rules and a ServiceAccount's token by their paths in the container, so promtool looks at the syntax alone.
// Debian's is built without Kubernetes, whose nodes a configuration may ask for.
func checkConfiguration(t *testing.T, f file) (string, error) {
	t.Helper()
	return promtool.run(t, map[string]string{prometheusFile: f.content}, "check", "config", "--syntax-only", prometheusFile)
}

func checkRules(t *testing.T, p program, f file) (string, error) {
	t.Helper()
	return p.run(t, map[string]string{rulesFile: f.content}, "check", "rules", rulesFile)
}

func TestPromtoolAcceptsConfigurations(t *testing.T) {
	for _, f := range filesNamed(t, prometheusFile) {
		printed, err := checkConfiguration(t, f)
		require.NoError(t, err, "%s: %s", f, printed)
	}
	printed, err := checkConfiguration(t, fileIn(t, everyAlert, prometheusFile).replaced(t, "metrics_path:", "metric_path:"))
	require.Error(t, err)
	require.Contains(t, printed, "field metric_path not found")
}

func TestPromtoolAcceptsRules(t *testing.T) {
	for _, p := range promtools {
		t.Run(p.version, func(t *testing.T) {
			for _, f := range filesNamed(t, rulesFile) {
				printed, err := checkRules(t, p, f)
				require.NoError(t, err, "%s: %s", f, printed)
			}
			printed, err := checkRules(t, p, fileIn(t, everyAlert, rulesFile).replaced(t, "{{ $value |", "{{ $values |"))
			require.Error(t, err)
			require.Contains(t, printed, `undefined variable "$values"`)
		})
	}
}

// caseFile is a file of testdata, as far as it is looked at here; promtool reads all of it.
// https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
type caseFile struct {
	name, content string
	Tests         []struct {
		Questions []struct {
			Alert    string `json:"alertname"`
			Expected []any  `json:"exp_alerts"`
		} `json:"alert_rule_test"`
	}
}

func caseFiles(t *testing.T) []caseFile {
	t.Helper()
	names, err := filepath.Glob("testdata/*.yaml")
	require.NoError(t, err)
	var files []caseFile
	for _, name := range names {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		f := caseFile{name: filepath.Base(name), content: string(content)}
		require.NoError(t, yaml.Unmarshal(content, &f), name)
		files = append(files, f)
	}
	return files
}

// rules are the rules of the alerts that cases ask for: promtool would evaluate all rules at every step of every case.
func (f caseFile) rules(t *testing.T) string {
	t.Helper()
	asked := map[string]bool{}
	for _, test := range f.Tests {
		for _, question := range test.Questions {
			asked[question.Alert] = true
		}
	}
	all := readRules(t, fileIn(t, cmp.Or(ruleManifests[f.name], everyAlert), rulesFile))
	for i, group := range all.Groups {
		all.Groups[i].Rules = slices.DeleteFunc(group.Rules, func(r rule) bool { return !asked[r.Alert] })
	}
	content, err := yaml.Marshal(all)
	require.NoError(t, err)
	return string(content)
}

func TestAlerts(t *testing.T) {
	contents, arguments := map[string]string{}, []string{"test", "rules"}
	for _, f := range caseFiles(t) {
		// A file of cases expects its rules beside it.
		contents[filepath.Join(f.name, "cases.yaml")] = f.content
		contents[filepath.Join(f.name, rulesFile)] = f.rules(t)
		arguments = append(arguments, filepath.Join(f.name, "cases.yaml"))
	}
	for _, p := range promtools {
		t.Run(p.version, func(t *testing.T) {
			printed, err := p.run(t, contents, arguments...)
			require.NoError(t, err, printed)
		})
	}
}

// heartbeat is the alert that always fires and calls nobody.
const heartbeat = "Watchdog"

// Every alert of every file fires in a case, and does not fire throughout another. The cases run with the rules of everyAlert or ruleManifests.
func TestEveryAlertHasAFiringAndASilentCase(t *testing.T) {
	firing, silent := map[string]bool{}, map[string]bool{heartbeat: true}
	for _, f := range caseFiles(t) {
		for _, test := range f.Tests {
			fires := map[string]bool{}
			for _, question := range test.Questions {
				fires[question.Alert] = fires[question.Alert] || len(question.Expected) > 0
			}
			for alert, does := range fires {
				if does {
					firing[alert] = true
				} else {
					silent[alert] = true
				}
			}
		}
	}
	all, tested := map[string]bool{}, map[string]bool{}
	eachRule(t, func(f file, r rule) {
		all[r.Alert] = true
		if f.manifest == everyAlert {
			tested[r.Alert] = true
		}
	})
	want := slices.Sorted(maps.Keys(all))
	require.Equal(t, want, slices.Sorted(maps.Keys(firing)), "alerts that fire in a case")
	require.Equal(t, want, slices.Sorted(maps.Keys(silent)), "alerts that do not fire throughout a case")
	require.Equal(t, want, slices.Sorted(maps.Keys(tested)), "alerts in %s", everyAlert)
}
