package manifest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// Node is a construct's node of the tree: what it is called there, its objects, and whether anything is wrong with it.
type Node struct {
	Component Component
	Path      *field.Path // The root of the props in error messages.

	// Labels and Annotations are on all objects that are added, beside their own.
	Labels, Annotations map[string]string

	node    awsconstructs.Construct // Nil if the tree refused the id.
	nearest awsconstructs.Construct // The node, or else the scope: where errors are reported.
	invalid bool
	objects []cdk8s.ApiObject
	reaches []Component // Whose servers its objects need, or lead to.
	inert   cdk8s.ApiObject
}

// NewNode adds a node to the tree. Whatever is wrong with scope or id is reported when the tree is validated.
func NewNode(scope awsconstructs.Construct, id, kind string) *Node {
	// The kernel would mix up the calls of two goroutines.
	trace := make([]byte, goroutineSize)
	if by := renderedBy.Load(); by != nil && !strings.HasPrefix(string(trace[:runtime.Stack(trace, false)]), *by) {
		panic(errors.New("a construct was added outside the goroutine that Synth or Render runs the program in: add all constructs in that one"))
	}
	n := &Node{Path: field.NewPath(kind), nearest: scope}
	chart, err := chartOf(scope)
	if err != nil {
		n.refuse(field.ErrorList{field.Forbidden(n.Path, err.Error())})
		return n
	}
	n.Component = Component{App: chart.app, ID: id, Namespace: chart.namespace}
	if rendered != nil && chart.tree.rendered != rendered {
		n.nearest = rendered
		n.refuse(field.ErrorList{field.Forbidden(n.Path, "the scope "+anotherApp)})
		return n
	}
	n.Component.tree = chart.tree
	chart.tree.nodes = append(chart.tree.nodes, n)
	if len(check.ID(n.Path.Child("id"), id)) > 0 {
		return n // The scope reports it, with the props. In the tree it could be anything: JavaScript's toString, a line break.
	}
	if n.node = newConstruct(scope, id); n.node == nil {
		n.refuse(field.ErrorList{check.Duplicate(n.Path.Child("id"), id, "the scope already has a construct with this id")})
		return n
	}
	n.nearest = n.node
	return n
}

// newConstruct is nil if the scope has a child of that id already.
func newConstruct(scope awsconstructs.Construct, id string) awsconstructs.Construct {
	defer func() {
		if problem := recover(); problem != nil && scope.Node().TryFindChild(jsii.String(id)) == nil {
			panic(problem)
		}
	}()
	return awsconstructs.NewConstruct(scope, jsii.String(id))
}

// Accept makes synthesis fail with the errors of the props, and reports whether there are none. Only then may objects be added.
func (n *Node) Accept(errs field.ErrorList) bool {
	if n.Component.tree != nil {
		errs = append(n.Component.CheckName(n.Path), errs...)
	}
	if len(errs) > 0 {
		n.refuse(errs)
	}
	return !n.invalid
}

// Invalid reports whether anything is wrong with the props, the id or the scope. Then objects are missing.
func (n *Node) Invalid() bool { return n.invalid }

// refuse makes synthesis fail with the errors.
func (n *Node) refuse(errs field.ErrorList) {
	n.invalid = true
	Report(n.nearest, errs)
}

// Construct is the node of the tree. That of a construct whose id the tree refused is outside of it.
func (n *Node) Construct() awsconstructs.Construct {
	if n.node == nil {
		return nowhere()
	}
	return n.node
}

// Objects are all objects in the order in which they were added.
func (n *Node) Objects() []cdk8s.ApiObject { return append([]cdk8s.ApiObject{}, n.objects...) }

