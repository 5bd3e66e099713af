// Package garbage has garbage collected less often while the heap is small. Each collection also looks at the data of all packages, which takes milliseconds in a
// program with Kubernetes's types.
package garbage

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

const (
	// room is how much garbage there may be, even if less is in use.
	room = 32 << 20

	// usual is Go's own percentage of garbage to what is in use: as much.
	usual = 100

	// most makes the first collection wait for room, as Go's own does for 4 MiB.
	// https://go.dev/doc/gc-guide#GOGC
	most = 800
)

// Relax lets there be room for garbage, until restore is called. It leaves a percentage alone that the program or the variable GOGC sets, before or
// meanwhile.
func Relax() (restore func()) {
	r := &relaxation{set: usual}
	r.adapt()
	return r.end
}

// relaxation adapts the percentage to what is in use after each collection.
type relaxation struct {
	mutex sync.Mutex
	set   int // What was set last.
	ended bool
}

// watch adapts the percentage after the next collection, which finds an object that nobody uses.
func (r *relaxation) watch() {
	runtime.AddCleanup(&struct{ unused [64]byte }{}, (*relaxation).adapt, r)
}

func (r *relaxation) adapt() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.change(percentage()) {
		r.watch()
	}
}

func (r *relaxation) end() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.change(usual)
	r.ended = true
}

// change sets a percentage, unless another one was set meanwhile: that one counts from then on.
func (r *relaxation) change(to int) bool {
	if r.ended {
		return false
	}
	if found := debug.SetGCPercent(to); found != r.set {
		debug.SetGCPercent(found)
		r.ended = true
		return false
	}
	r.set = to
	return true
}

// percentage is that of room to what was in use at the last collection.
func percentage() int {
	inUse := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(inUse)
	return min(max(room*usual/max(int(inUse[0].Value.Uint64()), 1), usual), most)
}
