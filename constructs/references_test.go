package constructs

import (
	"testing"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Kubernetes resolves references to variables before only, so that the order is a part of what they say.
func TestVariablesComeAfterThoseTheyReferTo(t *testing.T) {
	key := SecretKeyRef{Secret: "shop-secrets", Key: "token"}
	connected := []*k8s.EnvVar{manifest.Variable("REDIS_URL", "redis://redis"), manifest.Variable("VITE_API_BASE_URL", "https://$(PUBLIC_HOST)/api")}
	for name, test := range map[string]struct {
		plain map[string]string
		want  []string
	}{
		"sorted by name": {
			map[string]string{"PUBLIC_HOST": "a", "B": "$(TOKEN)", "A": "$(REDIS_URL) $(KUBERNETES_SERVICE_HOST)"},
			[]string{"REDIS_URL", "PUBLIC_HOST", "VITE_API_BASE_URL", "TOKEN", "A", "B"},
		},
		"a chain": {
			map[string]string{"PUBLIC_HOST": "$(SHOP).$(DOMAIN)", "SHOP": "shop", "CALLBACK_URL": "https://$(PUBLIC_HOST)/$(TOKEN)", "DOMAIN": "example.com", "A": "$$(Z)", "Z": ""},
			[]string{"REDIS_URL", "DOMAIN", "SHOP", "PUBLIC_HOST", "VITE_API_BASE_URL", "TOKEN", "A", "CALLBACK_URL", "Z"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, checktest.Messages(variables{connected: connected, secretEnv: map[string]SecretKeyRef{"TOKEN": key}, env: test.plain}.validate(checktest.Prop)))
			var names []string
			for _, variable := range (variables{connected: connected, secretEnv: map[string]SecretKeyRef{"TOKEN": key}, env: test.plain}).ordered().placed {
				names = append(names, *variable.Name)
			}
			require.Equal(t, test.want, names)
		})
	}
}

func TestReferences(t *testing.T) {
	connected := []*k8s.EnvVar{manifest.Variable("DATABASE_URL", "postgres://db")}
	in := func(plain map[string]string) []string {
		return checktest.Messages(variables{connected: connected, env: plain}.validate(checktest.Prop))
	}
	for _, text := range []string{"$$(NO)", "$$$$(NO)", "$(", "$()", "$(NO", "$NO", "${NO}", "$(date -u)", "$(1)", "$(A$(NO)", "$$(NO)$(DATABASE_URL)", "$(KUBERNETES_PORT_443_TCP_ADDR)"} {
		require.Empty(t, in(map[string]string{"V": text}), text)
	}
	const (
		unknown  = "which the container does not have: add it to env or secretEnv, or write $$"
		circular = "which leads back to this variable: remove one of the references, or write $$"
	)
	require.Equal(t, []string{
		`prop.env[A]: Invalid value: "$$$(NO) $(NO)": refers to $(NO), ` + unknown + "(NO) for the text itself",
		`prop.env[B]: Invalid value: "$(DATABASE_URL)/$(SHOP).$(DOMAIN)": refers to $(DOMAIN), ` + unknown + "(DOMAIN) for the text itself",
		`prop.env[B]: Invalid value: "$(DATABASE_URL)/$(SHOP).$(DOMAIN)": refers to $(SHOP), ` + unknown + "(SHOP) for the text itself",
		`prop.env[D]: Invalid value: "$(C)": refers to $(C), ` + circular + "(C) for the text itself",
		`prop.env[E]: Invalid value: "$(E)": refers to $(E), ` + circular + "(E) for the text itself",
	}, in(map[string]string{"A": "$$$(NO) $(NO)", "B": "$(DATABASE_URL)/$(SHOP).$(DOMAIN)", "C": "$(D)", "D": "$(C)", "E": "$(E)"}))

	url := FrontendProps{Image: "pages:1", APIBaseURL: "https://$(PUBLIC_HOST)/api"}
	require.Equal(t, []string{
		`prop.apiBaseURL: Invalid value: "https://$(PUBLIC_HOST)/api": refers to $(PUBLIC_HOST), ` + unknown + "(PUBLIC_HOST) for the text itself",
	}, checktest.Messages(url.Validate(checktest.Prop)))
	url.Env = map[string]string{"PUBLIC_HOST": "shop.example.com"}
	require.Empty(t, url.Validate(checktest.Prop))
}
