package operate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHelp(t *testing.T) {
	for _, command := range Commands(Application{Environments: []Environment{{Name: "production"}, {Name: "staging"}}}) {
		require.Contains(t, command.Long, "\nExit codes:\n  0  ")
		require.Contains(t, command.Long, "ENVIRONMENT is one of production, staging.")
		require.Contains(t, command.Example, "  ai-platform "+command.Name())
	}
}
