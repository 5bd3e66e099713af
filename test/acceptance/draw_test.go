package acceptance

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/ai-platform/manifests/constructs"
)

// A drawing fills props by reflection, so that a prop added tomorrow is drawn without a word here. What it draws for a
// field depends on the field's name: values that are good for it, values at its limits, and values that are hostile
// everywhere.
type drawing struct {
	*rapid.T
	servers []any // What fields for connections may hold.

	// Of a hundred: how many optional fields are set, and how many values are hostile. They differ from draw to draw,
	// because a fair part of all draws must be valid, and of those many must set much.
	optional, hostile int
}

func newDrawing(t *rapid.T) drawing {
	return drawing{
		T:        t,
		optional: rapid.SampledFrom([]int{1, 3, 10, 30}).Draw(t, "percentage of optional fields"),
		hostile:  rapid.SampledFrom([]int{0, 0, 1, 10}).Draw(t, "percentage of hostile values"),
	}
}

// props draws props of a type.
func (d drawing) props(of reflect.Type) any {
	props := reflect.New(of).Elem()
	d.fill(props, of.Name())
	return props.Interface()
}

func (d drawing) oneOf(percentage int, what string) bool {
	return rapid.IntRange(0, 99).Draw(d.T, what) < percentage
}

// alternatives are fields of which a valid struct has one group.
var alternatives = map[reflect.Type][][]string{
	reflect.TypeFor[constructs.Source]():           {{"Namespace", "PodLabels"}, {"Namespace", "AllPods"}, {"CIDRs"}, {"Anywhere"}},
	reflect.TypeFor[constructs.NodeAffinityRule](): {{"Values"}, {"Values", "Required"}, {"Values", "Weight"}, {"Operator"}, {"Operator", "Values", "Required"}},
	reflect.TypeFor[constructs.PodAffinityRule](): {
		{"Required"}, {"Tier"}, {"Tier", "Required"}, {"Labels"}, {"Labels", "Namespace", "Weight"}, {"TopologyKey", "Required"}, {"Tier", "TopologyKey", "Weight"},
	},
	reflect.TypeFor[constructs.EnvFrom]():  {{"Secret"}, {"ConfigMap"}},
	reflect.TypeFor[constructs.FieldRef](): {{"Field"}, {"Resource"}, {"Resource", "Divisor"}},
}

// fill draws every field of a struct that programs can set, most of them left at their defaults.
func (d drawing) fill(value reflect.Value, path string) {
	groups := alternatives[value.Type()]
	var group []string
	if len(groups) > 0 {
		group = rapid.SampledFrom(groups).Draw(d.T, "alternative of "+path)
	}
	for i := range value.NumField() {
		field := value.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		at := path + "." + field.Name
		chance := d.chanceToSet(value.Type().Name(), field.Name)
		switch {
		case slices.Contains(group, field.Name):
			chance = 99 - d.hostile
		case slices.ContainsFunc(groups, func(other []string) bool { return slices.Contains(other, field.Name) }):
			chance = d.hostile
		}
		if d.oneOf(chance, "set "+at) {
			d.set(value.Field(i), at, nameOf(value.Type().Name(), field.Name))
		}
	}
}

// nameOf is a field's name, after its struct's if the field means something else there than elsewhere.
func nameOf(structure, field string) string {
	if _, special := goodText[structure+"."+field]; special {
		return structure + "." + field
	}
	return field
}

// required are the fields without which props are never valid; they are left out now and then all the same.
var required = []string{
	"Image", "Secret", "Key", "Host", "Credentials", "Password", "Backend", "MaxReplicas", "MountPath", "Size", "Path", "CIDRs", "Server", "URL", "Port",
	"ClusterServer.Service", "ClusterServer.Namespace", "ClusterServer.PodLabels", "Source.Namespace", "Source.PodLabels",
	"Receivers", "Kind", "Probes", "Tier", "Public", "PublicProbe.URL", "Prometheus", "Monitoring", "AdminPassword", "Name", "Expr", "Severity", "Summary", "Title", "Rows", "Panels", "Queries",
	"Project", "Repository", "Repositories", "Revision", "Source", "Destination", "Destinations", "Destination.Namespace", "Environments", "NamespacedKinds",
	"ExecProbe.Command", "Migrations.Command", "MaxAge", "CronJobProps.Schedule", "Port.Number", "ClaimVolume.ClaimName", "ConfigMapVolume.ConfigMap", "AverageValue", "TopologyKey",
	"Gateway.Namespace", "Proxy", "GatewayProxy.Profile", "Passwords", "Store", "Keys", "ReadElsewhere", "PostgresURL.Host", "PostgresURL.Port", "PostgresURL.Database", "User", "PasswordKey",
}

