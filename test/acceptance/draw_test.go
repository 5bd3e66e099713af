package acceptance

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/ai-platform/manifests/constructs"
)

// A drawing fills props by reflection, so that a prop added tomorrow is drawn without a word here. What it draws for a
// field depends on the field's name: values that are good for it, values at its limits, and values that are hostile
// everywhere.
type drawing struct {
	*rapid.T
	servers []constructs.Server // What fields of interface types may hold.

	// Of a hundred: how many optional fields are set, and how many values are hostile. They differ from draw to draw,
	// because a fair part of all draws must be valid, and of those many must set much.
	optional, hostile int
}

func newDrawing(t *rapid.T) drawing {
	return drawing{
		T:        t,
		optional: rapid.SampledFrom([]int{3, 10, 30}).Draw(t, "percentage of optional fields"),
		hostile:  rapid.SampledFrom([]int{0, 0, 1, 10}).Draw(t, "percentage of hostile values"),
	}
}

func (d drawing) oneOf(percentage int, what string) bool {
	return rapid.IntRange(0, 99).Draw(d.T, what) < percentage
}

// fill draws every field of a struct, most of them left at their defaults.
func (d drawing) fill(value reflect.Value, path string) {
	for i := range value.NumField() {
		field := value.Type().Field(i)
		at := path + "." + field.Name
		if d.oneOf(d.chanceToSet(field.Name), "set "+at) {
			d.set(value.Field(i), at, field.Name)
		}
	}
}

// required are the fields without which props are never valid; they are left out now and then all the same.
var required = []string{"Image", "Secret", "Key", "Host", "Credentials", "Password", "Backend", "MaxReplicas", "MountPath", "Size", "Path", "CIDRs", "Server", "URL", "Port"}

func (d drawing) chanceToSet(field string) int {
	if slices.Contains(required, field) {
		return 99 - d.hostile
	}
	return d.optional
}

func (d drawing) set(value reflect.Value, at, name string) {
	switch value.Kind() {
	case reflect.String:
		value.SetString(d.text(at, name))
	case reflect.Int:
		value.SetInt(int64(d.number(at, name)))
	case reflect.Bool:
		value.SetBool(rapid.Bool().Draw(d.T, at))
	case reflect.Struct:
		d.fill(value, at)
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		d.set(value.Elem(), at, name)
	case reflect.Slice:
		for i := range rapid.IntRange(1, 2).Draw(d.T, at+" length") {
			element := reflect.New(value.Type().Elem()).Elem()
			d.set(element, fmt.Sprintf("%s[%d]", at, i), name)
			value.Set(reflect.Append(value, element))
		}
	case reflect.Map:
		value.Set(reflect.MakeMap(value.Type()))
		for range rapid.IntRange(1, 3).Draw(d.T, at+" length") {
			key := d.text(at+" key", name+"Key")
			element := reflect.New(value.Type().Elem()).Elem()
			d.set(element, at+"["+key+"]", name+"Value")
			value.SetMapIndex(reflect.ValueOf(key), element)
		}
	case reflect.Interface:
		d.setServer(value, at)
	default:
		d.Fatalf("%s: do not know how to draw a %s", at, value.Type())
	}
}

// setServer takes one of the servers that fit.
func (d drawing) setServer(value reflect.Value, at string) {
	var fitting []constructs.Server
	for _, server := range d.servers {
		if reflect.TypeOf(server).Implements(value.Type()) {
			fitting = append(fitting, server)
		}
	}
	external := constructs.External{}
	d.fill(reflect.ValueOf(&external).Elem(), at+".External")
	for _, server := range []constructs.Server{
		external,
		constructs.ExternalPostgres{Server: external, URL: constructs.SecretKey{Secret: "secrets", Key: "url"}},
		constructs.ExternalRedis{Server: external, TLS: true},
	} {
		if reflect.TypeOf(server).Implements(value.Type()) {
			fitting = append(fitting, server)
		}
	}
	value.Set(reflect.ValueOf(fitting[rapid.IntRange(0, len(fitting)-1).Draw(d.T, at)]))
}

func (d drawing) text(at, name string) string {
	values := goodText(name)
	if d.oneOf(d.hostile, "hostile "+at) {
		values = hostileText
	}
	return rapid.SampledFrom(values).Draw(d.T, at)
}

func (d drawing) number(at, name string) int {
	values := goodNumbers(name)
	if d.oneOf(d.hostile, "hostile "+at) {
		values = hostileNumbers
	}
	return rapid.SampledFrom(values).Draw(d.T, at)
}

func long(length int) string { return strings.Repeat("x", length) }

