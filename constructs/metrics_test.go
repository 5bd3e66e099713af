package constructs

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

func TestMetricsProps(t *testing.T) {
	of := testComponent
	long := of
	long.ID = strings.Repeat("a", 58)
	none := math.NaN()
	runChecks(t, map[string]expectation{
		"none":                         {(*Metrics)(nil).validate(checktest.Prop, of), nil},
		"defaults":                     {(&Metrics{}).withDefaults().validate(checktest.Prop, of), nil},
		"limits":                       {(&Metrics{Objective: Objective{Availability: 99.999, P95Latency: 5 * time.Second}}).withDefaults().validate(checktest.Prop, of), nil},
		"path":                         {(&Metrics{Path: "metrics"}).withDefaults().validate(checktest.Prop, of), []string{`prop.path: Invalid value: "metrics": must begin with /`}},
		"port":                         {(&Metrics{Port: 70000}).withDefaults().validate(checktest.Prop, of), []string{`prop.port: Invalid value: 70000: ` + checktest.PortRule}},
		"path that Prometheus escapes": {(&Metrics{Path: "/metrics?a=b"}).withDefaults().validate(checktest.Prop, of), []string{`prop.path: Invalid value: "/metrics?a=b": must not contain '?', '#' or '%', which Prometheus escapes`}},
		"budget":                       {(&Metrics{Objective: Objective{Availability: 90}}).withDefaults().validate(checktest.Prop, of), []string{`prop.objective.availability: Invalid value: 90: must be between 95 and 99.999`}},
		"all":                          {(&Metrics{Objective: Objective{Availability: 100}}).withDefaults().validate(checktest.Prop, of), []string{`prop.objective.availability: Invalid value: 100: must be between 95 and 99.999`}},
		"no number": {
			(&Metrics{Objective: Objective{Availability: none}}).withDefaults().validate(checktest.Prop, of),
			[]string{`prop.objective.availability: Invalid value: NaN: must be between 95 and 99.999`},
		},
		"time":         {(&Metrics{Objective: Objective{P95Latency: time.Hour}}).withDefaults().validate(checktest.Prop, of), []string{`prop.objective.p95Latency: Invalid value: "1h0m0s": must be between 1ms and 5s`}},
		"scraped only": {(&Metrics{ScrapeOnly: true}).withDefaults().validate(checktest.Prop, of), nil},
		"scraped only, and measured": {
			(&Metrics{ScrapeOnly: true, Objective: Objective{P95Latency: time.Second}}).withDefaults().validate(checktest.Prop, of),
			[]string{
				`prop.objective: Forbidden: cannot be measured with scrapeOnly: remove one of them`,
			},
		},
		"no room for the name of the Service": {
			(&Metrics{}).withDefaults().validate(checktest.Prop, long),
			[]string{`prop: Invalid value: "` + long.Suffixed(manifest.MetricsPort) + `": must be no more than 63 characters`},
		},
	})
}
