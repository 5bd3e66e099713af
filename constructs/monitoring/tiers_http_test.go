package monitoring

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Amounts stand in alerts and dashboards, which people read.
func TestAmounts(t *testing.T) {
	for quantity, want := range map[string]string{
		"36m": "0.036", "250m": "0.25", "1": "1", "1.5": "1.5", "2k": "2000", "1e1": "10",
		"512Mi": "536870912", "1.5Gi": "1610612736", "1Pi": "1125899906842624",
	} {
		require.Equal(t, want, promNumber(amount(quantity)), quantity)
	}
}
