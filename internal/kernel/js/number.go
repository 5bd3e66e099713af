package js

import (
	"math"
	"strconv"
)

// Number writes a number as JavaScript's String does: with the fewest digits that give it back, and with an exponent from 1e21 on and below
// 1e-6.
// https://tc39.es/ecma262/#sec-numeric-types-number-tostring
func Number(number float64) string {
	switch {
	case math.IsNaN(number):
		return "NaN"
	case math.IsInf(number, 1):
		return "Infinity"
	case math.IsInf(number, -1):
		return "-Infinity"
	case number == 0:
		return "0" // Also for -0.
	}
	size := math.Abs(number)
	if size >= 1e-6 && size < 1e21 {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	text := strconv.FormatFloat(number, 'e', -1, 64)
	// Go writes exponents with two digits or more.
	if tens := len(text) - 2; text[tens] == '0' && (text[tens-1] == '-' || text[tens-1] == '+') {
		text = text[:tens] + text[tens+1:]
	}
	return text
}