// Add adds an object below the construct's node, and returns it for the consumer's own patches. It returns nil for none, and
// for one that is refused.
func (n *Node) Add(o *Object) cdk8s.ApiObject {
	if o == nil {
		return nil
	}
	key := Key{GroupKind: schema.FromAPIVersionAndKind(o.APIVersion, o.Kind).GroupKind(), Name: o.Name}
	if !o.ClusterScoped {
		key.Namespace = cmp.Or(o.Namespace, n.Component.Namespace)
	}
	if !n.Declare(cmp.Or(o.Prop, n.Path), key, o.Remedy) {
		return nil
	}
	labels, annotations := n.Component.Labels(), map[string]string{}
	maps.Copy(labels, n.Labels)
	maps.Copy(labels, o.Labels)
	maps.Copy(annotations, n.Annotations)
	maps.Copy(annotations, o.Annotations)
	if o.Kind == "PersistentVolumeClaim" {
		n.UseClaim(n.Path, o.Name, o.SharedClaim)
	}
	metadata := &cdk8s.ApiObjectMetadata{Name: jsii.String(o.Name), Labels: StringMap(labels)}
	if len(annotations) > 0 {
		metadata.Annotations = StringMap(annotations)
	}
	if len(o.Finalizers) > 0 {
		metadata.Finalizers = jsii.Strings(o.Finalizers...)
	}
	if o.Namespace != "" {
		metadata.Namespace = jsii.String(o.Namespace)
	}
	fields := plain(o.Fields)
	written := map[string]any{"metadata": plain(metadata)}
	maps.Copy(written, fields)
	if where, lost := check.LostKey(written, key.String()); lost {
		n.refuse(field.ErrorList{field.Invalid(n.Path, "__proto__", "reserved by JavaScript, in which cdk8s runs: remove the key ("+where+")")})
		return nil
	}
	added := o.addTo(n.node, metadata, fields)
	n.objects = append(n.objects, added)
	n.reaches = append(n.reaches, o.Reaches...)
	return added
}

// AddAll adds several objects that the consumer finds among all of the construct's.
func (n *Node) AddAll(objects []*Object) {
	for _, o := range objects {
		n.Add(o)
	}
}

// Declare refuses a second declaration, by a prop, of anything that there can be only one of in a cluster. The remedy is what to do, if the
// error does not say it.
func (n *Node) Declare(prop *field.Path, key Key, remedy string) bool {
	declared := n.Component.tree.declared
	if first, exists := declared[key]; exists {
		problem := fmt.Sprintf("already declared by %s%s", *first.node.Node().Path(), remedy)
		n.refuse(field.ErrorList{check.Duplicate(prop, key.String(), problem)})
		return false
	}
	declared[key] = n
	return true
}

// Handle returns an object for the consumer's own patches: nil if the props do not call for it, and an object outside the
// tree if the construct is invalid, so that chained calls work until synthesis reports why.
func (n *Node) Handle(o cdk8s.ApiObject) cdk8s.ApiObject {
	if o != nil || !n.invalid {
		return o
	}
	if n.inert == nil {
		n.inert = cdk8s.NewApiObject(nowhere(), jsii.String("object"), &cdk8s.ApiObjectProps{
			ApiVersion: jsii.String("v1"), Kind: jsii.String("Invalid"),
		})
	}
	return n.inert
}

// nowhere is a chart outside the tree.
func nowhere() cdk8s.Chart { return cdk8s.NewChart(cdk8s.NewApp(nil), jsii.String("invalid"), nil) }

// AddTarget registers a component to be scraped. After TakeTargets it is refused.
func (n *Node) AddTarget(prop *field.Path, asking Target) {
	if n.watchedAlready(prop, asking.Component) {
		return
	}
	tree := n.Component.tree
	tree.targets = append(tree.targets, asking)
}

// AddCronJob registers a CronJob to be monitored, as AddTarget does a component.
func (n *Node) AddCronJob(prop *field.Path, asking WatchedCronJob) {
	if n.watchedAlready(prop, asking.Component) {
		return
	}
	tree := n.Component.tree
	tree.cronJobs = append(tree.cronJobs, asking)
}

// AddJob registers a Job to be monitored, as AddTarget does a component.
func (n *Node) AddJob(prop *field.Path, asking WatchedJob) {
	if n.watchedAlready(prop, asking.Component) {
		return
	}
	tree := n.Component.tree
	tree.jobs = append(tree.jobs, asking)
}

// watchedAlready refuses a component that is registered after TakeTargets.
func (n *Node) watchedAlready(prop *field.Path, asking Component) bool {
	scraper, taken := n.Component.tree.scraped[asking.application()]
	if taken {
		n.refuse(field.ErrorList{field.Forbidden(prop, "declared after "+scraper+", which has already collected its targets: create it last")})
	}
	return taken
}

