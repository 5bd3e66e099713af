package check

import (
	"testing"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

const (
	wholeRule       = "must be whole bytes"
	quantityMissing = `prop: Required value: a quantity such as "512Mi" or "1Gi"`
)

func TestCheckCPU(t *testing.T) {
	runChecks(t, map[string]expectation{
		"least":          {errs: CPU(checktest.Prop, "1m")},
		"cores":          {errs: CPU(checktest.Prop, "2")},
		"fraction":       {errs: CPU(checktest.Prop, "0.125")},
		"exponent":       {errs: CPU(checktest.Prop, "1e3")},
		"missing":        {CPU(checktest.Prop, ""), []string{`prop: Required value: a quantity such as "500m" or "2"`}},
		"zero":           {CPU(checktest.Prop, "0"), []string{`prop: Invalid value: "0": ` + checktest.CPURule}},
		"negative":       {CPU(checktest.Prop, "-1"), []string{`prop: Invalid value: "-1": ` + checktest.CPURule}},
		"too precise":    {CPU(checktest.Prop, "1.0005"), []string{`prop: Invalid value: "1.0005": ` + checktest.CPURule}},
		"microseconds":   {CPU(checktest.Prop, "100u"), []string{`prop: Invalid value: "100u": ` + checktest.CPURule}},
		"unknown suffix": {CPU(checktest.Prop, "1core"), []string{`prop: Invalid value: "1core": ` + checktest.CoresRule}},
		"space":          {CPU(checktest.Prop, "1 m"), []string{`prop: Invalid value: "1 m": ` + checktest.CoresRule}},
		"endless":        {CPU(checktest.Prop, "1e-1000000000"), []string{`prop: Invalid value: "1e-1000000000": ` + checktest.CoresRule}},
		"not a number":   {CPU(checktest.Prop, "NaN"), []string{`prop: Invalid value: "NaN": ` + checktest.CoresRule}},
	})
}

func TestCheckMemory(t *testing.T) {
	runChecks(t, map[string]expectation{
		"least":        {errs: Bytes(checktest.Prop, "4Mi", MinMemory)},
		"fraction":     {errs: Bytes(checktest.Prop, "1.5Gi", MinMemory)},
		"decimal":      {errs: Bytes(checktest.Prop, "1G", MinMemory)},
		"bytes":        {errs: Bytes(checktest.Prop, "134217728", MinMemory)},
		"exponent":     {errs: Bytes(checktest.Prop, "128e6", MinMemory)},
		"missing":      {Bytes(checktest.Prop, "", MinMemory), []string{quantityMissing}},
		"zero":         {Bytes(checktest.Prop, "0", MinMemory), []string{`prop: Invalid value: "0": ` + checktest.LeastRule}},
		"negative":     {Bytes(checktest.Prop, "-1Gi", MinMemory), []string{`prop: Invalid value: "-1Gi": ` + checktest.LeastRule}},
		"milli":        {Bytes(checktest.Prop, "512m", MinMemory), []string{`prop: Invalid value: "512m": ` + checktest.LeastRule}},
		"no suffix":    {Bytes(checktest.Prop, "512", MinMemory), []string{`prop: Invalid value: "512": ` + checktest.LeastRule}},
		"half a byte":  {Bytes(checktest.Prop, "4194304.5", MinMemory), []string{`prop: Invalid value: "4194304.5": ` + wholeRule}},
		"endless":      {Bytes(checktest.Prop, "2E02000000000000000000", MinMemory), []string{`prop: Invalid value: "2E02000000000000000000": ` + checktest.QuantityRule}},
		"wrong suffix": {Bytes(checktest.Prop, "1Gg", MinMemory), []string{`prop: Invalid value: "1Gg": ` + checktest.QuantityRule}},
		"lower case":   {Bytes(checktest.Prop, "1gi", MinMemory), []string{`prop: Invalid value: "1gi": ` + checktest.QuantityRule}},
		"bytes suffix": {Bytes(checktest.Prop, "512MB", MinMemory), []string{`prop: Invalid value: "512MB": ` + checktest.QuantityRule}},
	})
}
