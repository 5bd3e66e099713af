package helm

import (
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/engine"
)

// The first line after an installation says where the application is.
func TestNotesNameTheHost(t *testing.T) {
	for _, c := range []struct {
		values map[string]any
		want   string
	}{
		{nil, "in namespace shop, for https://ai-platform.example.com."},
		{map[string]any{"ingress.host": "*.example.com", "monitoring.publicProbe.enabled": false}, "in namespace shop, for every name of *.example.com."},
		{map[string]any{"ingress.tls.enabled": false}, "in namespace shop, for ai-platform.example.com."},
		{map[string]any{"ingress.enabled": false}, "in namespace shop, without an Ingress."},
		{map[string]any{"ingress.host": "", "ingress.tls.enabled": false, "monitoring.publicProbe.enabled": false}, "in namespace shop, for every host."},
	} {
		of := load(t)
		options := common.ReleaseOptions{Name: "ai-platform", Namespace: "shop", Revision: 1, IsInstall: true}
		values, err := util.ToRenderValues(of, nested(c.values), options, common.DefaultCapabilities)
		require.NoError(t, err)
		files, err := engine.Render(of, values)
		require.NoError(t, err)
		first, _, _ := strings.Cut(files[path.Join(of.Name(), "templates", "NOTES.txt")], "\n")
		require.Equal(t, "ai-platform is installed "+c.want, first, "%v", c.values)
	}
}
