// Package externalsecrets makes the Secrets that the External Secrets Operator would make of manifests. The operator itself cannot be built
// from Go's module proxy; what it uses can: the generator of its passwords, and the functions of its templates.
package externalsecrets

import (
	"context"
	"fmt"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/sethvargo/go-password/password"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/ai-platform/manifests/test/cluster"
)

// externalSecret are the fields that decide on the Secret.
type externalSecret struct {
	metav1.TypeMeta
	metav1.ObjectMeta `json:"metadata"`
	Status            any
	Spec              struct {
		RefreshPolicy   string
		RefreshInterval string
		SecretStoreRef  map[string]string
		Data            []struct {
			SecretKey string
			RemoteRef map[string]string
		}
		DataFrom []struct {
			SourceRef struct {
				GeneratorRef struct{ APIVersion, Kind, Name string }
			}
		}
		Target struct {
			Name                           string
			CreationPolicy, DeletionPolicy string
			Immutable                      bool
			Template                       struct {
				EngineVersion, MergePolicy string
				Type                       corev1.SecretType
				Metadata                   struct{ Labels map[string]string }
				Data                       map[string]string
			}
		}
	}
}

// generator is the operator's Password.
type generator struct {
	metav1.TypeMeta
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		SecretKeys              []string
		Length, Digits, Symbols int
		NoUpper, AllowRepeat    bool
		Encoding                string
	}
}

// Reconcile makes the Secret of an ExternalSecret that is in a cluster, and notes in its status that it has.
func Reconcile(ctx context.Context, in *cluster.Cluster, namespace, name string) error {
	var documents [][]byte
	for _, kind := range []string{"externalsecret", "password"} {
		stored, _, err := in.Kubectl(ctx, "", "get", kind, name, "--namespace="+namespace, "--output=yaml")
		if err != nil {
			return err
		}
		documents = append(documents, []byte(stored))
	}
	secret, err := Secret(documents, nil)
	if err != nil {
		return err
	}
	encoded, err := yaml.Marshal(secret)
	if err != nil {
		return err
	}
	if _, _, err := in.Kubectl(ctx, string(encoded), "create", "--filename=-"); err != nil {
		return err
	}
	const status = `{"status":{"conditions":[{"type":"Ready","status":"True","reason":"SecretSynced","message":"secret synced"}]}}`
	_, _, err = in.Kubectl(ctx, "", "patch", "externalsecret", name, "--namespace="+namespace, "--type=merge", "--subresource=status", "--patch="+status)
	return err
}

// Values gives the value of a key that the operator would generate, or would read from a store.
type Values func(key string) (string, error)

// Secret makes the Secret of the only ExternalSecret among YAML documents. Values that are not given are generated.
func Secret(documents [][]byte, values Values) (corev1.Secret, error) {
	var found externalSecret
	generators := map[string]generator{}
	for _, document := range documents {
		var kind metav1.TypeMeta
		if err := yaml.Unmarshal(document, &kind); err != nil {
			return corev1.Secret{}, err
		}
		switch kind.Kind {
		case "ExternalSecret":
			if found.Name != "" {
				return corev1.Secret{}, fmt.Errorf("there is a second ExternalSecret beside %s", found.Name)
			}
			if err := yaml.UnmarshalStrict(document, &found); err != nil {
				return corev1.Secret{}, err
			}
		case "Password":
			var g generator
			if err := yaml.UnmarshalStrict(document, &g); err != nil {
				return corev1.Secret{}, err
			}
			generators[g.Name] = g
		}
	}
	data, err := found.values(generators, values)
	if err != nil {
		return corev1.Secret{}, fmt.Errorf("ExternalSecret %q: %w", found.Name, err)
	}
	return found.secret(data)
}

// values are what templates see.
func (e externalSecret) values(generators map[string]generator, values Values) (map[string]string, error) {
	data := map[string]string{}
	take := func(key string, generated Values) (err error) {
		if values != nil {
			generated = values
		}
		data[key], err = generated(key)
		return err
	}
	for _, entry := range e.Spec.Data {
		if err := take(entry.SecretKey, func(key string) (string, error) { return "", fmt.Errorf("there is no store for %s", key) }); err != nil {
			return nil, err
		}
	}
	for _, source := range e.Spec.DataFrom {
		g, known := generators[source.SourceRef.GeneratorRef.Name]
		if !known {
			return nil, fmt.Errorf("there is no generator %q", source.SourceRef.GeneratorRef.Name)
		}
		for _, key := range g.Spec.SecretKeys {
			if err := take(key, g.password); err != nil {
				return nil, err
			}
		}
	}
	return data, nil
}

func (g generator) password(string) (string, error) {
	if g.Spec.Encoding != "raw" {
		return "", fmt.Errorf("the encoding %q is not known here", g.Spec.Encoding)
	}
	return password.Generate(g.Spec.Length, g.Spec.Digits, g.Spec.Symbols, g.Spec.NoUpper, g.Spec.AllowRepeat)
}

func (e externalSecret) secret(data map[string]string) (corev1.Secret, error) {
	target := e.Spec.Target
	secret := corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Name: target.Name, Namespace: e.Namespace, Labels: target.Template.Metadata.Labels},
		Type:       target.Template.Type,
		StringData: map[string]string{},
	}
	if target.Immutable {
		secret.Immutable = &target.Immutable
	}
	if target.Template.MergePolicy == "Merge" {
		for key, value := range data {
			secret.StringData[key] = value
		}
	}
	for key, text := range target.Template.Data {
		// https://github.com/external-secrets/external-secrets/blob/v1.3.2/runtime/template/v2/template.go
		functions := sprig.TxtFuncMap()
		delete(functions, "env")
		delete(functions, "expandenv")
		parsed, err := template.New(key).Option("missingkey=error").Funcs(functions).Parse(text)
		if err != nil {
			return secret, err
		}
		var made strings.Builder
		if err := parsed.Execute(&made, data); err != nil {
			return secret, err
		}
		secret.StringData[key] = made.String()
	}
	return secret, nil
}
