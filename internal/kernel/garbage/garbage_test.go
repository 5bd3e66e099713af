package garbage

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// current is the percentage that is set.
func current() int {
	percentage := debug.SetGCPercent(usual)
	debug.SetGCPercent(percentage)
	return percentage
}

var inUse []byte

func TestRelax(t *testing.T) {
	require.Equal(t, usual, debug.SetGCPercent(usual))
	runtime.GC()
	restore := Relax()
	require.Greater(t, current(), 2*usual)

	inUse = make([]byte, 2*room)
	t.Cleanup(func() { inUse = nil })
	runtime.GC()
	require.Eventually(t, func() bool { return current() == usual }, time.Minute, time.Millisecond, "there is as much garbage as usual in a large program")

	inUse = nil
	runtime.GC()
	require.Eventually(t, func() bool { return current() > 2*usual }, time.Minute, time.Millisecond)
	restore()
	require.Equal(t, usual, current())
	runtime.GC()
	require.Never(t, func() bool { return current() != usual }, 20*time.Millisecond, time.Millisecond)
}

// What the program sets counts, and that of a rendering around this one.
func TestRelaxLeavesSettings(t *testing.T) {
	debug.SetGCPercent(50)
	t.Cleanup(func() { debug.SetGCPercent(usual) })
	restore := Relax()
	require.Equal(t, 50, current())
	restore()
	require.Equal(t, 50, current())
}

// A percentage that the program sets meanwhile counts, too.
func TestRelaxHeedsTheProgram(t *testing.T) {
	restore := Relax()
	t.Cleanup(func() { debug.SetGCPercent(usual) })
	debug.SetGCPercent(400)
	runtime.GC()
	require.Never(t, func() bool { return current() != 400 }, 20*time.Millisecond, time.Millisecond)
	restore()
	require.Equal(t, 400, current())
}
