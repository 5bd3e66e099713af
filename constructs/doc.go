// Package constructs turns a few properties in plain Go into everything that an application needs to run well on
// Kubernetes. It provides cdk8s constructs, one for each tier:
//
//   - [Namespace]: the chart's namespace, with the Pod Security Standard "restricted" and all connections denied
//   - [Frontend]: a web server with the pages of an application
//   - [Backend]: an HTTP server with its logic
//   - [Worker]: a program that takes tasks and serves no requests, often another command of a Backend's image
//   - [Scheduler]: a Worker with exactly one pod
//   - [Pods]: network policies, Services and scraping for pods that the program adds itself
//   - [Job]: a program that runs once, to its end
//   - [CronJob]: a program that runs on a schedule
//   - [Postgres]: a PostgreSQL server, with optional backups
//   - [Redis]: a Redis server with an append-only file
//   - [Ingress]: routes external requests to tiers, over TLS
//
// Three packages below this one add to them: monitoring (Prometheus, Alertmanager, Grafana), argocd (deployment by Argo
// CD) and externalsecrets (Secrets filled by the External Secrets Operator).
//
//	func main() {
//		defer constructs.Close()
//		if err := constructs.Synth("dist", shop); err != nil {
//			log.Fatal(err)
//		}
//	}
//
// [Synth] runs a function that adds charts and constructs to a cdk8s application, and writes YAML: see its example. A
// program that calls cdk8s.NewApp and app.Synth instead gets the same output; it gets the same errors as a panic from
// cdk8s.
//
// # Properties
//
// Properties are plain values. The zero value stands for the documented default, and false is the safe choice of every
// bool. A number is a pointer where zero is a value of its own, and a struct is a pointer where it defaults to none. A
// [Probe] is nil for the default, and NoProbe{} for none.
//
// Image is the reference of a container image and must include a tag or a digest. ImagePullPolicy is always written to
// the output, because the API server's own default also depends on the reference. Pod holds the settings that every
// tier's pods have.
//
// An invalid property is no reason to panic: the construct reports it when the tree is synthesized, and the rest of the
// program can still use the construct. As long as no patch changes an object, synthesis either produces objects that the
// API server accepts, or fails with one error that lists every problem of the tree with the path of its construct, the
// field and the value:
//
//	Validation failed with the following errors:
//	  [shop/api] backend.port: Invalid value: 70000: must be between 1 and 65535, inclusive
//	  [shop/api] backend.resources.limits.memory: Invalid value: "1Gg": must be a quantity such as "512Mi" or "1Gi"
//
// Each props type also has a Validate method, which needs no Node.js. It checks everything except what depends on the
// chart.
//
// Text may be any UTF-8, with the line breaks of any system. Synthesis reads back what cdk8s has written, as kubectl
// will, and refuses the few texts that would change on the way: cdk8s writes 0o17 without quotes, which kubectl reads
// as the number 15; and kubectl cannot read a text of several lines that begins with a tab. This covers the objects and
// patches of the program too.
//
// # Connections
//
// A property connects a tier to another:
//
//	constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "…", Database: db})
//
// From it follow the client's environment variables, the egress rule of its network policy, and a policy that opens the
// server's side. All other connections stay closed in both directions.
//
// What this library does not add takes part too. An [ExternalServer] is outside the cluster, a [ClusterServer] in it;
// [ExternalPostgres] and [ExternalRedis] put either in the place of a tier, and a [Model] is a language model behind either.
// [Sources] are clients that may connect to a tier, and [ServiceProps] opens a tier to clients outside the cluster without
// an Ingress. [Pods] joins pods of the program's own: it is a server and a client as the tiers are.
//
// # The cluster
//
// [SetCluster] tells the constructs of an app what they must know of the cluster, such as where its DNS is:
//
//	constructs.SetCluster(app, constructs.Cluster{DNS: []constructs.DNSServer{constructs.OpenShiftDNS()}})
//
// # Monitoring
//
// A property asks for a tier to be scraped: Metrics of a Frontend, a Backend, a Worker, a Scheduler or Pods, Exporter
// of a Postgres or a Redis. The package monitoring scrapes these tiers, and probes HTTP tiers that export no metrics.
//
// # Names
//
// A chart's label "app" names the application; without it, the chart's id does. A construct's id names its component.
// Objects are called <app>-<component>, and selectors consist of exactly the labels "app" and "component", so several
// applications can share a namespace.
//
// # Secrets
//
// No construct takes the value of a secret, only the name of a Secret and a key. The Secret must exist before the pods
// start.
//
// # Objects and patches
//
// A construct has a method for each of its objects, named after the kind. It returns the object as it will be written,
// for patches:
//
//	backend.Deployment().AddJsonPatch(cdk8s.JsonPatch_Add(
//		jsii.String("/spec/template/spec/hostname"), "api"))
//
// Objects returns all objects of a construct in the order in which they are written, including those without a method
// of their own, such as the policies that open other tiers to it. Construct returns its node in the tree, for cdk8s
// functions that take one, such as dependencies and aspects. If the id was refused, that node is outside the tree.
//
// Synth and Render check all objects after all patches, including those that the program adds itself (cdk8s.ApiObject,
// cdk8s.Include, classes of cdk8s-plus):
//
//   - An object of Kubernetes's own API groups must have a known kind, no unknown fields and no values of the wrong
//     type, which includes quantities, times and base64. The types are those of Kubernetes 1.37; [AllowFields] allows
//     newer ones.
//   - Pods, and the pod templates of all workloads, must meet the Pod Security level and version that their namespace
//     enforces, if the Namespace is among the objects.
//
// One error names every problem with the path of the construct, the file, the object and the field:
//
//	the API server would refuse objects or their pods:
//	  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: spec.template.spec.hostnam: Invalid value: "api": unknown field: did you mean hostname?
//	  [shop/api/deployment] shop.k8s.yaml: Deployment shop/shop-api: replicas: Invalid value: 3: unknown field at the root: the path of a JSON patch begins with a slash: /spec/replicas
//
// Some things are not checked: values that patches set, such as a port of 70000, an upper-case name, a missing required
// field or a selector that matches nothing; custom resources, CustomResourceDefinitions and APIServices; whether the
// cluster's version already has a field; and anything in a program that calls app.Synth of cdk8s itself.
//
// # Concurrency
//
// jsii, the bridge between Go and cdk8s, is not safe for concurrent use, and neither is this package.
package constructs
