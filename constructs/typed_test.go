package constructs_test

import (
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
)

const (
	wouldRefuse = "the API server would refuse objects or their pods:"
	wayOut      = "\nconstructs.AllowFields accepts fields and kinds that are newer than Kubernetes 1.37"
)

// addition is a patch that adds a value.
type addition struct {
	path  string
	value any
}

func add(object cdk8s.ApiObject, additions ...addition) {
	for _, a := range additions {
		object.AddJsonPatch(cdk8s.JsonPatch_Add(jsii.String(a.path), a.value))
	}
}

// addObject adds an object of a program's own.
func addObject(chart cdk8s.Chart, apiVersion, kind, name string, fields ...addition) cdk8s.ApiObject {
	object := cdk8s.NewApiObject(chart, jsii.String(name), &cdk8s.ApiObjectProps{
		ApiVersion: jsii.String(apiVersion), Kind: jsii.String(kind), Metadata: &cdk8s.ApiObjectMetadata{Name: jsii.String(name)},
	})
	add(object, fields...)
	return object
}

// restricted is a chart whose namespace is among its objects.
func restricted(app cdk8s.App) cdk8s.Chart {
	chart := newChart(app, "shop")
	constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{})
	return chart
}

// plusDeployment is a Deployment of cdk8s-plus, which says nothing of capabilities and seccomp.
func plusDeployment(chart cdk8s.Chart) cdk8splus28.Deployment {
	return cdk8splus28.NewDeployment(chart, jsii.String("plus"), &cdk8splus28.DeploymentProps{
		Metadata:   &cdk8s.ApiObjectMetadata{Name: jsii.String("plus")},
		Containers: &[]*cdk8splus28.ContainerProps{{Image: jsii.String("plus:1")}},
	})
}

var plainInit = addition{"/spec/template/spec/initContainers", []any{map[string]any{"name": "init", "image": "init:1"}}}

func patchedDeployment(additions ...addition) func(app cdk8s.App) {
	return func(app cdk8s.App) { add(api(restricted(app)).Deployment(), additions...) }
}

func TestRefusedPatchesAndObjects(t *testing.T) {
	needNode(t)
	for name, refused := range map[string]struct {
		program func(app cdk8s.App)
		want    string
	}{
		"misspelled field": {
			patchedDeployment(addition{"/spec/template/spec/hostnam", "api"}),
			`
  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: spec.template.spec.hostnam: Invalid value: "api": unknown field: did you mean hostname?` + wayOut,
		},
		"path without a slash": {
			patchedDeployment(addition{"spec/replicas", 3}),
			`
  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: replicas: Invalid value: 3: unknown field at the root: the path of a JSON patch begins with a slash: /spec/replicas` + wayOut,
		},
		"path of one segment without a slash": {
			patchedDeployment(addition{"replicas", 3}),
			`
  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: undefined: Invalid value: 3: unknown field at the root: the path of a JSON patch begins with a slash` + wayOut,
		},
		"value of another type": {
			patchedDeployment(addition{"/spec/replicas", "three"}),
			`
  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: spec.replicas: Invalid value: "three": must be a 32-bit integer` + wayOut,
		},
		"init container without a security context": {
			patchedDeployment(plainInit),
			`
  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: spec.template.spec: Forbidden: namespace shop enforces the Pod Security level restricted:latest: allowPrivilegeEscalation != false (container "init" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "init" must set securityContext.capabilities.drop=["ALL"])`,
		},
		"object of the program's own": {
			inShop(func(chart cdk8s.Chart) {
				addObject(chart, "v1", "ConfigMap", "settings", addition{"/data", map[string]any{"size": 5}}, addition{"/spec", map[string]any{}})
			}),
			`
  [shop/settings] shop.k8s.yaml: ConfigMap shop/settings: data[size]: Invalid value: 5: must be a string
  [shop/settings] shop.k8s.yaml: ConfigMap shop/settings: spec: Invalid value: unknown field` + wayOut,
		},
		"value of a secret": {
			inShop(func(chart cdk8s.Chart) {
				addObject(chart, "v1", "Secret", "secrets", addition{"/data", map[string]any{"password": "plain text"}})
			}),
			`
  [shop/secrets] shop.k8s.yaml: Secret shop/secrets: data[password]: Invalid value: must be a string in base64` + wayOut,
		},
		"kind of another group": {
			inShop(func(chart cdk8s.Chart) { addObject(chart, "v1", "Deployment", "api") }),
			`
  [shop/api] shop.k8s.yaml: Deployment shop/api: kind: Invalid value: "Deployment": unknown kind in v1 of Kubernetes 1.37: use apiVersion apps/v1, kind Deployment` + wayOut,
		},
		"Deployment of cdk8s-plus": {
			func(app cdk8s.App) { plusDeployment(restricted(app)) },
			`
  [shop/plus/Resource] shop.k8s.yaml: Deployment shop/plus: spec.template.spec: Forbidden: namespace shop enforces the Pod Security level restricted:latest: unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]), seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`,
		},
		"Pod of cdk8s-plus, in another chart than its namespace": {
			func(app cdk8s.App) {
				restricted(app)
				chart := cdk8s.NewChart(app, jsii.String("pods"), &cdk8s.ChartProps{Namespace: jsii.String("shop")})
				cdk8splus28.NewPod(chart, jsii.String("plus"), &cdk8splus28.PodProps{
					Metadata:   &cdk8s.ApiObjectMetadata{Name: jsii.String("plus")},
					Containers: &[]*cdk8splus28.ContainerProps{{Image: jsii.String("plus:1")}},
				})
			},
			`
  [pods/plus/Resource] pods.k8s.yaml: Pod shop/plus: spec: Forbidden: namespace shop enforces the Pod Security level restricted:latest: unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]), seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`,
		},
		"label of the namespace": {
			inShop(func(chart cdk8s.Chart) {
				namespace := constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{})
				namespace.Namespace().Metadata().AddLabel(jsii.String("pod-security.kubernetes.io/enforce"), jsii.String("strict"))
			}),
			`
  [shop/namespace/namespace] shop.k8s.yaml: Namespace shop: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted` + wayOut,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := constructs.Render(refused.program)
			require.EqualError(t, err, wouldRefuse+refused.want)
		})
	}
}

