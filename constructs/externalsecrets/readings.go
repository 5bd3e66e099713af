package externalsecrets

import (
	"strings"

	"github.com/ai-platform/manifests/internal/manifest"
)

// readings are what objects read of a Secret.
type readings struct {
	secret  string
	readers map[string]string // The first object that reads a key.
	all     bool              // Something reads all keys, or keys that are not known here.
	others  map[string]bool   // Further Secrets.
}

// in finds what an object reads, wherever in it Secrets may be referred to.
func (r *readings) in(o manifest.Patched) {
	fields, _ := o.Fields.(map[string]any)
	for name, value := range fields {
		if name != "metadata" {
			r.walk(o, name, value)
		}
	}
}

func (r *readings) walk(o manifest.Patched, parent string, value any) {
	switch value := value.(type) {
	case string:
		r.all = r.all || value == r.secret // As custom resources refer to one.
	case []any:
		for _, element := range value {
			r.walk(o, parent, element)
		}
	case map[string]any:
		if strings.HasPrefix(parent, "configMap") {
			return
		}
		if secret, keys, is := reference(parent, value); is {
			r.note(o, secret, keys)
			return
		}
		for name, element := range value {
			r.walk(o, name, element)
		}
	}
}

// reference says which keys of which Secret a field refers to; without keys it is all of them.
func reference(parent string, value map[string]any) (secret string, keys []string, is bool) {
	name, _ := value["name"].(string)
	volume, isVolume := value["secretName"].(string)
	items := list(value["items"])
	if key, is := value["key"].(string); is && name != "" {
		return name, []string{key}, true // A variable, and what custom resources call so.
	}
	if parent == "tls" && isVolume {
		return volume, []string{"tls.crt", "tls.key"}, true // Of an Ingress.
	}
	for _, item := range items {
		key, _ := manifest.At(item, "key").(string)
		keys = append(keys, key)
	}
	if isVolume {
		return volume, keys, true
	}
	return name, keys, parent == "secret" && len(keys) > 0 // Of a projected volume.
}

func (r *readings) note(o manifest.Patched, secret string, keys []string) {
	if secret != r.secret {
		r.others[secret] = true
		return
	}
	r.all = r.all || len(keys) == 0
	for _, key := range keys {
		if _, known := r.readers[key]; !known {
			r.readers[key] = o.String()
		}
	}
}

func list(value any) []any {
	elements, _ := value.([]any)
	return elements
}