// Watched is what an application asks to have monitored.
type Watched struct {
	Targets  []Target
	CronJobs []WatchedCronJob
	Jobs     []WatchedJob
}

// TakeTargets returns the components of the same application and namespace that ask to be scraped, and the Jobs and CronJobs that ask to be
// watched. Later ones are refused.
func (n *Node) TakeTargets(scraper string) Watched {
	tree := n.Component.tree
	if tree == nil {
		return Watched{}
	}
	ours := n.Component.application()
	tree.scraped[ours] = scraper + " " + n.Component.Name()
	var watched Watched
	for _, asking := range tree.targets {
		if asking.application() == ours {
			watched.Targets = append(watched.Targets, asking)
		}
	}
	for _, asking := range tree.cronJobs {
		if asking.application() == ours {
			watched.CronJobs = append(watched.CronJobs, asking)
		}
	}
	for _, asking := range tree.jobs {
		if asking.application() == ours {
			watched.Jobs = append(watched.Jobs, asking)
		}
	}
	return watched
}

// AtSynthesis has a function called once for the tree of a construct when all has been added and patched, to look at the nodes of the
// tree and their objects. What it reports makes synthesis fail. A second function of the same name is not called.
func AtSynthesis(of awsconstructs.IConstruct, name string, function func(root awsconstructs.IConstruct, nodes []*Node)) {
	if of == nil {
		panic(fmt.Errorf("the app of %s is nil", name))
	}
	root := of.Node().Root()
	if known := trees[root]; rendered != nil && known != nil && known.rendered != rendered {
		Report(rendered, field.ErrorList{field.Forbidden(field.NewPath(name), "the app "+anotherApp)})
		return
	}
	if task := (task{root, name}); !tasks[task] {
		tasks[task] = true
		root.Node().AddValidation(&finish{sync.OnceFunc(func() {
			var nodes []*Node
			if known := trees[root]; known != nil {
				nodes = known.nodes
			}
			function(root, nodes)
		})})
	}
}

// task is what is done at synthesis, once for a root.
type task struct {
	root awsconstructs.IConstruct
	name string
}

// finish is a validation that does something and reports it elsewhere.
type finish struct{ once func() }

func (f *finish) Validate() *[]*string {
	f.once()
	return &[]*string{}
}

// Reaches are the nodes of the servers that a prop connects this one's pods to, or leads to them. They were added before.
func (n *Node) Reaches() []*Node {
	var reached []*Node
	for _, other := range n.Component.tree.nodes {
		if other != n && slices.Contains(n.reaches, other.Component) {
			reached = append(reached, other)
		}
	}
	return reached
}

// tree is what the constructs below one root know of each other.
type tree struct {
	rendered cdk8s.App              // What was rendered when the tree began.
	declared map[Key]*Node          // The construct that declared each object.
	targets  []Target               // In the order in which they were added.
	cronJobs []WatchedCronJob       // In the order in which they were added.
	jobs     []WatchedJob           // In the order in which they were added.
	scraped  map[application]string // Who has taken an application's targets.
	nodes    []*Node                // In the order in which they were added.
	cluster  *Cluster               // Nil for the default.
	closed   map[string]bool        // The namespaces that are closed.
	taken    map[string]string      // Who took a namespace for one that is not closed.
	claims   map[Key][]claimUse     // Whose pods mount each claim.
}

// Close says that the pods of the node's namespace have no connections but those that policies allow. It is refused if a client has not
// let itself in at pods there because it came first.
func (n *Node) Close() {
	tree, namespace := n.Component.tree, n.Component.Namespace
	if client, taken := tree.taken[namespace]; taken {
		n.refuse(field.ErrorList{field.Forbidden(n.Path, "declared after "+client+" and has added no policy that admits it there: create the Namespace first")})
	}
	tree.closed[namespace] = true
}

// closes reports whether a Namespace of the tree closes a namespace, to a client that connects to a server there.
func (t *tree) closes(namespace string, client Component, server string) bool {
	if t == nil {
		return false
	}
	if !t.closed[namespace] {
		t.taken[namespace] = fmt.Sprintf("%s, which connects to %s", client.Name(), server)
	}
	return t.closed[namespace]
}

