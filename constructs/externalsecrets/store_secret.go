package externalsecrets

import (
	"cmp"
	"maps"
	"slices"
	"time"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// StoreSecretProps are the properties of a StoreSecret.
type StoreSecretProps struct {
	// Store is the source of the values. Required.
	Store Store

	// Keys are the keys of the Secret, with the location of their values in the store. Required.
	Keys map[string]RemoteKey

	// RefreshInterval is the time after which the values are read again, in whole seconds. Environment variables of
	// running pods do not change: restart the pods. Defaults to 1 h.
	RefreshInterval time.Duration

	// Templates are further keys, with Go templates of their values: {{ index . "session-key" }} is the value of
	// another key. Synthesis tries them. A template without {{ is a constant that everyone can read. Defaults to none.
	// https://external-secrets.io/latest/guides/templating/
	Templates map[string]string

	// PostgresURLs are further keys, with the URLs of databases. Defaults to none.
	PostgresURLs map[string]PostgresURL

	// ReadElsewhere states that something outside this application reads keys of the Secret. Defaults to false:
	// synthesis fails for a key that neither an object of the application nor a template reads.
	ReadElsewhere bool

	// Name is the name of the Secret and of the ExternalSecret. Defaults to <app>-<component>.
	Name string
}

// Store identifies a secret store of the operator, an object that the administrators of the cluster have created.
// https://external-secrets.io/latest/introduction/overview/#secretstore
type Store struct {
	// Name is the name of the object. Required.
	Name string

	// Kind is StoreNamespaced, for a store in the namespace of the Secret, or StoreCluster. Defaults to "SecretStore".
	Kind StoreKind
}

// StoreKind is the kind of a store's object.
type StoreKind string

// The kinds of stores.
const (
	StoreNamespaced StoreKind = "SecretStore"
	StoreCluster    StoreKind = "ClusterSecretStore"
)

// RemoteKey is the location of a value in a store. The store decides what its fields mean.
// https://external-secrets.io/latest/api/externalsecret/
type RemoteKey struct {
	// Key names an entry of the store: "shop/production". Required.
	Key string

	// Property is a field of an entry with several values: "database-password". Defaults to none: the value is the
	// whole entry.
	Property string

	// Version is the version of the entry. Defaults to the newest.
	Version string
}

const defaultRefreshInterval = time.Hour

// StoreSecret is a Secret whose values are in a secret store. The operator creates it and keeps it up to date; if
// someone changes or deletes it, the operator restores it. The Secret is deleted with the ExternalSecret.
// https://external-secrets.io/latest/api/externalsecret/
type StoreSecret struct{ secret }

// NewStoreSecret adds a StoreSecret: an ExternalSecret.
func NewStoreSecret(scope awsconstructs.Construct, id string, props StoreSecretProps) *StoreSecret {
	node := manifest.NewNode(scope, id, "storeSecret")
	props = props.withDefaults(node.Component)
	s := &StoreSecret{secret{node: node, name: props.Name}}
	if node.Accept(props.validate(node.Path, node.Component)) && s.declare() {
		s.add(props.spec(), map[string]any{"creationPolicy": "Owner"}, props.composed(), props.ReadElsewhere)
	}
	return s
}

func (p StoreSecretProps) withDefaults(at manifest.Component) StoreSecretProps {
	p.Store.Kind = cmp.Or(p.Store.Kind, StoreNamespaced)
	p.RefreshInterval = cmp.Or(p.RefreshInterval, defaultRefreshInterval)
	p.Name = cmp.Or(p.Name, at.Name())
	return p
}

// Validate checks the props, except for what depends on the chart.
func (p StoreSecretProps) Validate(path *field.Path) field.ErrorList {
	return p.withDefaults(manifest.Anywhere).validate(path, manifest.Anywhere)
}

func (p StoreSecretProps) validate(path *field.Path, at manifest.Component) field.ErrorList {
	errs := check.ObjectName(path.Child("store", "name"), p.Store.Name)
	errs = append(errs, check.OneOf(path.Child("store", "kind"), p.Store.Kind, StoreNamespaced, StoreCluster)...)
	keys := slices.Sorted(maps.Keys(p.Keys))
	if len(keys) == 0 {
		errs = append(errs, field.Required(path.Child("keys"), ""))
	}
	for _, key := range keys {
		errs = append(errs, check.Key(check.At(path.Child("keys"), key), key)...)
		errs = append(errs, p.Keys[key].validate(check.At(path.Child("keys"), key))...)
	}
	errs = append(errs, check.WholeSeconds(path.Child("refreshInterval"), p.RefreshInterval, time.Second, maxRefreshInterval)...)
	errs = append(errs, p.composed().validate(path, path.Child("keys"), keys)...)
	return append(errs, checkName(path.Child("name"), at, p.Name)...)
}

func (p StoreSecretProps) composed() composed { return composed{p.Templates, p.PostgresURLs} }

// maxRefreshInterval keeps what is meant to be another unit from being accepted.
const maxRefreshInterval = 366 * 24 * time.Hour

func (k RemoteKey) validate(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if k.Key == "" {
		errs = append(errs, field.Required(path.Child("key"), ""))
	}
	errs = append(errs, check.Text(path.Child("key"), k.Key)...)
	errs = append(errs, check.Text(path.Child("property"), k.Property)...)
	return append(errs, check.Text(path.Child("version"), k.Version)...)
}

// spec spells out what the API server would fill in.
func (p StoreSecretProps) spec() map[string]any {
	var data []any
	for _, key := range slices.Sorted(maps.Keys(p.Keys)) {
		data = append(data, map[string]any{"secretKey": key, "remoteRef": p.Keys[key].fields()})
	}
	return map[string]any{
		"refreshPolicy":   "Periodic",
		"refreshInterval": p.RefreshInterval.String(),
		"secretStoreRef":  map[string]any{"name": p.Store.Name, "kind": string(p.Store.Kind)},
		"data":            data,
	}
}

func (k RemoteKey) fields() map[string]any {
	fields := map[string]any{"key": k.Key, "conversionStrategy": "Default", "decodingStrategy": "None", "metadataPolicy": "None"}
	if k.Property != "" {
		fields["property"] = k.Property
	}
	if k.Version != "" {
		fields["version"] = k.Version
	}
	return fields
}