func (d drawing) chanceToSet(structure, field string) int {
	if slices.Contains(required, field) || slices.Contains(required, structure+"."+field) {
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
	case reflect.Int64:
		value.SetInt(int64(d.duration(at, name)))
	case reflect.Float64:
		value.SetFloat(d.fraction(at))
	case reflect.Bool:
		value.SetBool(rapid.Bool().Draw(d.T, at))
	case reflect.Struct:
		d.fill(value, at)
	case reflect.Pointer:
		if len(d.fitting(value.Type())) > 0 {
			d.setServer(value, at)
			return
		}
		value.Set(reflect.New(value.Type().Elem()))
		d.set(value.Elem(), at, name)
	case reflect.Slice:
		d.setSlice(value, at, name)
	case reflect.Map:
		d.setMap(value, at, name)
	case reflect.Interface:
		d.setInterface(value, at)
	default:
		d.Fatalf("%s: do not know how to draw a %s", at, value.Type())
	}
}

func (d drawing) setSlice(value reflect.Value, at, name string) {
	if value.Type().Elem().Kind() == reflect.Uint8 {
		value.SetBytes([]byte(d.text(at, name))) // A file.
		return
	}
	for i := range rapid.IntRange(1, 2).Draw(d.T, at+" length") {
		element := reflect.New(value.Type().Elem()).Elem()
		d.set(element, fmt.Sprintf("%s[%d]", at, i), name)
		value.Set(reflect.Append(value, element))
	}
}

func (d drawing) setMap(value reflect.Value, at, name string) {
	value.Set(reflect.MakeMap(value.Type()))
	for range rapid.IntRange(1, 3).Draw(d.T, at+" length") {
		key := d.text(at+" key", name+"Key")
		element := reflect.New(value.Type().Elem()).Elem()
		d.set(element, at+"["+key+"]", name+"Value")
		value.SetMapIndex(reflect.ValueOf(key), element)
	}
}

func (d drawing) setInterface(value reflect.Value, at string) {
	switch value.Type() {
	case reflect.TypeFor[constructs.Probe]():
		d.setKind(value, at,
			constructs.HTTPProbe{}, constructs.TCPProbe{}, constructs.GRPCProbe{}, constructs.ExecProbe{}, constructs.HeartbeatProbe{}, constructs.NoProbe{})
	case reflect.TypeFor[constructs.Volume]():
		d.setKind(value, at, constructs.ClaimVolume{}, constructs.SecretVolume{}, constructs.ConfigMapVolume{}, constructs.ImageVolume{})
	default:
		d.setServer(value, at)
	}
}

// setServer takes one of the servers that fit.
func (d drawing) setServer(value reflect.Value, at string) {
	external, inCluster := constructs.ExternalServer{}, constructs.ClusterServer{}
	d.fill(reflect.ValueOf(&external).Elem(), at+".External")
	d.fill(reflect.ValueOf(&inCluster).Elem(), at+".InCluster")
	url := constructs.SecretKeyRef{Secret: "secrets", Key: "url"}
	redis := constructs.ExternalRedis{
		Server: external, Username: d.text(at+".Username", "Username"), Password: url, TLS: true, Database: d.number(at+".Database", "Database"),
	}
	fitting := d.fitting(value.Type(),
		external,
		inCluster,
		constructs.ExternalPostgres{Server: inCluster, URL: url},
		constructs.ExternalRedis{Server: inCluster, URL: url},
		redis,
	)
	value.Set(reflect.ValueOf(fitting[rapid.IntRange(0, len(fitting)-1).Draw(d.T, at)]))
}

// setKind takes a struct of any kind, and fills it.
func (d drawing) setKind(value reflect.Value, at string, kinds ...any) {
	filled := reflect.New(reflect.TypeOf(rapid.SampledFrom(kinds).Draw(d.T, at))).Elem()
	d.fill(filled, at)
	value.Set(filled)
}

// fitting are those of the servers, and of more, that a field of the type may hold.
func (d drawing) fitting(field reflect.Type, more ...any) []any {
	var fitting []any
	for _, server := range slices.Concat(d.servers, more) {
		if reflect.TypeOf(server).AssignableTo(field) {
			fitting = append(fitting, server)
		}
	}
	return fitting
}

func (d drawing) text(at, name string) string {
	values, known := goodText[name]
	if !known {
		values = objectNames
	}
	if d.oneOf(d.hostile, "hostile "+at) {
		values = hostileText
	}
	return rapid.SampledFrom(values).Draw(d.T, at)
}

func (d drawing) number(at, name string) int {
	values, known := goodNumbers[name]
	if !known {
		values = someNumbers
	}
	if d.oneOf(d.hostile, "hostile "+at) {
		values = hostileNumbers
	}
	return rapid.SampledFrom(values).Draw(d.T, at)
}

func (d drawing) duration(at, name string) time.Duration {
	values := goodDurations[name]
	if d.oneOf(d.hostile, "hostile "+at) {
		values = hostileDurations
	}
	return rapid.SampledFrom(values).Draw(d.T, at)
}

func (d drawing) fraction(at string) float64 {
	values := goodFractions
	if d.oneOf(d.hostile, "hostile "+at) {
		values = hostileFractions
	}
	return rapid.SampledFrom(values).Draw(d.T, at)
}
