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

// checkKeys compares the keys of a GeneratedSecret, a and b, with what objects read.
func checkKeys(objects ...fields) field.ErrorList {
	s := &secret{node: &manifest.Node{Component: testComponent, Path: checktest.Prop}, name: "shop-secrets"}
	return s.checkKeys(patched(append(generatedObjects("a", "b"), objects...)...), false)
}

const (
	missing   = `prop: Invalid value: "shop-secrets": has no key c, which the Pod shop/reader reads: add the key, or change the Secret that is read`
	unreadB   = `prop: Invalid value: "shop-secrets": has the key b, which no object of the application reads: remove the key, correct its name, or set ReadElsewhere`
	unreadAll = `prop: Invalid value: "shop-secrets": is not read by any object of the application: correct the name, or set ReadElsewhere`
)

func TestKeys(t *testing.T) {
	items := []any{fields{"key": "a", "path": "x"}, fields{"key": "b", "path": "y"}}
	elsewhere := variable("shop-secrets", "b")
	elsewhere["metadata"] = fields{"name": "reader", "namespace": "other"}
	certificate := func(secret string) fields {
		return inNamespace("networking.k8s.io/v1", "Ingress", "web", fields{"tls": []any{fields{"secretName": secret}}})
	}
	runChecks(t, map[string]expectation{
		"variables":        {checkKeys(variable("shop-secrets", "a"), variable("shop-secrets", "b")), nil},
		"a volume's items": {checkKeys(volume(fields{"secret": fields{"secretName": "shop-secrets", "items": items}})), nil},
		"a whole volume":   {checkKeys(volume(fields{"secret": fields{"secretName": "shop-secrets"}})), nil},
		"projected items":  {checkKeys(volume(fields{"projected": fields{"sources": []any{fields{"secret": fields{"name": "shop-secrets", "items": items}}}}})), nil},
		"projected":        {checkKeys(volume(fields{"projected": fields{"sources": []any{fields{"secret": fields{"name": "shop-secrets"}}}}})), nil},
		"envFrom":          {checkKeys(pod(fields{"containers": []any{fields{"envFrom": []any{fields{"secretRef": fields{"name": "shop-secrets"}}}}}})), nil},
		"pull secrets":     {checkKeys(pod(fields{"imagePullSecrets": []any{fields{"name": "shop-secrets"}}})), nil},
		"a custom resource": {checkKeys(inNamespace("example.com/v1", "Login", "a", fields{
			"user": fields{"name": "shop-secrets", "key": "a"}, "word": fields{"name": "shop-secrets", "key": "b"},
		})), nil},
		"a custom resource that names the Secret": {checkKeys(inNamespace("example.com/v1", "Login", "a", fields{"existingSecret": "shop-secrets"})), nil},

		"another key":        {checkKeys(variable("shop-secrets", "a")), []string{unreadB}},
		"another Secret too": {checkKeys(variable("shop-secrets", "a"), variable("others", "b")), []string{unreadB}},
		"a ConfigMap": {checkKeys(
			variable("shop-secrets", "a"), pod(fields{"env": []any{fields{"configMapKeyRef": fields{"name": "shop-secrets", "key": "b"}}}}),
		), []string{unreadB}},
		"another namespace": {checkKeys(variable("shop-secrets", "a"), elsewhere), []string{unreadB}},
		"an object of its name": {checkKeys(
			variable("shop-secrets", "a"), inNamespace("v1", "ConfigMap", "shop-secrets", fields{}),
		), []string{unreadB}},
		"nothing": {checkKeys(), []string{unreadAll}},
		"only another Secret": {checkKeys(variable("shop-secret", "a")), []string{
			`prop: Invalid value: "shop-secrets": is not read by any object of the application (they read shop-secret): correct the name, or set ReadElsewhere`,
		}},
		"a key that is not":   {checkKeys(variable("shop-secrets", "a"), variable("shop-secrets", "c")), []string{missing, unreadB}},
		"all, and one is not": {checkKeys(pod(fields{"imagePullSecrets": []any{fields{"name": "shop-secrets"}}}), variable("shop-secrets", "c")), []string{missing}},
		"a certificate": {checkKeys(certificate("shop-secrets"), variable("shop-secrets", "a"), variable("shop-secrets", "b")), []string{
			`prop: Invalid value: "shop-secrets": has no key tls.crt, which the Ingress shop/web reads: add the key, or change the Secret that is read`,
			`prop: Invalid value: "shop-secrets": has no key tls.key, which the Ingress shop/web reads: add the key, or change the Secret that is read`,
		}},
		"another certificate": {checkKeys(certificate("web-tls"), variable("shop-secrets", "a"), variable("shop-secrets", "b")), nil},
	})
}

// Two that fill one Secret would fight for it.
func TestSecretsWithTwoSources(t *testing.T) {
	for name, other := range map[string]fields{
		"Secret":                       inNamespace("v1", "Secret", "shop-secrets", nil),
		"SealedSecret":                 inNamespace("bitnami.com/v1alpha1", "SealedSecret", "shop-secrets", nil),
		"ExternalSecret of that name":  inNamespace("external-secrets.io/v1beta1", "ExternalSecret", "other", fields{"target": fields{"name": "shop-secrets"}}),
		"Certificate with that Secret": inNamespace("cert-manager.io/v1", "Certificate", "web", fields{"secretName": "shop-secrets"}),
	} {
		t.Run(name, func(t *testing.T) {
			object := patched(other)[0]
			checktest.Equal(t, []string{`prop: Invalid value: "shop-secrets": is also filled by the ` + object.String() + `: remove one of them`},
				checkKeys(other, variable("shop-secrets", "a"), variable("shop-secrets", "b")))
		})
	}
}

// What a patch has the operator fill counts, and what it fills from elsewhere is not known. A key that a template reads is read.
func TestKeysOfPatchedObjects(t *testing.T) {
	check := func(spec fields) field.ErrorList {
		s := &secret{node: &manifest.Node{Component: testComponent, Path: checktest.Prop}, name: "shop-secrets"}
		return s.checkKeys(patched(inNamespace(apiVersion, "ExternalSecret", "shop-secrets", spec), variable("shop-secrets", "c")), false)
	}
	template := func(fields fields) fields { return map[string]any{"target": map[string]any{"template": fields}} }
	withData := func(spec fields, key string) fields {
		spec["data"] = []any{fields{"secretKey": key}}
		return spec
	}
	runChecks(t, map[string]expectation{
		"data":           {check(withData(fields{}, "c")), nil},
		"template":       {check(template(fields{"mergePolicy": "Merge", "data": fields{"c": ""}})), nil},
		"of another key": {check(withData(template(fields{"mergePolicy": "Merge", "data": fields{"c": "{{ .a }}"}}), "a")), nil},
		"templates only": {check(withData(template(fields{"data": fields{"d": ""}}), "c")), []string{missing, `prop: Invalid value: "shop-secrets": has the key d, which no object of the application reads: remove the key, correct its name, or set ReadElsewhere`}},
		"templateFrom":   {check(template(fields{"templateFrom": []any{}})), nil},
		"extract":        {check(fields{"dataFrom": []any{fields{"extract": fields{"key": "all"}}}}), nil},
		"rewritten":      {check(fields{"dataFrom": []any{fields{"rewrite": []any{}}}}), nil},
		"nothing":        {check(fields{}), []string{missing}},
	})
}
