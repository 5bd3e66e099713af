package chart

import (
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// The helpers in helpers.tpl make of a quantity what these functions do.

// CPUForms are those of an amount of CPU: the API server's own, and the number of cores.
func CPUForms() []Form {
	return []Form{
		{Write: canonical, Template: `include "` + helperPrefix + `cpu" %s`},
		{Write: cores, Template: `include "` + helperPrefix + `cores" %s`},
	}
}

// BytesForms are those of an amount of bytes: the API server's own, and the number of bytes.
func BytesForms() []Form {
	return []Form{
		{Write: canonical, Template: `include "` + helperPrefix + `quantity" %s`},
		ShareForm(1, 1),
	}
}

// ShareForm is the number of bytes of a part of an amount: three of four, say.
func ShareForm(parts, of int64) Form {
	number := func(value any) string {
		amount := resource.MustParse(value.(string))
		return strconv.FormatInt(amount.Value()/of*parts, 10)
	}
	if parts == of {
		return Form{Write: number, Template: `include "` + helperPrefix + `bytes" %s`}
	}
	arguments := strconv.FormatInt(parts, 10) + " " + strconv.FormatInt(of, 10)
	return Form{Write: number, Template: `include "` + helperPrefix + `share" (list %s ` + arguments + `)`}
}

// BinaryShareForm is a part of an amount, and not less than the least, in the API server's own form of binary amounts.
func BinaryShareForm(parts, of int64, least string) Form {
	return Form{
		Write: func(value any) string {
			amount, atLeast := resource.MustParse(value.(string)), resource.MustParse(least)
			return resource.NewQuantity(max(amount.Value()/of*parts, atLeast.Value()), resource.BinarySI).String()
		},
		Template: fmt.Sprintf(`include "%sbinaryShare" (list %%s %d %d %q)`, helperPrefix, parts, of, least),
	}
}

func canonical(value any) string {
	amount := resource.MustParse(value.(string))
	amount.Add(resource.Quantity{}) // Without, it is the text that it was parsed from.
	return amount.String()
}

func cores(value any) string {
	amount := resource.MustParse(value.(string))
	text := amount.AsDec().String()
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}
