package check

import (
	"regexp"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const (
	// minCPU is the precision that the kubelet works with.
	minCPU = "1m"

	// MinMemory is less than the smallest process needs: a quantity below it is a slip of the suffix ("512m", "512").
	MinMemory = "4Mi"

	// MinStorage is below what any provisioner provides: a smaller quantity has lost its suffix.
	MinStorage = "1Mi"

	// maxBytes is far beyond any node or volume. The API server counts bytes in thousandths in places, and takes some ten
	// times as much for a fraction.
	maxBytes = "1Pi"
)

// longExponent matches what takes Kubernetes' own code minutes to parse or to compare: "1e-1000000000".
var longExponent = regexp.MustCompile(`[eE][-+]?[0-9]{3,}$`)

// Quantity parses a quantity of bytes.
func Quantity(path *field.Path, text string) (resource.Quantity, field.ErrorList) {
	return quantity(path, text, `a quantity such as "512Mi" or "1Gi"`)
}

// quantity parses a quantity, of which expected gives examples.
func quantity(path *field.Path, text, expected string) (resource.Quantity, field.ErrorList) {
	if text == "" {
		return resource.Quantity{}, field.ErrorList{field.Required(path, expected)}
	}
	if !longExponent.MatchString(text) {
		if quantity, err := resource.ParseQuantity(text); err == nil {
			return quantity, nil
		}
	}
	return resource.Quantity{}, field.ErrorList{field.Invalid(path, text, "must be "+expected)}
}

// CPU checks a quantity of CPU.
func CPU(path *field.Path, cpu string) field.ErrorList {
	cores, errs := quantity(path, cpu, `a quantity such as "500m" or "2"`)
	if len(errs) > 0 {
		return errs
	}
	// It has digits below a thousandth if it must be rounded.
	if rounded := cores.DeepCopy(); cores.Cmp(resource.MustParse(minCPU)) < 0 || !rounded.RoundUp(resource.Milli) {
		return field.ErrorList{field.Invalid(path, cpu, "must be whole thousandths of a core, at least "+minCPU)}
	}
	return nil
}

// Bytes checks a quantity of memory or storage.
func Bytes(path *field.Path, bytes, least string) field.ErrorList {
	quantity, errs := Quantity(path, bytes)
	if len(errs) > 0 {
		return errs
	}
	if quantity.Cmp(resource.MustParse(least)) < 0 || quantity.Cmp(resource.MustParse(maxBytes)) > 0 {
		return field.ErrorList{field.Invalid(path, bytes, "must be at least "+least+" and at most "+maxBytes)}
	}
	if rounded := quantity.DeepCopy(); !rounded.RoundUp(0) {
		return field.ErrorList{field.Invalid(path, bytes, "must be whole bytes")}
	}
	return nil
}

// Positive checks a quantity of anything that is counted or measured.
func Positive(path *field.Path, text string) field.ErrorList {
	value, errs := quantity(path, text, `a quantity such as "100" or "500m"`)
	if len(errs) == 0 && value.Sign() <= 0 {
		return field.ErrorList{field.Invalid(path, text, "must be above 0")}
	}
	return errs
}
