//go:build linux

package servers

import (
	"debug/buildinfo"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// What these tests prove is true of the images if they have the same versions: the same major version of what Debian packages, and the same
// version of what is built here.
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
	for _, exporter := range []struct {
		program func() (string, error)
		image   string
	}{
		{postgresExporter, newExporter(t, postgresFile, postgresName, secret, "").Image},
		{blackboxExporter, newSandbox(t, production, blackboxFile, blackboxName, "", corev1.Secret{}).Image},
	} {
		program, err := exporter.program()
		require.NoError(t, err)
		built, err := buildinfo.ReadFile(program)
		require.NoError(t, err)
		_, tag, _ := strings.Cut(exporter.image, ":")
		require.Equal(t, tag, built.Main.Version, exporter.image)
	}
}
