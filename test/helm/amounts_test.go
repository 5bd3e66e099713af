package helm

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/engine"
	"k8s.io/apimachinery/pkg/api/resource"
)

// What the chart's helpers make of amounts is what Kubernetes' own parser does.

func TestAmountsOfBytes(t *testing.T) {
	var amounts []string
	random := rand.New(rand.NewPCG(3, 4))
	for _, unit := range []string{"", "k", "M", "G", "T", "P", "Ki", "Mi", "Gi", "Ti", "Pi"} {
		for _, number := range append(someNumbers(random), "1024", "1048576", "4194304", "4194303.999", "1125899906842624", "1125899906842625", "999999999999999") {
			if amount := number + unit; len(amount) <= 18 {
				amounts = append(amounts, amount)
			}
		}
	}
	accepted := 0
	for i, line := range include(t, amounts,
		`{{ include "ai-platform.checkBytes" (list "a" . "4Mi") }}|{{ include "ai-platform.quantity" . }}|{{ include "ai-platform.bytes" . }}|{{ include "ai-platform.share" (list . 4 5) }}|{{ include "ai-platform.share" (list . 1 3) }}|{{ include "ai-platform.binaryShare" (list . 1 8 "64Mi") }}`) {
		got := strings.Split(line, "|")
		want := parse(amounts[i])
		if want.Cmp(resource.MustParse("4Mi")) < 0 || want.Cmp(resource.MustParse("1Pi")) > 0 || want.MilliValue()%1000 != 0 {
			require.NotEmpty(t, got[0], amounts[i])
			continue
		}
		accepted++
		shared := resource.NewQuantity(max(want.Value()/8, 64*1024*1024), resource.BinarySI)
		require.Equal(t, []string{
			"", want.String(), fmt.Sprint(want.Value()), fmt.Sprint(want.Value() / 5 * 4), fmt.Sprint(want.Value() / 3), shared.String(),
		}, got, amounts[i])
	}
	require.Greater(t, accepted, len(amounts)/5)
}

func TestAmountsOfCPU(t *testing.T) {
	var amounts []string
	for _, number := range someNumbers(rand.New(rand.NewPCG(5, 6))) {
		if len(number) <= 7 {
			amounts = append(amounts, number)
		}
		if len(number) <= 6 && !strings.Contains(number, ".") {
			amounts = append(amounts, number+"m")
		}
	}
	for i, line := range include(t, amounts, `{{ include "ai-platform.checkCPU" (list "a" .) }}|{{ include "ai-platform.cpu" . }}|{{ include "ai-platform.cores" . }}`) {
		got := strings.Split(line, "|")
		want := parse(amounts[i])
		require.Equal(t, want.IsZero(), got[0] != "", amounts[i])
		if !want.IsZero() {
			require.Equal(t, want.String(), got[1], amounts[i])
			require.Zero(t, want.Cmp(resource.MustParse(got[2])), amounts[i])
			require.Regexp(t, `^([1-9][0-9]*|0)([.][0-9]*[1-9])?$`, got[2])
		}
	}
}

// someNumbers have every number of digits, before the point and after it, and zeros where they matter.
func someNumbers(random *rand.Rand) []string {
	numbers := []string{"0", "00", "1", "08", "010", "0.001", "0.010", "00.100", "0.0", "1.0", "1.5", "999.999", "1000", "20000"}
	digits := func(count int) string {
		var text strings.Builder
		for range count {
			text.WriteByte("0123456789"[random.IntN(10)])
		}
		return text.String()
	}
	for whole := 1; whole <= 15; whole++ {
		for decimals := 0; decimals <= 3; decimals++ {
			for range 4 {
				number := digits(whole)
				if decimals > 0 {
					number += "." + digits(decimals)
				}
				numbers = append(numbers, number)
			}
		}
	}
	return numbers
}

func parse(text string) resource.Quantity {
	amount := resource.MustParse(text)
	amount.Add(resource.Quantity{}) // Without, it is written as the text that it was parsed from.
	return amount
}

// include gives what a template with the chart's helpers makes of each text, a line each.
func include(t *testing.T, texts []string, template string) []string {
	t.Helper()
	of := load(t)
	for _, file := range of.Templates {
		if strings.HasSuffix(file.Name, "/_helpers.tpl") {
			of.Templates = []*common.File{file, {Name: "templates/lines", Data: []byte("{{ range .Values.texts }}" + template + "\n{{ end }}")}}
			break
		}
	}
	of = &chart.Chart{Metadata: of.Metadata, Templates: of.Templates}
	rendered, err := engine.Render(of, map[string]any{"Values": map[string]any{"texts": texts}})
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(rendered["ai-platform/templates/lines"], "\n"), "\n")
	require.Len(t, lines, len(texts))
	return lines
}