// "kubectl apply" cannot apply what takes more than 256 KiB, although the API server stores it.
func TestLargeObjects(t *testing.T) {
	large := strings.Repeat("SELECT 1;\n", 31_400)
	var database *constructs.Postgres
	program := func(app cdk8s.App) {
		database = constructs.NewPostgres(restricted(app), "db", constructs.PostgresProps{Credentials: constructs.PostgresCredentials{Secret: "passwords"}, InitSQL: large})
	}
	_, err := constructs.Render(program)
	require.ErrorContains(t, err, "[shop/db/config-map] shop.k8s.yaml: ConfigMap shop/shop-db-files: metadata.annotations: Too long: \"kubectl apply\" would store")
	_, err = constructs.Render(func(app cdk8s.App) {
		program(app)
		constructs.AllowFields(database.ConfigMap(), "metadata.annotations")
	})
	require.NoError(t, err)
}

func TestAllRefusalsComeAtOnce(t *testing.T) {
	_, err := constructs.Render(func(app cdk8s.App) {
		shop := restricted(app)
		deployment := api(shop).Deployment()
		add(deployment, plainInit, addition{"/spec/replicas", "three"}, addition{"/spec/template/spec/hostnam", "api"})
		addObject(newChart(app, "blog"), "v1", "Service", "blog", addition{"/spec", map[string]any{"ports": 80}})
		addObject(shop, "v1", "Service", "shop-api")
	})
	require.EqualError(t, err, `objects would replace each other in the cluster:
  Service shop/shop-api is declared twice
`+wouldRefuse+`
  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: spec.replicas: Invalid value: "three": must be a 32-bit integer
  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: spec.template.spec: Forbidden: namespace shop enforces the Pod Security level restricted:latest: allowPrivilegeEscalation != false (container "init" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "init" must set securityContext.capabilities.drop=["ALL"])
  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: spec.template.spec.hostnam: Invalid value: "api": unknown field: did you mean hostname?
  [blog/blog] blog.k8s.yaml: Service blog/blog: spec.ports: Invalid value: 80: must be a list`+wayOut)
}

