package chart

import (
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/chart"
)

// The helpers in quantities.tpl make of a quantity what these functions do.

// cpuForms are those of an amount of CPU: the API server's own, and the number of cores. No limit is written nowhere.
func cpuForms() []chart.Form {
	unlessNone := func(write func(any) string) func(any) string {
		return func(value any) string {
			if value == constructs.NoLimit {
				return ""
			}
			return write(value)
		}
	}
	return []chart.Form{
		{Write: unlessNone(canonical), Template: `include "CHART.cpu" %s`},
		{Write: unlessNone(cores), Template: `include "CHART.cores" %s`},
	}
}

// bytesForms are those of an amount of bytes: the API server's own, and the number of bytes.
func bytesForms() []chart.Form {
	return []chart.Form{
		{Write: canonical, Template: `include "CHART.quantity" %s`},
		shareForm(1, 1),
	}
}

// shareForm is the number of bytes of a part of an amount: three of four, say.
func shareForm(parts, of int64) chart.Form {
	number := func(value any) string {
		amount := resource.MustParse(value.(string))
		return strconv.FormatInt(amount.Value()/of*parts, 10)
	}
	if parts == of {
		return chart.Form{Write: number, Template: `include "CHART.bytes" %s`}
	}
	arguments := strconv.FormatInt(parts, 10) + " " + strconv.FormatInt(of, 10)
	return chart.Form{Write: number, Template: `include "CHART.share" (list %s ` + arguments + `)`}
}

// binaryShareForm is a part of an amount, and not less than the least, in the API server's own form of binary amounts.
func binaryShareForm(parts, of int64, least string) chart.Form {
	return chart.Form{
		Write: func(value any) string {
			amount, atLeast := resource.MustParse(value.(string)), resource.MustParse(least)
			return resource.NewQuantity(max(amount.Value()/of*parts, atLeast.Value()), resource.BinarySI).String()
		},
		Template: fmt.Sprintf(`include "CHART.binaryShare" (list %%s %d %d %q)`, parts, of, least),
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
