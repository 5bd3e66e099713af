package chart

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/chart"
)

// setting is a value of the chart, and what it sets in an environment.
type setting struct {
	chart.Value
	set func(e *platform.Environment, value any)

	// probe makes a value of which no text or number is in what another number makes.
	probe func(number int) any

	// choice is what the value decides on beside itself. Defaults to nothing.
	choice func(setting) chart.Choice

	checks []string // What no schema expresses: see check.
}

// The schemas of the kinds of values. Helm shows the pattern to whoever gives a wrong value, so those of images and quantities are
// short: what they let through and the constructs refuse is left to checks.
const (
	label63   = `[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?`
	subdomain = `^` + label63 + `(\.` + label63 + `)*$`

	// What makes a reference of these characters is long to say: the template checkImage says it.
	imagePattern   = `^[a-zA-Z0-9._:/@-]+$`
	maxImageLength = 255

	// In cores, to the thousandth.
	cpuPattern   = `^[0-9]+(m|[.][0-9]{1,3})?$`
	maxCPULength = 7
	leastCPU     = 0.001
	maxCPU       = 9_999_999

	// A number alone is bytes. The helpers count thousandths of them in 64 bits.
	bytesPattern   = `^[0-9]+([.][0-9]{1,3})?(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$`
	maxBytesLength = 18

	labelPattern = `^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`
	hostPattern  = `^(\*\.)?` + label63 + `(\.` + label63 + `)*$`
	daysPattern  = `^[1-9][0-9]{0,3}d$`
)

func pattern(text string) map[string]any { return map[string]any{"type": "string", "pattern": text} }

// objectName is the name of what the cluster has.
func objectName() map[string]any {
	schema := pattern(subdomain)
	schema["maxLength"] = validation.DNS1123SubdomainMaxLength
	return schema
}

func optionalObjectName() map[string]any {
	schema := objectName()
	schema["pattern"] = `^$|` + subdomain
	return schema
}

func hostName() map[string]any {
	schema := objectName()
	schema["pattern"] = hostPattern
	return schema
}

func textValue(path, doc string, schema map[string]any, field func(*platform.Environment) *string) setting {
	return setting{
		Value: chart.Value{Path: path, Default: ofProduction(field), Doc: doc, Schema: schema},
		set:   func(e *platform.Environment, value any) { *field(e) = value.(string) },
		probe: func(number int) any { return fmt.Sprintf("probe-%d-text", number) },
	}
}

func imageValue(path, doc string, field func(*platform.Environment) *string) setting {
	schema := pattern(imagePattern)
	schema["maxLength"] = maxImageLength
	s := textValue(path, doc, schema, field)
	s.probe = func(number int) any {
		if isLatest(s.Default) {
			return fmt.Sprintf("probe-%d-image%s", number, latest)
		}
		return fmt.Sprintf("probe-%d-image%s", number, fixed)
	}
	s.choice = setting.pullPolicy
	s.checks = []string{check("checkImage", valueAt(path))}
	return s
}

// The tags of images that are probed.
const (
	latest = ":latest"
	fixed  = ":v1"
)

func isLatest(image any) bool { return strings.HasSuffix(image.(string), latest) }

// pullPolicy is what the tag decides on.
func (s setting) pullPolicy() chart.Choice {
	choice := chart.Choice{If: fmt.Sprintf("hasSuffix %q .Values.%s", latest, s.Path)}
	if name, moves := strings.CutSuffix(s.Probe.(string), latest); moves {
		choice.No = with(s.Path, name+fixed)
	} else {
		choice.Yes = with(s.Path, strings.TrimSuffix(name, fixed)+latest)
	}
	return choice
}

func cpuValue(path, doc string, field func(*platform.Environment) *string) setting {
	s := textValue(path, doc, map[string]any{
		"type": []string{"string", "number"}, "pattern": cpuPattern, "maxLength": maxCPULength,
		"minimum": leastCPU, "maximum": maxCPU, "multipleOf": leastCPU,
	}, field)
	s.set = func(e *platform.Environment, value any) {
		if number, is := value.(float64); is {
			value = strconv.FormatFloat(number, 'f', -1, 64) // Else a million is 1e+06.
		}
		*field(e) = value.(string)
	}
	s.Forms = chart.CPUForms()
	// An odd number of eighths: thousandths that cannot be written shorter, and an exact binary fraction.
	s.probe = func(number int) any { return strconv.Itoa((8*number+1)*125) + "m" }
	s.checks = []string{check("checkCPU", valueAt(path))}
	return s
}

// leastMemory is what the constructs accept of most tiers.
const leastMemory = "4Mi"

func sizeValue(path, doc string, field func(*platform.Environment) *string, shares ...chart.Form) setting {
	return bytesValue(path, doc, "1Mi", field, shares...)
}

func bytesValue(path, doc, least string, field func(*platform.Environment) *string, shares ...chart.Form) setting {
	schema := pattern(bytesPattern)
	schema["maxLength"] = maxBytesLength
	s := textValue(path, doc, schema, field)
	s.Forms = append(chart.BytesForms(), shares...)
	s.probe = func(number int) any { return strconv.Itoa(1_000_003+2*number) + "Ki" }
	s.checks = []string{check("checkBytes", valueAt(path), strconv.Quote(least))}
	return s
}

