package chart

import (
	"fmt"
	"maps"
	"math"
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
	set func(e *platform.Environment, value any) // Nil if there are patches.

	patches []patch

	// probe makes a value of which no text or number is in what another number makes.
	probe func(number int) any

	// choice is what the value decides on beside itself. Defaults to nothing.
	choice func(setting) chart.Choice

	checks []string // What no schema expresses: see check.

	byHelpers bool // Shows only in what helpers write: see byHelpers.
}

// The schemas of the kinds of values. Helm shows the pattern to whoever gives a wrong value, so those of images and quantities are
// short: what they let through and the constructs refuse is left to checks.
const (
	labelValue = `^$|` + labelPattern

	// A key of a label or an annotation. Its prefix has at most 253 characters.
	keyPattern       = `^(` + label63 + `(\.` + label63 + `)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`
	keyLengthPattern = `^[^/]{1,253}(/[^/]+)?$`

	label63   = `[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?`
	subdomain = `^` + label63 + `(\.` + label63 + `)*$`

	// Without characters that YAML reads as something else in a URL.
	urlPathPattern = `^/[A-Za-z0-9._~/%?=&-]*$`

	// What makes a reference of these characters is long to say: the template checkImage says it.
	imagePattern   = `^[a-zA-Z0-9._:/@-]+$`
	maxImageLength = 255

	// In cores, to the thousandth.
	cpuPattern      = `^[0-9]+(m|[.][0-9]{1,3})?$`
	cpuLimitPattern = `^([0-9]+(m|[.][0-9]{1,3})?|` + constructs.NoLimit + `)$`
	maxCPULength    = 7
	leastCPU        = 0.001
	maxCPU          = 9_999_999

	// A number alone is bytes. The helpers count thousandths of them in 64 bits.
	bytesPattern   = `^[0-9]+([.][0-9]{1,3})?(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$`
	maxBytesLength = 18

	secretKeyPattern = `^[.]?[-_a-zA-Z0-9][-._a-zA-Z0-9]*$`

	labelPattern = `^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`
	cidrPattern  = `^[0-9a-f.:]+/[0-9]{1,3}$`
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

// optional allows what another schema of texts does not: an empty one.
func optional(schema map[string]any) map[string]any {
	schema["pattern"] = `^$|` + schema["pattern"].(string)
	return schema
}

// secretKey is a key of a Secret.
func secretKey() map[string]any {
	schema := pattern(secretKeyPattern)
	schema["maxLength"] = validation.DNS1123SubdomainMaxLength
	return schema
}

// labelName is the name of a namespace.
func labelName() map[string]any {
	return pattern(`^` + label63 + `$`)
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
	s.Forms = cpuForms()
	// An odd number of eighths: thousandths that cannot be written shorter, and an exact binary fraction.
	s.probe = func(number int) any { return strconv.Itoa((8*number+1)*125) + "m" }
	s.checks = []string{check("checkCPU", valueAt(path))}
	return s
}

// cpuLimitValue may be taken away.
func cpuLimitValue(path, doc string, field func(*platform.Environment) *string) setting {
	s := cpuValue(path, doc, field)
	s.Schema["pattern"] = cpuLimitPattern
	s.choice = func(setting) chart.Choice {
		return chart.Choice{
			If: fmt.Sprintf("eq (toString .Values.%s) %q", path, constructs.NoLimit), Yes: with(path, constructs.NoLimit),
		}
	}
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
	s.Forms = append(bytesForms(), shares...)
	s.probe = func(number int) any { return strconv.Itoa(1_000_003+2*number) + "Ki" }
	s.checks = []string{check("checkBytes", valueAt(path), strconv.Quote(least))}
	return s
}

// nameValue is the name of an object in the cluster, or empty.
func nameValue(path, doc string, field func(*platform.Environment) *string) setting {
	s := textValue(path, doc, optional(objectName()), field)
	s.choice = setting.ifGiven
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
func variablesValue(tier, doc string, taken []string, field func(*platform.Environment) *map[string]string) setting {
	path := tier + ".env"
	return setting{
		Value: chart.Value{
			Path: path, Default: map[string]string{}, Doc: doc,
			Schema: map[string]any{"type": "object", "additionalProperties": map[string]any{"type": []string{"string", "null"}}}, // Null takes a variable away.
			Forms: []chart.Form{
				{Write: firstKey, Template: "$value.name"},
				{Write: func(value any) string { return value.(map[string]string)[firstKey(value)] }, Template: "$value.value"},
			},
		},
		set: func(e *platform.Environment, value any) { *field(e) = value.(map[string]string) },
		probe: func(number int) any {
			return map[string]string{fmt.Sprintf("PROBE_%d", number): fmt.Sprintf("probe-%d-value", number)}
		},
		choice: setting.eachVariable,
		checks: []string{check("checkVariables", append([]string{valueAt(path), ".Values." + tier + ".secretEnv", ".Values." + tier + ".envFromSecrets"}, quoted(taken)...)...)},
	}
}

// eachVariable adds a variable for each of the value's. One without a text has no value at all, as the API server drops it.
func (s setting) eachVariable() chart.Choice {
	return chart.Choice{
		If: fmt.Sprintf(`include "CHART.inOrder" .Values.%s | fromJsonArray`, s.Path), Each: true,
		Yes: chart.Outcome{Then: &chart.Choice{
			If: "$value.value", Yes: with(s.Path, s.Probe), No: with(s.Path, map[string]string{firstKey(s.Probe): ""}),
		}},
	}
}

func firstKey(value any) string {
	for _, key := range slices.Sorted(maps.Keys(value.(map[string]string))) {
		return key
	}
	return ""
}

// mapValue is a map of texts that objects show as it is. The pattern taken is of names that the objects have already, or empty.
func mapValue(path, doc, values, taken string, field func(*platform.Environment) *map[string]string) setting {
	element := map[string]any{"type": "string"}
	if values != "" {
		element["pattern"] = values
	}
	s := setting{
		Value: chart.Value{
			Path: path, Default: map[string]string{}, Doc: doc, Tree: true,
			Schema: map[string]any{"type": "object", "patternProperties": map[string]any{keyPattern: element}, "additionalProperties": false},
		},
		set: func(e *platform.Environment, value any) { *field(e) = value.(map[string]string) },
		probe: func(number int) any {
			return map[string]string{fmt.Sprintf("probe-%d-key", number): fmt.Sprintf("probe-%d-value", number)}
		},
		choice: setting.ifGiven,
	}
	s.checks = []string{check("checkKeys", valueAt(path), strconv.Quote(taken))}
	return s
}

// ifGiven adds what a value that is empty by default adds.
func (s setting) ifGiven() chart.Choice {
	return chart.Choice{If: ".Values." + s.Path, Yes: with(s.Path, s.Probe)}
}

// wordsValue is a list of texts.
func wordsValue(path, doc string, field func(*platform.Environment) *[]string) setting {
	return setting{
		Value: chart.Value{
			Path: path, Default: []any{}, Doc: doc, Schema: listOf(map[string]any{"type": "string"}),
		},
		set: func(e *platform.Environment, value any) {
			*field(e) = nil
			for _, word := range value.([]any) {
				*field(e) = append(*field(e), word.(string))
			}
		},
		probe: func(number int) any { return []any{fmt.Sprintf("probe-%d-word", number)} },
	}
}

// annotationsValue is passed through to objects that have no annotations otherwise.
func annotationsValue(path, doc string, workloads []workload) setting {
	s := mapValue(path, doc, "", "", nil)
	s.set, s.patches = nil, annotationPatches(workloads)
	return s
}

func pullSecretsValue(path string, field func(*platform.Environment) *[]string) setting {
	return setting{
		Value: chart.Value{
			Path: path, Default: []any{}, Doc: "Secrets for pulling images, each in the form {name: …}.", Tree: true,
			Schema: map[string]any{"type": "array", "uniqueItems": true, "items": object("name", objectName())},
		},
		set: func(e *platform.Environment, value any) {
			*field(e) = nil
			for _, element := range value.([]any) {
				*field(e) = append(*field(e), element.(map[string]any)["name"].(string))
			}
		},
		probe:  func(number int) any { return []any{map[string]any{"name": fmt.Sprintf("probe-%d-secret", number)}} },
		choice: setting.ifGiven,
	}
}

// cidrsValue is blocks of addresses.
func cidrsValue(path, doc string, field func(*platform.Environment) *[]string) setting {
	return setting{
		Value: chart.Value{
			Path: path, Default: []any{}, Doc: doc,
			Schema: map[string]any{"type": "array", "uniqueItems": true, "items": pattern(cidrPattern)},
		},
		set: func(e *platform.Environment, value any) {
			*field(e) = nil
			for _, block := range value.([]any) {
				*field(e) = append(*field(e), block.(string))
			}
		},
		probe: func(number int) any { return []any{fmt.Sprintf("10.0.%d.0/24", number)} },
	}
}

// familiesValue has every list of families as an outcome: they also decide on addresses in network policies.
func familiesValue(path, doc string, field func(*platform.Environment) *[]constructs.IPFamily) setting {
	both := []any{string(constructs.IPv6), string(constructs.IPv4)}
	return setting{
		Value: chart.Value{
			Path: path, Default: []any{}, Doc: doc, Tree: true, Probe: both,
			Schema: map[string]any{"type": "array", "uniqueItems": true, "items": enum(constructs.IPv4, constructs.IPv6)},
		},
		set: func(e *platform.Environment, value any) {
			*field(e) = nil
			for _, family := range value.([]any) {
				*field(e) = append(*field(e), constructs.IPFamily(family.(string)))
			}
		},
		choice: func(setting) chart.Choice {
			has := func(family constructs.IPFamily) string { return fmt.Sprintf("has %q .Values.%s", family, path) }
			return chart.Choice{
				If: ".Values." + path, Alone: true, Yes: chart.Outcome{Then: &chart.Choice{
					If: has(constructs.IPv4), No: with(path, both[:1]), Yes: chart.Outcome{Then: &chart.Choice{
						If: has(constructs.IPv6), Yes: with(path, both), No: with(path, both[1:]),
					}},
				}},
			}
		},
	}
}

// enum is the schema of one of some texts.
func enum[T ~string](texts ...T) map[string]any {
	return map[string]any{"type": "string", "enum": texts}
}

// object is the schema of one that has all of some properties, which are given as names and schemas.
func object(properties ...any) map[string]any {
	all, required := map[string]any{}, []any{}
	for i := 0; i < len(properties); i += 2 {
		all[properties[i].(string)] = properties[i+1]
		required = append(required, properties[i])
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": all, "required": required}
}

func tolerationsValue(path string, field func(*platform.Environment) *[]constructs.Toleration) setting {
	toleration := object("operator", enum(constructs.TolerationEqual, constructs.TolerationExists))
	properties := toleration["properties"].(map[string]any)
	properties["key"] = map[string]any{"type": "string", "allOf": []any{
		map[string]any{"pattern": keyPattern}, map[string]any{"pattern": keyLengthPattern},
	}}
	properties["value"] = pattern(labelValue)
	properties["effect"] = enum(constructs.TaintNoSchedule, constructs.TaintPreferNoSchedule, constructs.TaintNoExecute)
	properties["tolerationSeconds"] = map[string]any{"type": "integer", "minimum": 0, "maximum": math.MaxInt32}
	is := func(name string, value any) map[string]any {
		return map[string]any{"properties": map[string]any{name: map[string]any{"const": value}}, "required": []any{name}}
	}
	toleration["if"] = is("operator", constructs.TolerationExists)
	toleration["then"] = map[string]any{"properties": map[string]any{"value": map[string]any{"const": ""}}}
	toleration["else"] = map[string]any{"required": []any{"key"}}
	toleration["dependencies"] = map[string]any{"tolerationSeconds": is("effect", constructs.TaintNoExecute)}
	return setting{
		Value: chart.Value{
			Path: path, Default: []any{}, Doc: "Tolerations of the pods, in the format of a pod spec. Each must set operator.", Tree: true,
			Schema: map[string]any{"type": "array", "items": toleration},
		},
		set: func(e *platform.Environment, value any) { *field(e) = tolerations(value.([]any)) },
		probe: func(number int) any {
			return []any{map[string]any{"key": fmt.Sprintf("probe-%d-taint", number), "operator": string(constructs.TolerationExists)}}
		},
		choice: setting.ifGiven,
	}
}

// tolerations expects what the schema accepts.
func tolerations(values []any) []constructs.Toleration {
	var all []constructs.Toleration
	for _, value := range values {
		given := value.(map[string]any)
		text := func(key string) string { text, _ := given[key].(string); return text }
		toleration := constructs.Toleration{
			Key: text("key"), Operator: constructs.TolerationOperator(text("operator")), Value: text("value"), Effect: constructs.TaintEffect(text("effect")),
		}
		if seconds, is := given["tolerationSeconds"].(float64); is {
			toleration.TolerationSeconds = new(int(seconds))
		}
		all = append(all, toleration)
	}
	return all
}

// secretVariablesValue is environment variables with values in Secrets.
func secretVariablesValue(path string, taken []string, field func(*platform.Environment) *map[string]constructs.SecretKeyRef) setting {
	form := func(template string, write func(name string, ref map[string]any) string) chart.Form {
		return chart.Form{Template: template, Write: func(value any) string {
			all := value.(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(all)) {
				return write(name, all[name].(map[string]any))
			}
			return ""
		}}
	}
	return setting{
		Value: chart.Value{
			Path: path, Default: map[string]any{}, Doc: "Environment variables with values in Secrets: name to {secret: …, key: …}.",
			Schema: map[string]any{"type": "object", "additionalProperties": object("secret", objectName(), "key", secretKey())},
			Forms: []chart.Form{
				form("$name", func(name string, _ map[string]any) string { return name }),
				form("$value.secret", func(_ string, ref map[string]any) string { return ref["secret"].(string) }),
				form("$value.key", func(_ string, ref map[string]any) string { return ref["key"].(string) }),
			},
		},
		set: func(e *platform.Environment, value any) {
			*field(e) = map[string]constructs.SecretKeyRef{}
			for name, ref := range value.(map[string]any) {
				(*field(e))[name] = constructs.SecretKeyRef{Secret: ref.(map[string]any)["secret"].(string), Key: ref.(map[string]any)["key"].(string)}
			}
		},
		probe: func(number int) any {
			return map[string]any{fmt.Sprintf("PROBE_%d", number): map[string]any{
				"secret": fmt.Sprintf("probe-%d-secret", number), "key": fmt.Sprintf("probe-%d-key", number),
			}}
		},
		choice: func(s setting) chart.Choice {
			return chart.Choice{If: ".Values." + path, Each: true, Yes: with(path, s.Probe)}
		},
		checks: []string{check("checkNames", append([]string{valueAt(path)}, quoted(taken)...)...)},
	}
}

// accessModeValue has no probe: there are three of them, and each decides on more than itself.
func accessModeValue(path, doc string, field func(*platform.Environment) *constructs.AccessMode) setting {
	return setting{
		Value: chart.Value{
			Path: path, Default: string(ofProduction(field)), Doc: doc,
			Schema: enum(constructs.ReadWriteMany, constructs.ReadWriteOnce, constructs.ReadWriteOncePod),
		},
		set: func(e *platform.Environment, value any) { *field(e) = constructs.AccessMode(value.(string)) },
	}
}

// ofProduction is what production has in a field.
func ofProduction[T any](field func(*platform.Environment) *T) T {
	production := platform.Production()
	return *field(&production)
}
