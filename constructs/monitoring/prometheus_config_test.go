package monitoring

import (
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// Kubelets and cert-manager export samples of all namespaces. Prometheus keeps those of its own.
func TestPrometheusKeepsSamplesOfItsNamespace(t *testing.T) {
	s := scraping{component: component{Component: testComponent}, kubelet: true, certManager: new(CertManager{}.withDefaults())}
	var config struct {
		Jobs []struct {
			Name    string            `json:"job_name"`
			Relabel []*relabel.Config `json:"metric_relabel_configs"`
		} `json:"scrape_configs"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(s.config()), &config))
	kept := map[string][]string{}
	for _, job := range config.Jobs {
		for _, namespace := range []string{"shop", "my-shop", "shop-2", "mail", ""} {
			if relabel.ProcessBuilder(labels.NewBuilder(labels.FromStrings("namespace", namespace)), job.Relabel...) {
				kept[job.Name] = append(kept[job.Name], namespace)
			}
		}
	}
	require.Equal(t, map[string][]string{
		s.Name():       {"shop", "my-shop", "shop-2", "mail", ""},
		kubeletJob:     {"shop"},
		cadvisorJob:    {"shop"},
		certManagerJob: {"shop"},
	}, kept)
}