// classValue is the name of a StorageClass, or empty.
func classValue(path, doc string, field func(*platform.Environment) *string) setting {
	s := textValue(path, doc, optionalObjectName(), field)
	s.choice = func(s setting) chart.Choice { return chart.Choice{If: ".Values." + path, Yes: with(path, s.Probe)} }
	return s
}

func countValue(path, doc string, least int, field func(*platform.Environment) *int) setting {
	return setting{
		Value: chart.Value{
			Path: path, Default: ofProduction(field), Doc: doc,
			Schema: map[string]any{"type": "integer", "minimum": least, "maximum": 100_000},
		},
		set:   func(e *platform.Environment, value any) { *field(e) = value.(int) },
		probe: func(number int) any { return 70_000 + number },
	}
}

// switchValue is a number of pods that is 0 or 1, and 1 in production.
func switchValue(path, doc string, field func(*platform.Environment) *int) setting {
	return setting{
		Value: chart.Value{
			Path: path, Default: ofProduction(field), Doc: doc, Schema: map[string]any{"type": "integer", "minimum": 0, "maximum": 1},
		},
		set: func(e *platform.Environment, value any) { *field(e) = value.(int) },
		choice: func(setting) chart.Choice {
			return chart.Choice{If: fmt.Sprintf("eq (int .Values.%s) 0", path), Yes: with(path, 0)}
		},
	}
}

func flagValue(path, doc string, field func(*platform.Environment) *bool) setting {
	return setting{
		Value: chart.Value{Path: path, Default: ofProduction(field), Doc: doc, Schema: map[string]any{"type": "boolean"}},
		set:   func(e *platform.Environment, value any) { *field(e) = value.(bool) },
	}
}

// daysValue is a duration in days.
func daysValue(path, doc string, field func(*platform.Environment) *time.Duration) setting {
	return setting{
		Value: chart.Value{
			Path: path, Default: strconv.Itoa(int(ofProduction(field)/day)) + "d", Doc: doc, Schema: pattern(daysPattern),
			Forms: []chart.Form{{
				Write:    func(value any) string { return model.Duration(days(value)).String() },
				Template: `include "CHART.duration" %s`,
			}},
		},
		set: func(e *platform.Environment, value any) { *field(e) = days(value) },
		// No whole weeks or years, which have units of their own.
		probe: func(number int) any { return strconv.Itoa(7*(1000+number)+1) + "d" },
	}
}

const day = 24 * time.Hour

// days expects what the schema accepts.
func days(value any) time.Duration {
	number, err := strconv.Atoi(strings.TrimSuffix(value.(string), "d"))
	if err != nil {
		panic(fmt.Errorf("%v are no days: %w", value, err))
	}
	return time.Duration(number) * day
}

// variablesValue is environment variables. Those that a connection sets cannot be set anew.
func variablesValue(path, doc string, taken []string, field func(*platform.Environment) *map[string]string) setting {
	return setting{
		Value: chart.Value{
			Path: path, Default: map[string]string{}, Doc: doc,
			Schema: map[string]any{"type": "object", "additionalProperties": map[string]any{"type": []string{"string", "null"}}}, // Null takes a variable away.
			Forms: []chart.Form{
				{Write: firstKey, Template: "$name"},
				{Write: func(value any) string { return value.(map[string]string)[firstKey(value)] }, Template: "$value"},
			},
		},
		set: func(e *platform.Environment, value any) { *field(e) = value.(map[string]string) },
		probe: func(number int) any {
			return map[string]string{fmt.Sprintf("PROBE_%d", number): fmt.Sprintf("probe-%d-value", number)}
		},
		choice: setting.eachVariable,
		checks: []string{check("checkVariables", append([]string{valueAt(path)}, quoted(taken)...)...)},
	}
}

// eachVariable adds a variable for each of the value's. One without a text has no value at all, as the API server drops it.
func (s setting) eachVariable() chart.Choice {
	return chart.Choice{
		If: ".Values." + s.Path, Each: true, Names: fmt.Sprintf(`include "CHART.inOrder" .Values.%s | fromJsonArray`, s.Path),
		Yes: chart.Outcome{Settings: chart.Settings{s.Path: s.Probe}, Then: &chart.Choice{
			If: "$value",
			No: with(s.Path, map[string]string{firstKey(s.Probe): ""}),
		}},
	}
}

func firstKey(value any) string {
	for _, key := range slices.Sorted(maps.Keys(value.(map[string]string))) {
		return key
	}
	return ""
}

// accessModeValue has no probe: there are three of them, and each decides on more than itself.
func accessModeValue(path, doc string, field func(*platform.Environment) *constructs.AccessMode) setting {
	return setting{
		Value: chart.Value{
			Path: path, Default: string(ofProduction(field)), Doc: doc,
			Schema: map[string]any{"type": "string", "enum": []constructs.AccessMode{
				constructs.ReadWriteMany, constructs.ReadWriteOnce, constructs.ReadWriteOncePod,
			}},
		},
		set: func(e *platform.Environment, value any) { *field(e) = constructs.AccessMode(value.(string)) },
	}
}

// ofProduction is what production has in a field.
func ofProduction[T any](field func(*platform.Environment) *T) T {
	production := platform.Production()
	return *field(&production)
}