// application is what the components of one application in one namespace have in common.
type application struct{ app, namespace string }

func (c Component) application() application { return application{c.App, c.Namespace} }

// chart is what constructs need to know of the chart around them. Each answer costs a call into the kernel, so they are
// kept.
type chart struct {
	app       string
	namespace string
	tree      *tree
}

// rendered is the application that is being rendered, if one is.
var rendered cdk8s.App

// Render runs a program. Until it ends, whatever is added to an application that was there before is refused, as it would be
// lost. One that the program makes itself, it may also write itself.
func Render(app cdk8s.App, program func(cdk8s.App)) {
	former := rendered
	rendered = app
	goroutine := Goroutine()
	formerly := renderedBy.Swap(&goroutine)
	defer func() {
		rendered = former
		renderedBy.Store(formerly)
	}()
	program(app)
}

// renderedBy is the goroutine that renders, or nil.
var renderedBy atomic.Pointer[string]

// goroutineSize has room for what Goroutine is cut from.
const goroutineSize = 64

// Goroutine names the current one. Go tells its number only in stack traces: "goroutine 7 [running]:".
func Goroutine() string {
	trace := make([]byte, goroutineSize)
	name, _, _ := strings.Cut(string(trace[:runtime.Stack(trace, false)]), "[")
	return name
}

var (
	charts     = map[cdk8s.Chart]*chart{}
	trees      = map[awsconstructs.IConstruct]*tree{}
	tasks      = map[task]bool{}
	allowances = map[awsconstructs.IConstruct][]Allowance{}
)

// Forget is for the end of the kernel, which takes all trees with it.
func Forget() {
	clear(charts)
	clear(trees)
	clear(tasks)
	clear(allowances)
}

// chartOf describes the chart that a scope is or lies in, and reports what is wrong with the chart itself.
func chartOf(scope awsconstructs.Construct) (described *chart, err error) {
	if scope == nil {
		panic(errors.New("the scope of a construct is nil"))
	}
	defer func() {
		if problem := recover(); problem != nil {
			if problem, ok := problem.(error); !ok || !strings.HasSuffix(problem.Error(), noChart) {
				panic(problem)
			}
			err = errors.New("must be created in a chart: " + noChart)
		}
	}()
	found := cdk8s.Chart_Of(scope)
	if known, ok := charts[found]; ok {
		return known, nil
	}
	node := found.Node()
	described = &chart{app: *node.Id(), tree: treeOf(node.Root())}
	labels := map[string]string{} // cdk8s gives them to every object of the chart.
	for key, value := range *found.Labels() {
		labels[key] = *value
	}
	if label, ok := labels["app"]; ok {
		described.app = label
	}
	errs := check.Labels(field.NewPath("chart", "labels"), labels)
	if namespace := found.Namespace(); namespace != nil && *namespace != "" {
		described.namespace = *namespace
		errs = append(errs, check.Invalid(field.NewPath("chart", "namespace"), *namespace, validation.IsDNS1123Label(*namespace))...)
	}
	if len(errs) > 0 {
		Report(found, errs)
	}
	charts[found] = described
	return described, nil
}

// treeOf is the tree below a root.
func treeOf(root awsconstructs.IConstruct) *tree {
	if trees[root] == nil {
		trees[root] = &tree{rendered: rendered, declared: map[Key]*Node{}, scraped: map[application]string{}, closed: map[string]bool{}, taken: map[string]string{}, claims: map[Key][]claimUse{}}
		if any(root) != any(rendered) { // Render has the documents that the validation would have written.
			root.Node().AddValidation(&readBack{root})
		}
	}
	return trees[root]
}

// noChart is what cdk8s says of a scope outside of all charts, by a panic.
const noChart = "cannot find a parent chart (directly or indirectly)"

// Report makes synthesis fail with the errors, as those of a node.
func Report(node awsconstructs.Construct, errs field.ErrorList) {
	problems := make([]*string, 0, len(errs))
	for _, err := range errs {
		problems = append(problems, jsii.String(err.Error()))
	}
	node.Node().AddValidation(&knownProblems{problems})
}

// knownProblems is a validation whose result is there already.
type knownProblems struct{ problems []*string }

func (v *knownProblems) Validate() *[]*string { return &v.problems }
