package operate

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/operate/internal/diagnosis"
)

func TestVerificationText(t *testing.T) {
	v := &verification{
		Environment: "production", Context: "home", Notes: []string{"you may not read events"},
		Steps: []step{
			{Name: "pods", Result: failed, Summary: "1 of 2 workloads ready", Seconds: 0.14, Findings: []diagnosis.Finding{{
				Object: "Secret shop/passwords", Cause: "does not exist", Affected: []string{"Deployment shop/a", "Deployment shop/b"},
				Changed: "spec.replicas by kubectl-edit", Advice: "create it",
			}}},
			{Name: "services", Result: passed, Summary: "1 Service, 1 port with ready endpoints"},
			{Name: "persistence", Result: notChecked, Summary: "it needs --yes"},
		},
	}
	var plain, colored bytes.Buffer
	require.NoError(t, v.text(&plain, false))
	require.Equal(t, `failed       pods         1 of 2 workloads ready (0.1s)

    Secret shop/passwords
        cause:   does not exist
        affects: Deployment shop/a
                 Deployment shop/b
        changed: spec.replicas by kubectl-edit
        do:      create it
ok           services     1 Service, 1 port with ready endpoints (0.0s)
not checked  persistence  it needs --yes (0.0s)
note: you may not read events

production: 1 of 3 steps failed (context home)
`, plain.String())
	require.NoError(t, v.text(&colored, true))
	require.Contains(t, colored.String(), "\x1b[1;31mfailed       pods         1 of 2 workloads ready (0.1s)\x1b[0m\n")
	require.Equal(t, "waiting: pods: 1 of 2 workloads ready; services: 1 Service, 1 port with ready endpoints; persistence: it needs --yes", v.progress())
}
