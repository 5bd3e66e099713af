package kernel

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"testing"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/kernel"
)

var (
	programs = flag.Int("programs", 20, "how many random programs to run on both kernels")
	steps    = flag.Int("steps", 400, "of each random program")
)

// A random program gets the same answers from both kernels. The native one runs it, and Node.js repeats what it answered: a difference is reported when the
// kernel closes, or when Node.js takes over in the middle.
func TestRandomPrograms(t *testing.T) {
	t.Setenv("JSII_NODE", node)
	t.Setenv(kernel.Variable, "check")
	t.Setenv("JSII_RUNTIME", "")
	total := 0
	for i := range *programs {
		p := &program{random: rand.New(rand.NewPCG(*seed, uint64(i)))}
		require.NoError(t, kernel.Start(func() { p.apps = append(p.apps, cdk8s.NewApp(nil)) }))
		p.apps = append(p.apps, cdk8s.NewApp(nil))
		p.scopes = append(p.scopes, p.apps[0])
		for range *steps {
			if problem := p.step(); problem != "" {
				require.NotContains(t, problem, "differs", "-seed %d, program %d", *seed, i)
				p.errors++
			}
		}
		require.NotPanics(t, kernel.Close, "-seed %d, program %d", *seed, i)
		require.Less(t, p.errors, *steps/2, "-seed %d, program %d: most steps are to succeed", *seed, i)
		total += *steps - p.errors
	}
	t.Logf("%d of %d calls succeeded", total, *programs**steps)
}

// program is a random one: each step calls one member of something that earlier steps created.
type program struct {
	random  *rand.Rand
	apps    []cdk8s.App
	charts  []cdk8s.Chart
	scopes  []awsconstructs.Construct // Of all classes.
	objects []cdk8s.ApiObject
	errors  int
}

// step returns the error of the kernel, if there is one.
func (p *program) step() (problem string) {
	defer func() {
		if r := recover(); r != nil {
			problem = fmt.Sprint(r)
		}
	}()
	if kind := p.random.IntN(100); kind < 40 || len(p.objects) == 0 {
		p.create(kind)
	} else {
		p.use(kind)
	}
	return ""
}

func (p *program) create(kind int) {
	switch {
	case kind < 12:
		p.createChart()
	case kind < 20:
		p.scopes = append(p.scopes, awsconstructs.NewConstruct(one(p, p.scopes), p.id()))
	default:
		p.createObject()
	}
}

func (p *program) use(kind int) {
	switch {
	case kind < 60:
		one(p, p.objects).AddJsonPatch(p.patch())
	case kind < 65:
		p.depend()
	case kind < 72:
		p.changeMetadata(one(p, p.objects).Metadata())
	case kind < 75:
		p.synthesize()
	case kind < 80:
		p.name()
	case kind < 96:
		p.read(one(p, p.scopes).Node())
	case kind < 98:
		one(p, p.scopes).Node().AddValidation(&validation{max(0, p.random.IntN(100)-98)})
	default:
		cdk8s.Yaml_Stringify(p.value(), p.value())
	}
}

// one picks an element.
func one[T any](p *program, list []T) T { return list[p.random.IntN(len(list))] }

func (p *program) text(of ...string) *string { return jsii.String(one(p, of)) }

// id is one of few, so that some collide, or random.
func (p *program) id() *string {
	if p.random.IntN(4) == 0 {
		return p.text("Default", "default", "Resource", "10", "9", "2", "a/b", "UPPER", "with space", "x_y.z", "a-very-long-name-that-does-not-fit-into-the-names-of-kubernetes")
	}
	return jsii.String(fmt.Sprintf("%c%d", 'a'+p.random.IntN(6), p.random.IntN(1000)))
}

func (p *program) strings() *map[string]*string {
	if p.random.IntN(3) == 0 {
		return nil
	}
	m := map[string]*string{}
	for range p.random.IntN(4) {
		m[*p.id()] = jsii.String(randomString(p.random))
	}
	return &m
}

func (p *program) createChart() {
	props := &cdk8s.ChartProps{Labels: p.strings()}
	if p.random.IntN(2) == 0 {
		props.Namespace = p.id()
	}
	if p.random.IntN(4) == 0 {
		props.DisableResourceNameHashes = jsii.Bool(true)
	}
	scope := awsconstructs.Construct(p.apps[0])
	switch p.random.IntN(20) {
	case 0, 1:
		scope = one(p, p.scopes)
	case 2:
		scope = p.apps[1]
	}
	chart := cdk8s.NewChart(scope, p.id(), props)
	p.charts, p.scopes = append(p.charts, chart), append(p.scopes, chart)
}

func (p *program) createObject() {
	if len(p.charts) == 0 {
		p.createChart()
	}
	props := &cdk8s.ApiObjectProps{ApiVersion: p.text("v1", "v1", "v1", "apps/v1", "a/b/c"), Kind: p.text("ConfigMap", "CronJob", "Service")}
	if p.random.IntN(2) == 0 {
		props.Metadata = &cdk8s.ApiObjectMetadata{Labels: p.strings(), Annotations: p.strings()}
		if p.random.IntN(2) == 0 {
			props.Metadata.Name = p.id()
		}
		if p.random.IntN(4) == 0 {
			props.Metadata.Finalizers = jsii.Strings("b", "a")
		}
	}
	scope := awsconstructs.Construct(one(p, p.charts))
	if p.random.IntN(3) == 0 {
		scope = one(p, p.scopes)
	}
	object := cdk8s.NewApiObject(scope, p.id(), props)
	p.objects, p.scopes = append(p.objects, object), append(p.scopes, object)
}

