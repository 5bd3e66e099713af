package reach

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
	"strings"
)

// cidr writes a range of IPv4 addresses, "10.20.0.0-10.20.0.255", as policies do: "10.20.0.0/24". A range that is no
// single block stays as it is.
func cidr(addresses string) (string, error) {
	from, to, _ := strings.Cut(addresses, "-")
	first, err := netip.ParseAddr(from)
	if err != nil {
		return "", err
	}
	last, err := netip.ParseAddr(to)
	if err != nil {
		return "", err
	}
	if !first.Is4() || !last.Is4() {
		return "", fmt.Errorf("%s is not of IPv4", addresses)
	}
	// In a block the bits in which both ends differ are 0 in the first, 1 in the last, and below all others.
	low, high := toNumber(first), toNumber(last)
	free := bits.Len32(low ^ high)
	if mask := uint32(1)<<free - 1; low&mask != 0 || high&mask != mask {
		return addresses, nil
	}
	return netip.PrefixFrom(first, 32-free).String(), nil
}

func toNumber(address netip.Addr) uint32 {
	bytes := address.As4()
	return binary.BigEndian.Uint32(bytes[:])
}
