package constructs_test

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/internal/registry"
)

// goldenCase is a case of the registry. Its golden file holds all files of an application with the chart shop, but for those of
// the chart elsewhere.
type goldenCase struct {
	name, file string
	add        func(chart cdk8s.Chart) any
}

var goldenCases = func() []goldenCase {
	var cases []goldenCase
	for _, construct := range registry.Constructs() {
		for _, c := range construct.Cases {
			cases = append(cases, goldenCase{c.Name, filepath.Join("..", construct.Golden(c)), c.Add})
		}
	}
	return cases
}()

// synthesize returns what the golden file shows, and all of the application.
func (c goldenCase) synthesize(t *testing.T) (shown, all string) {
	t.Helper()
	files, err := constructs.Render(inShop(func(chart cdk8s.Chart) { c.add(chart) }))
	require.NoError(t, err)
	var shownTexts, allTexts []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		allTexts = append(allTexts, string(files[name]))
		if !strings.Contains(name, "elsewhere") {
			shownTexts = append(shownTexts, string(files[name]))
		}
	}
	return strings.Join(shownTexts, "---\n"), strings.Join(allTexts, "---\n")
}

func TestGolden(t *testing.T) {
	for _, c := range goldenCases {
		t.Run(c.name, func(t *testing.T) {
			got, _ := c.synthesize(t)
			if updateGolden() {
				require.NoError(t, os.WriteFile(c.file, []byte(got), 0o666))
				return
			}
			want, err := os.ReadFile(c.file)
			require.NoError(t, err, "make update-golden writes it")
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("%s differs; if that is wanted, run make update-golden and look at git diff (-file +synthesized):\n%s", c.file, diff)
			}
		})
	}
}

// A golden file that no case writes would be looked at by nobody.
func TestGoldenOrphans(t *testing.T) {
	for _, folder := range []string{"testdata", "*/testdata"} {
		found, err := filepath.Glob(filepath.Join("..", "constructs", folder, "*.yaml"))
		require.NoError(t, err)
		for _, file := range found {
			if slices.ContainsFunc(goldenCases, func(c goldenCase) bool { return c.file == file }) {
				continue
			}
			if updateGolden() {
				require.NoError(t, os.Remove(file))
				continue
			}
			t.Errorf("no case writes %s; make update-golden removes it", file)
		}
	}
}

func updateGolden() bool { return os.Getenv("UPDATE_GOLDEN") != "" }

// The golden files together show what every field of the props does.
func TestGoldenPropsSetEveryField(t *testing.T) {
	probes, volumes := map[string][]reflect.Value{}, map[string][]reflect.Value{}
	_, err := constructs.Render(func(app cdk8s.App) {
		for _, construct := range registry.Constructs() {
			var values []reflect.Value
			for _, props := range construct.Full(newChart(app, "chart-of-"+strings.ToLower(construct.Kind))) {
				values = append(values, reflect.ValueOf(props))
			}
			require.Empty(t, unsetFields(construct.Props().Name(), values))
			for _, probe := range elementsOf[constructs.Probe](values) {
				probes[probe.Type().Name()] = append(probes[probe.Type().Name()], probe)
			}
			for _, volume := range elementsOf[constructs.Volume](values) {
				volumes[volume.Type().Name()] = append(volumes[volume.Type().Name()], volume)
			}
		}
		require.Empty(t, unsetFields("ExternalServer", []reflect.Value{reflect.ValueOf(constructs.ExternalServer{Host: "h", Port: 1, CIDRs: []string{""}})}))
	})
	require.NoError(t, err)
	require.Len(t, probes, 5, "the kinds of probes that have fields")
	for kind, values := range probes {
		require.Empty(t, unsetFields(kind, values))
	}
	require.Len(t, volumes, 4, "the kinds of volumes")
	for kind, values := range volumes {
		require.Empty(t, unsetFields(kind, values))
	}
}

// elementsOf are the values of an interface among the fields of props, and in their slices.
func elementsOf[T any](props []reflect.Value) []reflect.Value {
	var found []reflect.Value
	add := func(value reflect.Value) {
		if element, is := value.Interface().(T); is {
			found = append(found, reflect.ValueOf(element))
		}
	}
	for _, value := range props {
		for i := range value.NumField() {
			field := value.Field(i)
			add(field)
			if field.Kind() == reflect.Slice {
				for j := range field.Len() {
					add(field.Index(j))
				}
			}
		}
	}
	return found
}

// unsetFields names the fields that none of the values sets, looking into structs, also those in pointers, slices and maps.
func unsetFields(path string, values []reflect.Value) []string {
	values = elements(values)
	if len(values) == 0 || values[0].Kind() != reflect.Struct {
		return nil
	}
	var unset []string
	for i := range values[0].NumField() {
		field := values[0].Type().Field(i)
		if !field.IsExported() {
			continue // Of a construct that is a prop.
		}
		var set []reflect.Value
		for _, value := range values {
			if !value.Field(i).IsZero() {
				set = append(set, value.Field(i))
			}
		}
		if len(set) == 0 {
			unset = append(unset, path+"."+field.Name)
		}
		unset = append(unset, unsetFields(path+"."+field.Name, set)...)
	}
	return unset
}

// elements replaces pointers, slices and maps by what is in them.
func elements(values []reflect.Value) []reflect.Value {
	var all []reflect.Value
	for _, value := range values {
		switch value.Kind() {
		case reflect.Pointer:
			all = append(all, elements([]reflect.Value{value.Elem()})...)
		case reflect.Slice:
			for i := range value.Len() {
				all = append(all, elements([]reflect.Value{value.Index(i)})...)
			}
		case reflect.Map:
			for _, key := range value.MapKeys() {
				all = append(all, value.MapIndex(key))
			}
		case reflect.Interface:
			// What a tier is connected to is no prop.
		default:
			all = append(all, value)
		}
	}
	return all
}
