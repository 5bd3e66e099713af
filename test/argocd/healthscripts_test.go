package argocd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/argoproj/gitops-engine/pkg/health"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	luajson "layeh.com/gopher-json"
)

// argoCD is the module that has the scripts. No Go code of it is used: its engine is not served as a module.
const argoCD = "github.com/argoproj/argo-cd/v3@v3.5.7"

// scriptTimeout is how long a script may take. Argo CD grants a second, which a busy machine may miss.
const scriptTimeout = 10 * time.Second

// healthScripts is the folder of Argo CD's scripts that assess health, resource_customizations: <group>/<kind>/health.lua. They go
// before what the engine has built in, as in Argo CD. Folders with a placeholder, such as _.crossplane.io, are not looked at.
type healthScripts string

// downloadHealthScripts has Go download the module, unless it has it in its cache.
func downloadHealthScripts() (healthScripts, error) {
	out, err := exec.Command("go", "mod", "download", "-json", argoCD).Output()
	// The reason is in the output, whatever the exit code.
	var module struct{ Dir, Error string }
	if decodeErr := json.Unmarshal(out, &module); decodeErr != nil {
		return "", fmt.Errorf("download %s: %w: %s", argoCD, err, out)
	}
	if module.Error != "" {
		return "", fmt.Errorf("download %s: %s", argoCD, module.Error)
	}
	return healthScripts(filepath.Join(module.Dir, "resource_customizations")), nil
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
