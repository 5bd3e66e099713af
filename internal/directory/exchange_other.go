//go:build !linux

package directory

// exchange swaps two directories. Only Linux can do it in one step.
func exchange(a, b string) error { return exchangeByRenaming(a, b) }
