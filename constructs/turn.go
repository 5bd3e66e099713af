package constructs

import (
	"errors"
	"sync"

	"github.com/ai-platform/manifests/internal/manifest"
)

// turn is whose it is to use the kernel, which answers one question at a time.
var turn turns

// turns belong to a goroutine. Its calls may nest: a program may render another one.
type turns struct {
	mutex     sync.Mutex
	goroutine string
	depth     int
}

func (t *turns) begin() error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	current := manifest.Goroutine()
	if t.depth > 0 && t.goroutine != current {
		return errors.New("Synth or Render is already running in another goroutine: call them one at a time, in tests without t.Parallel")
	}
	t.goroutine = current
	t.depth++
	return nil
}

func (t *turns) end() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.depth--
}
