package constructs

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

var (
	provider = ExternalServer{Host: "api.example.com", Port: 443, CIDRs: AllAddresses()}
	vllm     = ClusterServer{Service: "vllm", Namespace: "models", Port: 80, PodPort: 8000, PodLabels: map[string]string{"app": "vllm"}}
	modelKey = SecretKeyRef{Secret: "models", Key: "key"}
)

// modelEnv are the variables of a client in the namespace shop, as NAME=value or NAME from Secret/key.
func modelEnv(m Model) []string {
	var env []string
	for _, variable := range m.env(manifest.Component{App: "shop", ID: "api", Namespace: "shop"}) {
		if from := variable.ValueFrom; from != nil {
			env = append(env, *variable.Name+" from "+*from.SecretKeyRef.Name+"/"+*from.SecretKeyRef.Key)
			continue
		}
		env = append(env, *variable.Name+"="+*variable.Value)
	}
	return env
}

func TestModelEnv(t *testing.T) {
	for want, model := range map[string]Model{
		"https://api.example.com/v1":        {Server: provider},
		"https://api.example.com/openai/v1": {Server: provider, Path: "/openai/v1"},
		"https://10.0.0.7:8443/v1":          {Server: ExternalServer{Host: "10.0.0.7", Port: 8443}},
		"https://[fd00::7]/v1":              {Server: ExternalServer{Host: "fd00::7", Port: 443}},
		"http://[fd00::7]:443/v1":           {Server: ExternalServer{Host: "fd00::7", Port: 443}, Scheme: ModelHTTP},
		"http://vllm.models.svc/v1":         {Server: vllm},
		"https://vllm.models.svc:80/v1":     {Server: vllm, Scheme: ModelHTTPS},
		"http://vllm:8000/v1":               {Server: ClusterServer{Service: "vllm", Namespace: "shop", Port: 8000}},
		"http://shop-models:8000/v1":        {Server: &Backend{httpTier: httpTier{server: httpServer{program: program{Component: manifest.Component{App: "shop", ID: "models", Namespace: "shop"}, port: 8000}}}}},
	} {
		require.Equal(t, []string{"OPENAI_BASE_URL=" + want}, modelEnv(model))
	}
	require.Equal(t, []string{"OPENAI_BASE_URL=https://api.example.com/v1", "OPENAI_API_KEY from models/key", "OPENAI_MODEL=gpt-4o"},
		modelEnv(Model{Server: provider, APIKey: modelKey, Name: "gpt-4o"}))
}

func TestModelValidate(t *testing.T) {
	runChecks(t, map[string]expectation{
		"least":                  {errs: Model{Server: provider}.Validate(checktest.Prop)},
		"key":                    {errs: Model{Server: provider, APIKey: modelKey}.Validate(checktest.Prop)},
		"key within the cluster": {errs: Model{Server: vllm, APIKey: modelKey}.Validate(checktest.Prop)},
		"fine-tuned":             {errs: Model{Server: provider, Name: "ft:gpt-4o:acme::7p4lURel"}.Validate(checktest.Prop)},
		"nothing":                {Model{}.Validate(checktest.Prop), []string{"prop.server: Required value"}},
		"key in plain text": {
			Model{Server: provider, APIKey: modelKey, Scheme: ModelHTTP}.Validate(checktest.Prop),
			[]string{`prop.scheme: Invalid value: "http": must be https: over http, everyone on the way to the server can read the API key`},
		},
		"all wrong": {
			Model{Server: ExternalServer{Host: "10.0.0.1"}, Name: "$(HOME)", APIKey: SecretKeyRef{Key: "k"}, Scheme: "ftp", Path: "v1?a"}.Validate(checktest.Prop),
			[]string{
				"prop.server.port: Invalid value: 0: " + checktest.PortRule,
				`prop.scheme: Unsupported value: "ftp": supported values: "https", "http"`,
				`prop.path: Invalid value: "v1?a": must begin with /`,
				`prop.path: Invalid value: "v1?a": must not contain '?', '#' or '$': clients append to it`,
				`prop.name: Invalid value: "$(HOME)": must consist of letters, digits and '._:/@+-'`,
				"prop.apiKey.secret: Required value",
			},
		},
	})
}

// A tier takes a Model, and refuses what it has wrong or sets already.
func TestModelOfATier(t *testing.T) {
	path := field.NewPath("worker")
	props := WorkerProps{Image: "api:1", Model: &Model{Server: vllm}, Env: map[string]string{"OPENAI_API_KEY": "unused"}}
	require.Empty(t, props.worker(path, testComponent).validate(path))
	props.Model.APIKey, props.Connections = modelKey, []Server{vllm}
	require.Equal(t, []string{
		`worker.env[OPENAI_API_KEY]: Duplicate value: "OPENAI_API_KEY": already set by a connection`,
		`worker.connections[0]: Duplicate value: "vllm.models:8000": already connected by worker.model`,
	}, checktest.Messages(props.worker(path, testComponent).validate(path)))
	props = WorkerProps{Image: "api:1", Model: &Model{}}
	require.Equal(t, []string{"worker.model.server: Required value"}, checktest.Messages(props.worker(path, testComponent).validate(path)))
}
