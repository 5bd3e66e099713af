package constructs

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/manifest"
)

// refuseToWait refuses init containers that wait for a tier to which their pods may not connect: the program would never
// start. It looks when all tiers have been added, because the other one may come later.
func (p program) refuseToWait(node *manifest.Node) {
	name := fmt.Sprintf("init containers of %s/%s", p.Namespace, p.Name())
	manifest.AtSynthesis(node.Construct(), name, func(_ awsconstructs.IConstruct, nodes []*manifest.Node) {
		var errs field.ErrorList
		for i, container := range p.initContainers {
			for _, other := range nodes {
				if other != node && !p.connects(other.Component) && container.names(other.Component, p.Component) {
					errs = append(errs, field.Invalid(node.Path.Child("initContainers").Index(i), other.Component.Name(),
						"waits for a tier to which network policies allow no connection, so the program would not start: add the tier to the connections"))
				}
			}
		}
		if len(errs) > 0 {
			manifest.Report(node.Construct(), errs)
		}
	})
}

func (p program) connects(to manifest.Component) bool {
	return slices.ContainsFunc(p.connections, func(c manifest.Connection) bool { return c.Pods != nil && *c.Pods == to })
}

// names reports whether the container names a tier as a host with a port: "shop-api:8000", "nc -z shop-api 8000" or
// "http://shop-api/health".
func (c InitContainer) names(other, client manifest.Component) bool {
	host := regexp.QuoteMeta(other.Name())
	qualified := `\.` + regexp.QuoteMeta(other.Namespace) + `(\.svc[a-z0-9.-]*)?`
	if other.Near(client) {
		qualified = "(" + qualified + ")?"
	}
	withPort := `(^|[^\w.-])` + host + qualified + `["']?[:\s]+[0-9]`
	asOption := `(-h|--host)[=\s]["']?` + host + qualified + `(["'\s]|$)`
	inURL := `://([^\s/]*@)?` + host + qualified + `([:/\s"']|$)`
	// The words of a command may be a program's arguments: a host, and then a port.
	if regexp.MustCompile(withPort + "|" + asOption + "|" + inURL).MatchString(strings.Join(slices.Concat(c.Command, c.Args), " ")) {
		return true
	}
	// A URL in a variable may be for others, such as browsers. One with a port is for this container.
	addressed := regexp.MustCompile(withPort)
	return slices.ContainsFunc(slices.Collect(maps.Values(c.Env)), addressed.MatchString)
}
