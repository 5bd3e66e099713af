//go:build linux

package servers

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is proven here is proven for the images if they hold the same major versions.
func TestProgramsAreThoseOfTheImages(t *testing.T) {
	secret := newSecret(t, production, nil)
	for program, image := range map[string]string{
		"postgres":     newPostgres(t, production, secret).Image,
		"redis-server": newRedis(t, secret, busybox).Image,
	} {
		_, tag, _ := strings.Cut(image, ":")
		version, variant, _ := strings.Cut(tag, "-")
		require.Equal(t, "alpine", variant, image)
		printed, err := exec.Command(program, "--version").Output()
		require.NoError(t, err)
		require.Regexp(t, `[ =]`+version+`\.`, string(printed), image)
	}
}
