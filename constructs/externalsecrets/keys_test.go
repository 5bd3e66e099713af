package externalsecrets

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// fields are an object as it is after all patches.
type fields = map[string]any

func patched(objects ...fields) []manifest.Patched {
	var all []manifest.Patched
	for _, o := range objects {
		all = append(all, manifest.Patched{Key: manifest.KeyOf(o), Fields: o})
	}
	return all
}

// inNamespace makes an object of the namespace.
func inNamespace(version, kind, name string, spec fields) fields {
	return fields{"apiVersion": version, "kind": kind, "metadata": fields{"name": name, "namespace": "shop"}, "spec": spec}
}

// generatedObjects are those of a GeneratedSecret.
func generatedObjects(passwords ...any) []fields {
	return []fields{
		inNamespace(generatorAPIVersion, "Password", "shop-secrets", fields{"secretKeys": passwords}),
		inNamespace(apiVersion, "ExternalSecret", "shop-secrets", fields{
			"dataFrom": []any{fields{"sourceRef": fields{"generatorRef": fields{"name": "shop-secrets"}}}},
			"target":   fields{"name": "shop-secrets"},
		}),
	}
}

// pod reads by whatever its only container or it itself has.
func pod(spec fields) fields { return inNamespace("v1", "Pod", "reader", spec) }

func variable(name, key string) fields {
	return pod(fields{"containers": []any{fields{"env": []any{fields{"valueFrom": fields{"secretKeyRef": fields{"name": name, "key": key}}}}}}})
}

func volume(source fields) fields { return pod(fields{"volumes": []any{source}}) }

func TestKeys(t *testing.T) {
	check := func(objects ...fields) field.ErrorList {
		s := &secret{node: &manifest.Node{Component: testComponent, Path: checktest.Prop}, name: "shop-secrets"}
		return s.checkKeys(patched(append(generatedObjects("a", "b"), objects...)...), false)
	}
	const (
		missing = `prop: Invalid value: "shop-secrets": has no key c, which the Pod shop/reader reads: fill it, or take it from another Secret`
		unreadA = `prop: Invalid value: "shop-secrets": has the key a, which no object of the application reads: remove it, or set ReadElsewhere`
		unreadB = `prop: Invalid value: "shop-secrets": has the key b, which no object of the application reads: remove it, or set ReadElsewhere`
	)
	items := []any{fields{"key": "a", "path": "x"}, fields{"key": "b", "path": "y"}}
	elsewhere := variable("shop-secrets", "b")
	elsewhere["metadata"] = fields{"name": "reader", "namespace": "other"}
	runChecks(t, map[string]expectation{
		"variables":         {check(variable("shop-secrets", "a"), variable("shop-secrets", "b")), nil},
		"a volume's items":  {check(volume(fields{"secret": fields{"secretName": "shop-secrets", "items": items}})), nil},
		"a whole volume":    {check(volume(fields{"secret": fields{"secretName": "shop-secrets"}})), nil},
		"projected items":   {check(volume(fields{"projected": fields{"sources": []any{fields{"secret": fields{"name": "shop-secrets", "items": items}}}}})), nil},
		"envFrom":           {check(pod(fields{"containers": []any{fields{"envFrom": []any{fields{"secretRef": fields{"name": "shop-secrets"}}}}}})), nil},
		"pull secrets":      {check(pod(fields{"imagePullSecrets": []any{fields{"name": "shop-secrets"}}})), nil},
		"a certificate":     {check(inNamespace("networking.k8s.io/v1", "Ingress", "web", fields{"tls": []any{fields{"secretName": "shop-secrets"}}})), nil},
		"a custom resource": {check(inNamespace("example.com/v1", "Login", "a", fields{"user": fields{"name": "shop-secrets", "key": "a"}, "word": fields{"name": "shop-secrets", "key": "b"}})), nil},
		"nothing":           {check(), []string{unreadA, unreadB}},
		"another Secret":    {check(variable("shop-secrets", "a"), variable("others", "b")), []string{unreadB}},
		"a ConfigMap":       {check(variable("shop-secrets", "a"), pod(fields{"env": []any{fields{"configMapKeyRef": fields{"name": "shop-secrets", "key": "b"}}}})), []string{unreadB}},
		"another namespace": {check(variable("shop-secrets", "a"), elsewhere), []string{unreadB}},
		"a key that is not": {check(variable("shop-secrets", "a"), variable("shop-secrets", "c")), []string{missing, unreadB}},
		"all, and one is not": {check(
			pod(fields{"imagePullSecrets": []any{fields{"name": "shop-secrets"}}}), variable("shop-secrets", "c"),
		), []string{missing}},
	})
}

// What a patch has the operator fill counts, and what it fills from elsewhere is not known.
func TestKeysOfPatchedObjects(t *testing.T) {
	check := func(spec fields, readers ...fields) field.ErrorList {
		s := &secret{node: &manifest.Node{Component: testComponent, Path: checktest.Prop}, name: "shop-secrets"}
		objects := append([]fields{inNamespace(apiVersion, "ExternalSecret", "shop-secrets", spec)}, readers...)
		return s.checkKeys(patched(objects...), false)
	}
	reads := variable("shop-secrets", "a")
	runChecks(t, map[string]expectation{
		"data":         {check(fields{"data": []any{fields{"secretKey": "a"}}}, reads), nil},
		"template":     {check(fields{"target": fields{"template": fields{"data": fields{"a": ""}}}}, reads), nil},
		"templateFrom": {check(fields{"target": fields{"template": fields{"templateFrom": []any{}}}}, reads), nil},
		"extract":      {check(fields{"dataFrom": []any{fields{"extract": fields{"key": "all"}}}}, reads), nil},
		"rewritten":    {check(fields{"dataFrom": []any{fields{"rewrite": []any{}}}}, reads), nil},
		"nothing": {check(fields{}, reads), []string{
			`prop: Invalid value: "shop-secrets": has no key a, which the Pod shop/reader reads: fill it, or take it from another Secret`,
		}},
	})
}