// hostileText is bad for most fields, and must survive unchanged where it is not.
var hostileText = []string{
	"", " ", "\t", "\n", "-", ".", "..", "/", "//", "~", "null", "true", "yes", "0o7", "1e3", "12:30:45", "1_000", "0x1F", "=", "<<", "- a", "a: b",
	"#", "'", `"`, `\`, "`", "$", "$(HOME)", "${HOME}", "$$", "%", "|", ">", "&a", "*a", "!tag", "{", "[", "{{ .Values }}", "---", "a\n---\nb\n", "\n\na\n\n",
	"\r\n", "\x00", "\x7f", "\u0085", "\u2028", "\ufeff", "\xff", "é", "日本", "👍", " lead", "trail ", "UPPER", "under_score", "a b", "a/b", "/a/", "/a/../b",
	"/a b", "/a:b", "/ü", "/__proto__", "__proto__", "constructor", "toString", "-dash", "dash-", "a..b", "a.-b", "1", "10", "-1", "1m", "0.5m", "1n", "1Gg", "0", "1e30", "999999999999Gi",
	"1.5", "512m", "+1", "1E", "1Ei", "9223372036854775807", "app", "component", "app.kubernetes.io/name", "kubernetes.io/x", "A.io/b", "a.io/b", "a.io/", "/b",
	"localhost", "localhost:5000/a:b", "a:b:c", "a@sha256:0", "A:b", "a/b:c@d", "255.255.255.255", "::1", "10.0.0.1/8", "10.0.0.0/8", "::/0", "010.0.0.0/8", "*.example.com", "*", "*.",
	long(63), long(64), long(253), long(254), long(1000), "@daily", "@every 1h", "* * * * *", "60 * * * *", "* * * *", "*/0 * * * *", "1-0 * * * *", "TZ=UTC * * * * *", "0 0 31 2 *", "0 0 * * 7",
}

// goodText is good for a field of the name, its limits included.
func goodText(name string) []string {
	switch name {
	case "Image":
		return []string{"nginx:1.29", "ghcr.io/acme/api:1.4.2", "localhost:5000/a/b:latest", "a:" + long(128), "registry.example.com/a__b/c-d.e:v1@sha256:" + strings.Repeat("0", 64)}
	case "CPU":
		return []string{"1m", "100m", "0.25", "1", "1000m", "2", "1e1", "0.001", "1k"}
	case "Memory", "MaxMemory", "Size", "SizeLimit":
		return []string{"4Mi", "128Mi", "2048Mi", "1Gi", "1.5Gi", "1e9", "1073741824", "1G", "4194304"}
	case "MountPath", "Path", "APIPath", "FilesKey":
		return []string{"/", "/a", "/data", "/app/data", "/tmp", "/run", "/health", "/healthz?full=1", "/dev/shm", "/etc/app.conf", "/etc/app.conf/x", "/a.b/c_d-e", "/" + long(200)}
	case "EnvKey", "SecretEnvKey":
		return []string{"A", "_a", "LOG_LEVEL", "a.b-c", "VITE_API_BASE_URL", "DATABASE_URL", "REDIS_URL", long(300)}
	case "Host":
		return []string{"example.com", "a.b.example.com", "db", "10.0.0.7", "fd00::7", strings.Repeat("a.", 126) + "a", "*.example.com"}
	case "CIDRs":
		return []string{"10.20.0.0/24", "0.0.0.0/0", "::/0", "192.168.1.7/32", "fd00::/8"}
	case "NodeSelectorKey", "LabelsKey", "PodLabelsKey", "AnnotationsKey":
		return []string{"tier", "example.com/tier", "topology.kubernetes.io/zone", "kubernetes.io/arch", long(63), strings.Repeat("a.", 100) + "io/" + long(63)}
	case "NodeSelectorValue", "LabelsValue", "PodLabelsValue", "Value":
		return []string{"", "a", "A.b_c-9", long(63)}
	case "Operator":
		return []string{"Equal", "Exists"}
	case "Effect":
		return []string{"NoSchedule", "PreferNoSchedule", "NoExecute"}
	case "AccessMode":
		return []string{"ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"}
	case "ImagePullPolicy":
		return []string{"Always", "IfNotPresent", "Never"}
	case "MaxMemoryPolicy":
		return []string{"noeviction", "allkeys-lru", "volatile-ttl"}
	case "Schedule":
		return []string{"0 3 * * *", "*/5 0-6,22 1,15 jan-mar mon", "@daily", "? ? ? ? ?", "0 0 31 2 *"}
	case "InitSQL", "EnvValue", "FilesValue", "AnnotationsValue", "APIBaseURL":
		return []string{"", "text", "several\nlines\n", "  indented\n\ttab\n", "SELECT 'it''s';\n", "$(REDIS_PASSWORD)", "https://example.com/api?a=b&c=%20"}
	case "id":
		return []string{"a", "api", "my-name", "0", "x-1-y", long(58)}
	}
	// Names of objects and keys.
	return []string{"a", "secrets", "my-name", "a.b", "0", long(63), strings.Repeat("a.", 100) + "a"}
}

// hostileNumbers are bad for most fields.
var hostileNumbers = []int{-1, 0, 1, 80, 1023, 1024, 65535, 65536, math.MaxInt32, math.MaxInt32 + 1, math.MinInt64, math.MaxInt64}

func goodNumbers(name string) []int {
	switch name {
	case "Port":
		return []int{1, 80, 443, 1023, 1024, 5432, 8080, 65535}
	case "MinReplicas":
		return []int{1, 2}
	case "MaxReplicas":
		return []int{2, 10, math.MaxInt32}
	case "MaxUnavailable", "MaxSurge", "Replicas", "InitialDelaySeconds", "TolerationSeconds", "PreStopSeconds":
		return []int{0, 1, 2, 5}
	case "TerminationGracePeriodSeconds":
		return []int{1, 30, 600}
	}
	return []int{1, 2, 100, 1000}
}
