package externalsecrets

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/doctest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// defaultWords are the words of documented defaults that are no literals.
var defaultWords = map[string]string{
	"GeneratedSecretProps.ReadElsewhere": "false",
}

// TestDefaults holds every default that is documented.
func TestDefaults(t *testing.T) {
	generated := GeneratedSecretProps{}.withDefaults(testComponent)
	stored := StoreSecretProps{}.withDefaults(testComponent)
	unread := func(props GeneratedSecretProps) int {
		s := &secret{node: &manifest.Node{Component: testComponent}, name: "shop-secrets"}
		return len(s.checkKeys(patched(generatedObjects("a")...), props.ReadElsewhere))
	}
	defaults := map[string]struct{ got, want any }{
		"GeneratedSecretProps.Length":        {generated.Length, 32},
		"GeneratedSecretProps.Templates":     {secretTemplate(testComponent, generated.composed().texts())["data"], nil},
		"GeneratedSecretProps.PostgresURLs":  {len(generated.composed().urls), 0},
		"GeneratedSecretProps.ReadElsewhere": {unread(generated), 1},
		"GeneratedSecretProps.Name":          {generated.Name, "shop-secrets"},
		"StoreSecretProps.Templates":         {secretTemplate(testComponent, stored.composed().texts())["data"], nil},
		"StoreSecretProps.PostgresURLs":      {len(stored.composed().urls), 0},
		"StoreSecretProps.RefreshInterval":   {stored.RefreshInterval, time.Hour},
		"StoreSecretProps.ReadElsewhere":     {stored.ReadElsewhere, false},
		"StoreSecretProps.Name":              {stored.Name, "shop-secrets"},
		"Store.Kind":                         {stored.Store.Kind, StoreNamespaced},
		"RemoteKey.Property":                 {RemoteKey{}.fields()["property"], nil},
		"RemoteKey.Version":                  {RemoteKey{}.fields()["version"], nil},
	}
	wanted := map[string]any{}
	for name, value := range defaults {
		wanted[name] = value.want
		require.EqualValues(t, value.want, value.got, name)
	}
	doctest.RequireLiterals(t, wanted, defaultWords)
	require.Equal(t, doctest.Defaults(t), slices.Sorted(maps.Keys(defaults)), "the fields whose documentation names a default")
}
