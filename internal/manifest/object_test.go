package manifest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Quantities are written as the API server writes them.
func TestQuantityIsCanonical(t *testing.T) {
	for text, want := range map[string]string{
		"1000m": "1", "0.25": "250m", "1.5": "1500m", "2": "2", "1e3": "1e3", "2048Mi": "2Gi", "1.5Gi": "1536Mi", "0.5Gi": "512Mi", "1000M": "1G",
		"08m": "8m", "+5": "5", "007Gi": "7Gi", "1073741824": "1073741824", "1024Ki": "1Mi", "1.0": "1", "9223372036854775807": "9223372036854775807",
	} {
		got, _ := Quantity(text).Value().(string)
		require.Equal(t, want, got, text)
		again := resource.MustParse(got)
		require.Equal(t, got, again.String(), "the API server changes nothing")
		require.Zero(t, again.Cmp(resource.MustParse(text)), "the amount is the same")
	}
}
