package constructs

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Model is a language model behind an API that is compatible with OpenAI's: OpenAI or another provider outside the
// cluster, or a server such as vLLM in it. Clients may connect to the server, and receive the variables that OpenAI's
// libraries read: OPENAI_BASE_URL, and OPENAI_API_KEY with the key. https://github.com/openai/openai-python
//
// These libraries want a key also for a server that asks for none: set any text as OPENAI_API_KEY in Env then.
type Model struct {
	// Server is the address of the server: an ExternalServer, a ClusterServer, or a tier. Required.
	Server Server

	// Name is the name of the model, which clients receive in OPENAI_MODEL. Defaults to none.
	Name string

	// APIKey is the key that holds the API key. Defaults to none.
	APIKey SecretKeyRef

	// Scheme is ModelHTTPS or ModelHTTP. An API key is not sent to a server outside the cluster over ModelHTTP. Defaults to
	// ModelHTTPS for a server outside the cluster, and to ModelHTTP for one in it.
	Scheme ModelScheme

	// Path is the path of the API, before "/chat/completions". Defaults to "/v1".
	Path string
}

// ModelScheme is the scheme of a Model's URL.
type ModelScheme string

// The schemes of a Model's URL.
const (
	ModelHTTPS ModelScheme = "https"
	ModelHTTP  ModelScheme = "http"
)

// DefaultModelPath is where OpenAI's API is, and that of most servers that are compatible with it.
const DefaultModelPath = "/v1"

var _ Server = Model{}

// Endpoint returns the host and port of Server.
func (m Model) Endpoint() Endpoint { return endpointOf(m.Server) }

// Destination is for use within this module.
func (m Model) Destination() manifest.Destination { return destinationOf(m.Server) }

// withDefaults fills in the scheme and the path.
func (m Model) withDefaults() Model {
	scheme := ModelHTTPS
	if m.inCluster() {
		scheme = ModelHTTP
	}
	m.Scheme = cmp.Or(m.Scheme, scheme)
	m.Path = cmp.Or(m.Path, DefaultModelPath)
	return m
}

// inCluster reports whether the server's pods are in the cluster.
func (m Model) inCluster() bool {
	to := m.Destination()
	return to.Pods != nil || to.Foreign != nil
}

// modelName is what the names of models consist of: gpt-4o, ft:gpt-4o:acme::id, meta-llama/Llama-3.1-8B-Instruct.
var modelName = regexp.MustCompile(`^[A-Za-z0-9._:/@+-]*$`)

// Validate checks the server, the names of the model, the Secret and the key, and the URL.
func (m Model) Validate(path *field.Path) field.ErrorList {
	filled := m.withDefaults()
	errs := slices.Concat(
		validateServer(path.Child("server"), m.Server),
		check.OneOf(path.Child("scheme"), filled.Scheme, ModelHTTPS, ModelHTTP),
		check.URLPath(path.Child("path"), filled.Path),
	)
	if strings.ContainsAny(m.Path, "?#$") {
		errs = append(errs, field.Invalid(path.Child("path"), m.Path, "must not contain '?', '#' or '$': clients append to it"))
	}
	if !modelName.MatchString(m.Name) {
		errs = append(errs, field.Invalid(path.Child("name"), m.Name, "must consist of letters, digits and '._:/@+-'"))
	}
	if m.APIKey == (SecretKeyRef{}) {
		return errs
	}
	if filled.Scheme == ModelHTTP && !m.inCluster() {
		errs = append(errs, field.Invalid(path.Child("scheme"), m.Scheme, "must be https: over http, everyone on the way to the server can read the API key"))
	}
	return append(errs, m.APIKey.Validate(path.Child("apiKey"))...)
}

// env are the variables that OpenAI's libraries read. The port that the scheme implies is left out, as providers write their URLs.
func (m Model) env(client manifest.Component) []*k8s.EnvVar {
	m = m.withDefaults()
	address := m.Destination().AddressFor(client)
	address = strings.TrimSuffix(address, map[ModelScheme]string{ModelHTTPS: ":443", ModelHTTP: ":80"}[m.Scheme])
	env := []*k8s.EnvVar{manifest.Variable("OPENAI_BASE_URL", string(m.Scheme)+"://"+address+m.Path)}
	if m.APIKey != (SecretKeyRef{}) {
		env = append(env, m.APIKey.Variable("OPENAI_API_KEY"))
	}
	if m.Name != "" {
		env = append(env, manifest.Variable("OPENAI_MODEL", m.Name))
	}
	return env
}