// special are the names that make Node.js take over, so that they end the comparison of a program.
var special = regexp.MustCompile(`"(constructor|__proto__)"`)

// value is any document except null, which is no value for jsii.
func (p *program) value() any {
	for {
		var value any
		text := appendDocument(p.random, nil, 1)
		if special.Match(text) && p.random.IntN(100) > 0 {
			continue
		}
		if err := json.Unmarshal(text, &value); err == nil && value != nil {
			return value
		}
	}
}

func (p *program) patch() cdk8s.JsonPatch {
	path := p.text("/spec", "/spec", "/spec", "/data", "/metadata/labels", "/metadata/annotations/a~1b", "/list", "/list/0", "/list/-", "/list/1", "/list/2", "/10", "/kind", "/spec/a")
	switch p.random.IntN(12) {
	case 0:
		return cdk8s.JsonPatch_Remove(path)
	case 1:
		return cdk8s.JsonPatch_Replace(path, p.value())
	case 2:
		return cdk8s.JsonPatch_Copy(jsii.String("/metadata"), path)
	case 3:
		return cdk8s.JsonPatch_Test(jsii.String("/metadata"), p.value())
	case 4, 5, 6:
		return cdk8s.JsonPatch_Add(jsii.String("/list"), []any{p.value(), p.value()})
	}
	return cdk8s.JsonPatch_Add(path, p.value())
}

// depend declares a dependency of something newer on something older, so that few form cycles.
func (p *program) depend() {
	switch p.random.IntN(3) {
	case 0:
		if older, newer, ok := two(p, p.objects); ok {
			newer.AddDependency(older)
		}
	case 1:
		if older, newer, ok := two(p, p.charts); ok {
			newer.AddDependency(older)
		}
	default:
		if older, newer, ok := two(p, p.scopes); ok {
			newer.Node().AddDependency(older)
		}
	}
}

// two picks different elements, and reports whether there are two.
func two[T any](p *program, list []T) (older, newer T, ok bool) {
	if len(list) < 2 {
		return older, newer, false
	}
	first := p.random.IntN(len(list) - 1)
	second := first + 1 + p.random.IntN(len(list)-first-1)
	return list[first], list[second], true
}

func (p *program) changeMetadata(m cdk8s.ApiObjectMetadataDefinition) {
	switch p.random.IntN(6) {
	case 0:
		m.AddLabel(p.id(), p.id())
	case 1:
		m.AddAnnotation(p.id(), jsii.String(randomString(p.random)))
	case 2:
		m.GetLabel(p.id())
	case 3:
		m.Add(p.id(), p.value())
	case 4:
		m.AddFinalizers(p.id())
	default:
		m.ToJson()
	}
}

func (p *program) synthesize() {
	switch p.random.IntN(3) {
	case 0:
		one(p, p.objects).ToJson()
	case 1:
		one(p, p.charts).ToJson()
	default:
		one(p, p.apps).SynthYaml()
	}
}

func (p *program) name() {
	options := &cdk8s.NameOptions{}
	if p.random.IntN(2) == 0 {
		options.MaxLen = jsii.Number(one(p, []float64{5, 8, 10, 20, 40, 63, 100}))
	}
	if p.random.IntN(2) == 0 {
		options.Delimiter = p.text("-", ".", "_", "--", "x", "/")
	}
	if p.random.IntN(2) == 0 {
		options.Extra = jsii.Strings("extra", "Default", "a", "a")
	}
	if p.random.IntN(2) == 0 {
		options.IncludeHash = jsii.Bool(false)
	}
	if p.random.IntN(2) == 0 {
		cdk8s.Names_ToDnsLabel(one(p, p.scopes), options)
	} else {
		cdk8s.Names_ToLabelValue(one(p, p.scopes), options)
	}
}

func (p *program) read(n awsconstructs.Node) {
	reads := []func(){
		func() { n.Addr() },
		func() { n.Children() },
		func() { n.DefaultChild() },
		func() { n.Dependencies() },
		func() { n.FindAll(awsconstructs.ConstructOrder_POSTORDER) },
		func() { n.FindAll("") },
		func() { n.FindChild(p.id()) },
		func() { n.Id() },
		func() { n.Locked() },
		func() { n.Path() },
		func() { n.Root() },
		func() { n.Scope() },
		func() { n.Scopes() },
		func() { n.TryFindChild(p.id()) },
		func() { one(p, p.scopes).ToString() },
		func() { cdk8s.Chart_Of(one(p, p.scopes)) },
		func() { cdk8s.ApiObject_Of(one(p, p.scopes)) },
		func() { one(p, p.charts).Labels() },
		func() { one(p, p.charts).ApiObjects() },
		func() { one(p, p.apps).Charts() },
		func() { one(p, p.objects).Name() },
		func() { one(p, p.objects).ApiGroup() },
	}
	if p.random.IntN(300) == 0 {
		n.Lock()
		return
	}
	one(p, reads)()
}

// validation finds a number of problems.
type validation struct{ problems int }

func (v *validation) Validate() *[]*string {
	problems := []*string{}
	for i := range v.problems {
		problems = append(problems, jsii.String(fmt.Sprintf("problem %d", i)))
	}
	return &problems
}
