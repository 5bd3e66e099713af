package monitoring

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	prometheusFile = "prometheus.yml"
	rulesFile      = "rules.yml"
)

// checkConfig looks at a configuration. It names the rules and a ServiceAccount's token by where they are in the container;
// promtool would look for them here, so it is told to look at the syntax alone, and at the rules by themselves. Debian's is
// built without Kubernetes, whose nodes a configuration may ask for.
func checkConfig(t *testing.T, config file) (string, error) {
	t.Helper()
	return promtool.run(t, write(t, prometheusFile, config.content), "check", "config", "--syntax-only", prometheusFile)
}

func checkRules(t *testing.T, j judge, rules file) (string, error) {
	t.Helper()
	return j.run(t, write(t, rulesFile, rules.content), "check", "rules", rulesFile)
}

func TestPromtoolAcceptsConfigurations(t *testing.T) {
	for _, config := range filesNamed(t, prometheusFile) {
		printed, err := checkConfig(t, config)
		require.NoError(t, err, "%s: %s", config, printed)
	}
}

func TestPromtoolAcceptsRules(t *testing.T) {
	eachVersion(t, promtools, func(t *testing.T, j judge) {
		for _, rules := range filesNamed(t, rulesFile) {
			printed, err := checkRules(t, j, rules)
			require.NoError(t, err, "%s: %s", rules, printed)
		}
	})
}

func TestPromtoolRefusesConfigurations(t *testing.T) {
	accepted := fileIn(t, everyAlert, prometheusFile)
	for _, c := range []struct{ name, old, replacement, want string }{
		{"an unknown field", "metrics_path:", "metric_path:", "field metric_path not found"},
		{"a job twice", "job_name: shop-redis", "job_name: shop-api", `multiple scrape configs with job name "shop-api"`},
		{"no duration", "scrape_interval: 15s", "scrape_interval: 15", "not a valid duration string"},
		{"no kind of record", "type: AAAA", "type: AAAAA", "AAAAA"},
		{"no action", "action: keep", "action: hold", `unknown relabel action "hold"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			printed, err := checkConfig(t, spoil(t, accepted, c.old, c.replacement))
			require.Error(t, err)
			require.Contains(t, printed, c.want)
		})
	}
}

func TestPromtoolRefusesRules(t *testing.T) {
	accepted := fileIn(t, everyAlert, rulesFile)
	for _, c := range []struct{ name, old, replacement, want string }{
		{"no PromQL", "expr: pg_up{", "expr: pg_up{{", "could not parse expression"},
		{"an unknown function", "histogram_quantile(", "histogram_quantil(", `unknown function with name "histogram_quantil"`},
		{"an unknown field", "for: 1m", "after: 1m", "field after not found"},
		{"no template", "{{ $labels.instance }}", "{{ $labels.instance }", "unexpected \"}\" in operand"},
		{"an unknown variable", "{{ $value | humanizeDuration }}", "{{ $values | humanizeDuration }}", `undefined variable "$values"`},
		{"a group twice", "name: shop-redis", "name: shop-database", "repeated in the same file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachVersion(t, promtools, func(t *testing.T, j judge) {
				printed, err := checkRules(t, j, spoil(t, accepted, c.old, c.replacement))
				require.Error(t, err)
				require.Contains(t, printed, c.want)
			})
		})
	}
}
