package js_test

import (
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

func object(keys ...string) *js.Object {
	o := &js.Object{}
	for i, key := range keys {
		o.Set(key, float64(i))
	}
	return o
}

func TestObjectOrder(t *testing.T) {
	o := object("b", "10", "a", "9", "01", "", "4294967295", "4294967294")
	require.Equal(t, []string{"9", "10", "4294967294", "b", "a", "01", "", "4294967295"}, o.Keys())
	o.Set("a", true)
	value, ok := o.Get("a")
	require.True(t, ok)
	require.Equal(t, true, value)
	require.Equal(t, []string{"9", "10", "4294967294", "b", "a", "01", "", "4294967295"}, o.Keys())

	// A key that was deleted comes back as a new one, and an index where it belongs.
	o.Delete("10")
	o.Delete("b")
	o.Delete("none")
	require.Equal(t, []string{"9", "4294967294", "a", "01", "", "4294967295"}, o.Keys())
	o.Set("b", nil)
	o.Set("5", nil)
	require.Equal(t, []string{"5", "9", "4294967294", "a", "01", "", "4294967295", "b"}, o.Keys())
	require.Equal(t, 8, o.Len())
}

// Large objects have an index, which must not remember what is gone.
func TestObjectLarge(t *testing.T) {
	o := &js.Object{}
	for i := range 100 {
		o.Set("key"+strconv.Itoa(i), i)
		o.Set(strconv.Itoa(99-i), i)
	}
	for i := range 50 {
		o.Delete("key" + strconv.Itoa(i))
		o.Delete(strconv.Itoa(i))
	}
	require.Equal(t, 100, o.Len())
	for i := range 100 {
		for key, want := range map[string]int{"key" + strconv.Itoa(i): i, strconv.Itoa(i): 99 - i} {
			value, ok := o.Get(key)
			require.Equal(t, i >= 50, ok)
			if ok {
				require.Equal(t, want, value)
			}
		}
	}
	require.Equal(t, []string{"50", "51"}, o.Keys()[:2])
	require.Equal(t, []string{"key50", "key51"}, o.Keys()[50:52])
}

// Keys of each kind are added to large objects without making their maps again, which took seconds.
func TestSetAddsToLargeObjects(t *testing.T) {
	const keys = 2_000
	allocations := testing.AllocsPerRun(1, func() {
		o := object("a")
		for i := range keys {
			o.Set(strconv.Itoa(keys-i), nil)
			o.Set("key"+strconv.Itoa(i), nil)
		}
	})
	require.Less(t, allocations, float64(5*keys))
}

func TestAllStops(t *testing.T) {
	for key := range object("a", "b").All {
		require.Equal(t, "a", key)
		break
	}
}

func TestClone(t *testing.T) {
	inner := object("a")
	list := []any{inner}
	original := object("list")
	original.Set("list", list)

	clone := js.Clone(original).(*js.Object)
	inner.Set("a", "changed")
	list[0] = "changed"
	require.JSONEq(t, `{"list":[{"a":0}]}`, string(js.AppendJSON(nil, clone)))
}

func TestCompare(t *testing.T) {
	// A pair of surrogates starts with D800 to DBFF.
	sorted := []string{"", "a", "a\x00", "aa", "b", "é", "\ud7ff", "\U00010000", "😀", "😀a", "😁", "\U0010ffff", "\ue000", "\ufeff", "\uffff", "\uffffa"}
	shuffled := slices.Clone(sorted)
	slices.Sort(shuffled)
	require.NotEqual(t, sorted, shuffled)
	slices.SortFunc(shuffled, js.Compare)
	require.Equal(t, sorted, shuffled)
	require.Zero(t, js.Compare("a😀", "a😀"))
}

func TestLength(t *testing.T) {
	require.Equal(t, 5, js.Length("aé\uffff😀"))
}

func TestNumber(t *testing.T) {
	for want, number := range map[string]float64{
		"0": math.Copysign(0, -1), "NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1),
		"1e+21": 1e21, "-1e+21": -1e21, "100000000000000000000": 1e20, "123456789012345680000": 123456789012345678901,
		"0.000001": 1e-6, "1e-7": 1e-7, "1.5e-10": 1.5e-10, "1e+100": 1e100, "1.5e+30": 1.5e30, "0.1": 0.1, "-12.5": -12.5,
	} {
		require.Equal(t, want, js.Number(number))
	}
}
