package externalsecrets

import (
	"cmp"
	"math"
	"slices"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// GeneratedSecretProps are the properties of a GeneratedSecret.
type GeneratedSecretProps struct {
	// Passwords are the keys that hold a password each. Passwords consist of letters and digits, because connections
	// put Redis's into a URL unescaped. Required.
	Passwords []string

	// Length is the number of characters of each password, from 16 to 128. Defaults to 32, which is more than 180 bits.
	Length int

	// Templates are further keys, with Go templates of their values: {{ index . "session-key" }} is the value of
	// another key. Synthesis tries them. A template without {{ is a constant that everyone can read. Defaults to none.
	// https://external-secrets.io/latest/guides/templating/
	Templates map[string]string

	// PostgresURLs are further keys, with the URLs of databases. Defaults to none.
	PostgresURLs map[string]PostgresURL

	// ReadElsewhere states that something outside this application reads keys of the Secret. Defaults to false:
	// synthesis fails for a key that neither an object of the application nor a template reads.
	ReadElsewhere bool

	// Name is the name of the Secret, and of the objects that fill it. Defaults to <app>-<component>.
	Name string
}

const (
	minLength     = 16
	maxLength     = 128
	defaultLength = 32

	generatorGroup      = "generators.external-secrets.io"
	generatorAPIVersion = generatorGroup + "/v1alpha1"
)

// GeneratedSecret is a Secret with passwords that the operator generates once, in the cluster. Nobody else knows them.
//
// Nothing changes them automatically. The Secret is immutable, the operator does not fill it a second time, and it is
// kept when the ExternalSecret is deleted. A Secret that already exists under the name keeps its values, and becomes
// immutable.
//
// For the same reason, keys that are added to the props later are not added to the Secret, and a Secret that is deleted
// is not created again. Both require another Name, under which all values are generated anew; a server that has stored
// an old password, as PostgreSQL does in its volume, must be given the new one.
// https://external-secrets.io/latest/api/generator/password/
type GeneratedSecret struct {
	secret
	generator cdk8s.ApiObject
}

// NewGeneratedSecret adds a GeneratedSecret: a Password, which is the operator's generator, and an ExternalSecret.
func NewGeneratedSecret(scope awsconstructs.Construct, id string, props GeneratedSecretProps) *GeneratedSecret {
	node := manifest.NewNode(scope, id, "generatedSecret")
	props = props.withDefaults(node.Component)
	s := &GeneratedSecret{secret: secret{node: node, name: props.Name}}
	if !node.Accept(props.validate(node.Path, node.Component)) {
		return s
	}
	if !s.declare() {
		return s
	}
	s.generator = node.Add(props.password())
	s.add(props.spec(), map[string]any{
		// The operator fills a Secret that it owns anew if someone changes or deletes it, with other passwords. An orphan it leaves
		// alone once it has filled it, and one that is immutable also where it has forgotten that it did, as after a restore.
		"creationPolicy": "Orphan",
		"immutable":      true,
	}, props.composed(), props.ReadElsewhere)
	return s
}

func (p GeneratedSecretProps) withDefaults(at manifest.Component) GeneratedSecretProps {
	p.Length = cmp.Or(p.Length, defaultLength)
	p.Name = cmp.Or(p.Name, at.Name())
	return p
}

// Validate checks the props, except for what depends on the chart.
func (p GeneratedSecretProps) Validate(path *field.Path) field.ErrorList {
	return p.withDefaults(manifest.Anywhere).validate(path, manifest.Anywhere)
}

func (p GeneratedSecretProps) validate(path *field.Path, at manifest.Component) field.ErrorList {
	var errs field.ErrorList
	if len(p.Passwords) == 0 {
		errs = append(errs, field.Required(path.Child("passwords"), ""))
	}
	for i, key := range p.Passwords {
		at := path.Child("passwords").Index(i)
		errs = append(errs, check.Key(at, key)...)
		if first := slices.Index(p.Passwords, key); first < i {
			errs = append(errs, check.Duplicate(at, key, "the same as "+path.Child("passwords").Index(first).String()))
		}
	}
	if p.Length < minLength || p.Length > maxLength {
		errs = append(errs, field.Invalid(path.Child("length"), p.Length, validation.InclusiveRangeError(minLength, maxLength)))
	}
	if len(p.Passwords)*p.Length > maxSecret {
		errs = append(errs, field.TooLong(path.Child("passwords"), "", maxSecret))
	}
	errs = append(errs, p.composed().validate(path, path.Child("passwords"), p.Passwords)...)
	return append(errs, checkName(path.Child("name"), at, p.Name)...)
}

func (p GeneratedSecretProps) composed() composed { return composed{p.Templates, p.PostgresURLs} }

// password spells out the generator's defaults, also those that the operator computes: a quarter of digits.
func (p GeneratedSecretProps) password() *manifest.Object {
	return &manifest.Object{
		ID: "password", APIVersion: generatorAPIVersion, Kind: "Password", Name: p.Name,
		Fields: map[string]any{"spec": map[string]any{
			"secretKeys":  p.Passwords,
			"length":      p.Length,
			"digits":      int(math.Round(float64(p.Length) / 4)),
			"symbols":     0,
			"noUpper":     false,
			"allowRepeat": true, // Without, every password has fewer bits, and a long one cannot be made.
			"encoding":    "raw",
		}},
	}
}

func (p GeneratedSecretProps) spec() map[string]any {
	return map[string]any{
		"refreshPolicy":   "CreatedOnce",
		"refreshInterval": defaultRefreshInterval.String(), // The API server's default; the policy does not heed it.
		"dataFrom": []any{map[string]any{"sourceRef": map[string]any{"generatorRef": map[string]any{
			"apiVersion": generatorAPIVersion, "kind": "Password", "name": p.Name,
		}}}},
	}
}

// Password returns the Password, the operator's generator.
func (s *GeneratedSecret) Password() cdk8s.ApiObject { return s.node.Handle(s.generator) }
