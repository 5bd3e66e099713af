package argocd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/argoproj/gitops-engine/pkg/health"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	luajson "layeh.com/gopher-json"

	"github.com/ai-platform/manifests/test/gomodule"
)

// scriptTimeout is how long a script may take. Argo CD grants a second, which a busy machine may miss.
const scriptTimeout = 10 * time.Second

// healthScripts is the folder of Argo CD's scripts that assess health, resource_customizations: <group>/<kind>/health.lua. They go
// before what the engine has built in, as in Argo CD. Folders with a placeholder, such as _.crossplane.io, are not looked at.
type healthScripts string

func downloadHealthScripts() (healthScripts, error) {
	folder, err := gomodule.Folder(gomodule.ArgoCD, "resource_customizations")
	return healthScripts(folder), err
}

// GetResourceHealth makes it a health.HealthOverride. It returns nil for a kind that has no script.
func (s healthScripts) GetResourceHealth(object *unstructured.Unstructured) (*health.HealthStatus, error) {
	kind := object.GroupVersionKind()
	script, err := os.ReadFile(filepath.Join(string(s), kind.Group, kind.Kind, "health.lua"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := assess(object, string(script))
	if err != nil {
		return nil, fmt.Errorf("health.lua of %s: %w", kind.GroupKind(), err)
	}
	return found, nil
}

// assess runs a script, which reads the global obj and returns a table of status and message.
func assess(object *unstructured.Unstructured, script string) (*health.HealthStatus, error) {
	state := lua.NewState()
	defer state.Close()
	ctx, cancel := context.WithTimeout(context.Background(), scriptTimeout)
	defer cancel()
	state.SetContext(ctx)

	encoded, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	value, err := luajson.Decode(state, encoded)
	if err != nil {
		return nil, err
	}
	state.SetGlobal("obj", value)
	if err := state.DoString(script); err != nil {
		return nil, err
	}
	returned, err := luajson.Encode(state.Get(-1))
	if err != nil {
		return nil, err
	}
	found := &health.HealthStatus{}
	if err := json.Unmarshal(returned, found); err != nil {
		return nil, fmt.Errorf("it returned %s: %w", returned, err)
	}
	return found, nil
}
