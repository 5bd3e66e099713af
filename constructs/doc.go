// Package constructs holds cdk8s constructs, one for each tier of an application: what the tier needs to run well on
// Kubernetes, from a few properties in plain Go.
//
//	func main() {
//		defer constructs.Close()
//		if err := constructs.Synth("dist", shop); err != nil {
//			log.Fatal(err)
//		}
//	}
//
// Synth runs a function that adds charts and constructs to a cdk8s application, and writes YAML: see its example. A
// program that prefers cdk8s.NewApp and app.Synth gets the same output, and the same errors as a panic of cdk8s's own.
//
// # Constructs
//
//   - [Namespace]: the chart's namespace, with the Pod Security Standard "restricted" and no connections by default
//   - [Frontend]: a web server with the pages of an application
//   - [Backend]: an HTTP server with its logic
//   - [Postgres]: a PostgreSQL server, with dumps if asked for
//   - [Redis]: a Redis server with an append-only file
//   - [Ingress]: what leads requests from outside to a tier, over TLS
//
// What watches an application (Prometheus, Alertmanager, Grafana) is in the package monitoring below this one, which adds
// Prometheus's parser to the modules that an importer needs. The package argocd deploys it with Argo CD, and externalsecrets fills the
// Secrets that its tiers name.
//
// # Properties
//
// Properties are plain values: the zero value means the documented default, and a bool's false is the safe choice.
// Pointers to numbers stand where zero is a value of its own, and pointers to structs where nothing is the default.
//
// Whatever the properties, and as long as no patch changes an object, synthesis gives objects that the API server accepts, or one error with
// every problem of the whole tree, each with the path of its construct, the field and the value:
//
//	Validation failed with the following errors:
//	  [shop/api] backend.port: Invalid value: 70000: must be between 1 and 65535, inclusive
//	  [shop/api] backend.resources.limits.memory: Invalid value: "1Gg": must be a quantity such as "500m" or "1Gi"
//
// An invalid construct can still be used by the rest of the program, so that the error is the only thing to look at. Props
// also check themselves, without Node.js: BackendProps.Validate and the like.
//
// Text may be anything that is UTF-8, with the line breaks of any system. Synthesis reads what cdk8s has written as kubectl does, also the
// objects and patches that a program adds itself, and refuses the few texts that would come back as others: cdk8s writes 0o17 without
// quotes, and kubectl reads fifteen; neither can kubectl read a text of several lines that begins with a tab.
//
// # Connections
//
// A tier is connected to another by a property:
//
//	constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "…", Database: db})
//
// From this follow the environment variables of the client, the egress in its network policy, and a policy that opens
// the server's side. What is not declared stays closed in both directions. Where the server is outside the cluster,
// [ExternalPostgres], [ExternalRedis] or [ExternalServer] stand in its place.
//
// # Monitoring
//
// A tier asks to be scraped by a property: Metrics of a Frontend or a Backend, Exporter of a Postgres or a Redis. What
// scrapes it is in the package monitoring, and so is what probes tiers that export nothing.
//
// # Names
//
// A chart's label "app" names the application; without it the chart's id does. A construct's id is its component.
// Objects are called <app>-<component>, and pods are selected by exactly the labels "app" and "component": several
// applications in one namespace do not meet.
//
// # Secrets
//
// No construct takes the value of a secret, only the name of a Secret and a key. The Secret must exist before the pods
// start.
//
// # Patches
//
// Every object can be had from its construct, and be patched as it is written:
//
//	backend.Deployment().AddJsonPatch(cdk8s.JsonPatch_Add(
//		jsii.String("/spec/template/spec/hostname"), "api"))
//
// Synth and Render check all objects after all patches, those too that the program adds itself (cdk8s.ApiObject, cdk8s.Include, classes of
// cdk8s-plus):
//
//   - An object of Kubernetes's own groups must be of a kind that there is, and have no unknown fields and no values of another type, which
//     includes quantities, times and base64. The types are those of Kubernetes 1.37; [AllowFields] allows what is newer.
//   - Pods, and the templates of all workloads, must meet the Pod Security level and version that their namespace enforces, if the Namespace
//     is among the objects.
//
// One error names every problem with the path of the construct, the file, the object and the field:
//
//	the API server would refuse objects or their pods:
//	  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: spec.template.spec.hostnam: Invalid value: "api": unknown field: did you mean hostname?
//	  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: replicas: Invalid value: 3: unknown field at the root: the path of a JSON patch begins with a slash: /spec/replicas
//
// Not checked are the values of patches, such as a port of 70000, a name in upper case, a missing required field or a selector that selects
// nothing; custom resources, CustomResourceDefinitions and APIServices; whether the cluster's version has a field already; and
// anything where a program calls app.Synth of cdk8s itself.
//
// # Concurrency
//
// jsii, the bridge between Go and cdk8s, is not safe for concurrent use, and so nothing here is.
package constructs
