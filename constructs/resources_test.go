package constructs

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"
)

const (
	quantityRule    = `must be a quantity such as "500m" or "1Gi"`
	cpuRule         = "must be whole thousandths of a core, at least 1m"
	leastRule       = "must be at least 4Mi and at most 1Pi"
	wholeRule       = "must be whole bytes"
	quantityMissing = `prop: Required value: a quantity such as "500m" or "1Gi"`
)

func TestCheckCPU(t *testing.T) {
	runChecks(t, map[string]check{
		"least":          {errs: checkCPU(prop, "1m")},
		"cores":          {errs: checkCPU(prop, "2")},
		"fraction":       {errs: checkCPU(prop, "0.125")},
		"exponent":       {errs: checkCPU(prop, "1e3")},
		"missing":        {checkCPU(prop, ""), []string{quantityMissing}},
		"zero":           {checkCPU(prop, "0"), []string{`prop: Invalid value: "0": ` + cpuRule}},
		"negative":       {checkCPU(prop, "-1"), []string{`prop: Invalid value: "-1": ` + cpuRule}},
		"too precise":    {checkCPU(prop, "1.0005"), []string{`prop: Invalid value: "1.0005": ` + cpuRule}},
		"microseconds":   {checkCPU(prop, "100u"), []string{`prop: Invalid value: "100u": ` + cpuRule}},
		"unknown suffix": {checkCPU(prop, "1core"), []string{`prop: Invalid value: "1core": ` + quantityRule}},
		"space":          {checkCPU(prop, "1 m"), []string{`prop: Invalid value: "1 m": ` + quantityRule}},
		"endless":        {checkCPU(prop, "1e-1000000000"), []string{`prop: Invalid value: "1e-1000000000": ` + quantityRule}},
		"not a number":   {checkCPU(prop, "NaN"), []string{`prop: Invalid value: "NaN": ` + quantityRule}},
	})
}

func TestCheckMemory(t *testing.T) {
	runChecks(t, map[string]check{
		"least":        {errs: checkMemory(prop, "4Mi")},
		"fraction":     {errs: checkMemory(prop, "1.5Gi")},
		"decimal":      {errs: checkMemory(prop, "1G")},
		"bytes":        {errs: checkMemory(prop, "134217728")},
		"exponent":     {errs: checkMemory(prop, "128e6")},
		"missing":      {checkMemory(prop, ""), []string{quantityMissing}},
		"zero":         {checkMemory(prop, "0"), []string{`prop: Invalid value: "0": ` + leastRule}},
		"negative":     {checkMemory(prop, "-1Gi"), []string{`prop: Invalid value: "-1Gi": ` + leastRule}},
		"milli":        {checkMemory(prop, "512m"), []string{`prop: Invalid value: "512m": ` + leastRule}},
		"no suffix":    {checkMemory(prop, "512"), []string{`prop: Invalid value: "512": ` + leastRule}},
		"half a byte":  {checkMemory(prop, "4194304.5"), []string{`prop: Invalid value: "4194304.5": ` + wholeRule}},
		"endless":      {checkMemory(prop, "2E02000000000000000000"), []string{`prop: Invalid value: "2E02000000000000000000": ` + quantityRule}},
		"wrong suffix": {checkMemory(prop, "1Gg"), []string{`prop: Invalid value: "1Gg": ` + quantityRule}},
		"lower case":   {checkMemory(prop, "1gi"), []string{`prop: Invalid value: "1gi": ` + quantityRule}},
		"bytes suffix": {checkMemory(prop, "512MB"), []string{`prop: Invalid value: "512MB": ` + quantityRule}},
	})
}

func TestResourcesValidate(t *testing.T) {
	same := ResourceList{CPU: "1", Memory: "1Gi"}
	runChecks(t, map[string]check{
		"request equals limit": {errs: Resources{Requests: same, Limits: same}.validate(prop)},
		"equal in other forms": {errs: Resources{Requests: same, Limits: ResourceList{CPU: "1000m", Memory: "1024Mi"}}.validate(prop)},
		"request above limit": {
			Resources{Requests: ResourceList{CPU: "1001m", Memory: "1025Mi"}, Limits: ResourceList{CPU: "1000m", Memory: "1024Mi"}}.validate(prop),
			[]string{
				`prop.requests.cpu: Invalid value: "1001m": must not exceed the limit 1`,
				`prop.requests.memory: Invalid value: "1025Mi": must not exceed the limit 1Gi`,
			},
		},
		"all wrong": {
			Resources{Requests: ResourceList{CPU: "x", Memory: "1"}, Limits: ResourceList{CPU: "0"}}.validate(prop),
			[]string{
				`prop.requests.cpu: Invalid value: "x": ` + quantityRule,
				`prop.limits.cpu: Invalid value: "0": ` + cpuRule,
				`prop.requests.memory: Invalid value: "1": ` + leastRule,
				`prop.limits.memory: Required value: a quantity such as "500m" or "1Gi"`,
			},
		},
	})
}

// Quantities are written as the API server writes them.
func TestQuantityIsCanonical(t *testing.T) {
	for text, want := range map[string]string{
		"1000m": "1", "0.25": "250m", "1.5": "1500m", "2": "2", "1e3": "1e3", "2048Mi": "2Gi", "1.5Gi": "1536Mi", "0.5Gi": "512Mi", "1000M": "1G",
		"08m": "8m", "+5": "5", "007Gi": "7Gi", "1073741824": "1073741824", "1024Ki": "1Mi", "1.0": "1", "9223372036854775807": "9223372036854775807",
	} {
		got, _ := quantity(text).Value().(string)
		require.Equal(t, want, got, text)
		again := resource.MustParse(got)
		require.Equal(t, got, again.String(), "the API server changes nothing")
		require.Zero(t, again.Cmp(resource.MustParse(text)), "the amount is the same")
	}
}