func TestAcceptedPatchesAndObjects(t *testing.T) {
	needNode(t)
	for name, program := range map[string]func(app cdk8s.App){
		"field that is newer than the types of cdk8s-plus": patchedDeployment(
			addition{"/spec/template/spec/resources", map[string]any{"limits": map[string]any{"cpu": 1, "memory": "1Gi"}}},
		),
		"field that is newer than the types of Kubernetes": func(app cdk8s.App) {
			deployment := api(restricted(app)).Deployment()
			add(deployment, addition{"/spec/template/spec/newerField", map[string]any{"any": 1}})
			constructs.AllowFields(deployment, "spec.template.spec.newerField")
		},
		"newer field of an object of a construct": func(app cdk8s.App) {
			deployment := plusDeployment(newChart(app, "shop"))
			add(deployment.ApiObject(), addition{"/spec/newerField", 1})
			constructs.AllowFields(deployment, "spec.newerField")
		},
		"kind that is newer than the types of Kubernetes": inShop(func(chart cdk8s.Chart) {
			constructs.AllowFields(addObject(chart, "apps/v2", "Deployment", "newer"), "kind")
		}),
		"custom resource": inShop(func(chart cdk8s.Chart) {
			addObject(chart, "example.com/v1", "Pod", "custom", addition{"/spec", map[string]any{"replica": "three"}})
			addObject(chart, "gateway.networking.k8s.io/v1", "HTTPRoute", "custom-route", addition{"/spec", "any"})
		}),
		"namespace that is not in the output": inShop(func(chart cdk8s.Chart) {
			plusDeployment(chart)
			add(api(chart).Deployment(), plainInit)
		}),
		"namespace that enforces another level": inShop(func(chart cdk8s.Chart) {
			namespace := constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{})
			namespace.Namespace().Metadata().AddLabel(jsii.String("pod-security.kubernetes.io/enforce"), jsii.String("baseline"))
			plusDeployment(chart)
		}),
		"null": patchedDeployment(addition{"/spec/strategy", map[string]any{"type": "Recreate", "rollingUpdate": nil}}),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := constructs.Render(program)
			require.NoError(t, err)
		})
	}
}

// Invalid props do not hide what is wrong with patches.
func TestRefusalsOfPropsAndPatches(t *testing.T) {
	_, err := constructs.Render(func(app cdk8s.App) {
		patchedDeployment(addition{"/spec/replicas", "three"})(app)
		constructs.NewBackend(newChart(app, "blog"), "api", constructs.BackendProps{})
	})
	require.EqualError(t, err, validationFailed+`
  [blog/api] backend.image: Required value
`+wouldRefuse+`
  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: spec.replicas: Invalid value: "three": must be a 32-bit integer`+wayOut)
}

// What is allowed is no more than was said: other fields, other objects and Pod Security are checked.
func TestAllowFieldsAllowsNoMore(t *testing.T) {
	_, err := constructs.Render(func(app cdk8s.App) {
		chart := restricted(app)
		deployment := api(chart).Deployment()
		add(deployment, plainInit, addition{"/spec/newer", 1}, addition{"/spec/newerStill", 1})
		constructs.AllowFields(deployment, "spec.newer", "spec.template")
		addObject(chart, "v1", "Service", "other", addition{"/spec", map[string]any{"newer": 1}})
	})
	require.EqualError(t, err, wouldRefuse+`
  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: spec.newerStill: Invalid value: 1: unknown field
  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: spec.template.spec: Forbidden: namespace shop enforces the Pod Security level restricted:latest: allowPrivilegeEscalation != false (container "init" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "init" must set securityContext.capabilities.drop=["ALL"])
  [shop/other] shop.k8s.yaml: Service shop/other: spec.newer: Invalid value: 1: unknown field`+wayOut)

	_, err = constructs.Render(inShop(func(chart cdk8s.Chart) {
		constructs.AllowFields(constructs.NewBackend(chart, "api", apiProps).PersistentVolumeClaim(), "spec.newer")
	}))
	require.EqualError(t, err, "the object of AllowFields is nil")
}

// A policy of the version that the namespace names decides: the host of a probe is forbidden since 1.34.
func TestVersionOfPodSecurity(t *testing.T) {
	program := func(version string) func(app cdk8s.App) {
		return inShop(func(chart cdk8s.Chart) {
			namespace := constructs.NewNamespace(chart, "namespace", constructs.NamespaceProps{})
			namespace.Namespace().Metadata().AddLabel(jsii.String("pod-security.kubernetes.io/enforce-version"), jsii.String(version))
			add(api(chart).Deployment(), addition{"/spec/template/spec/containers/0/livenessProbe/tcpSocket", map[string]any{"port": 80, "host": "example.com"}})
		})
	}
	_, err := constructs.Render(program("v1.33"))
	require.NoError(t, err)
	_, err = constructs.Render(program("v1.34"))
	require.ErrorContains(t, err, `namespace shop enforces the Pod Security level restricted:v1.34: probe or lifecycle host (container "api" uses probe or lifecycle host "example.com")`)
}

// cdk8s's own way to write does not check what is not of this package.
func TestAppSynthDoesNotCheckTypes(t *testing.T) {
	needNode(t)
	_, err := constructs.Render(smallShop) // Starts the kernel with a supported Node.js.
	require.NoError(t, err)
	files := appSynth(t, patchedDeployment(addition{"/spec/template/spec/hostnam", "api"}))
	require.Contains(t, files["shop.k8s.yaml"], "hostnam: api")
}
