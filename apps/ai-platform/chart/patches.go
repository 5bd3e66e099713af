package chart

import (
	"reflect"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/internal/chart"
	"github.com/ai-platform/manifests/internal/manifest"
)

// patch puts a value into an object, where no prop does.
type patch struct {
	workload
	path string // Fields, separated by dots.
}

// workload is an object that has pods.
type workload struct{ kind, component string }

func deployments(components ...string) []workload {
	var all []workload
	for _, component := range components {
		all = append(all, workload{"Deployment", component})
	}
	return all
}

// podPatches put a value into the specification of pods.
func podPatches(workloads []workload, field string) []patch {
	var all []patch
	for _, w := range workloads {
		pod := "spec.template.spec."
		if w.kind == "CronJob" {
			pod = "spec.jobTemplate.spec.template.spec."
		}
		all = append(all, patch{w, pod + field})
	}
	return all
}

// annotationPatches put a value into Deployments.
func annotationPatches(workloads []workload) []patch {
	var all []patch
	for _, w := range workloads {
		if w.kind == "Deployment" {
			all = append(all, patch{w, "metadata.annotations"})
		}
	}
	return all
}

// addPatches adds the non-empty values of settings that are written as patches.
func addPatches(app cdk8s.App, all []setting, values chart.Settings) {
	manifest.AtSynthesis(app, "patches", func(_ awsconstructs.IConstruct, nodes []*manifest.Node) {
		objects := map[workload]cdk8s.ApiObject{}
		for _, node := range nodes {
			for _, object := range node.Objects() {
				objects[workload{*object.Kind(), *object.Name()}] = object
			}
		}
		for _, s := range all {
			if s.patches == nil || reflect.ValueOf(values[s.Path]).Len() == 0 {
				continue
			}
			for _, p := range s.patches {
				if object := objects[workload{p.kind, platform.AppName + "-" + p.component}]; object != nil {
					p.add(object, values[s.Path])
				}
			}
		}
	})
}

// add replaces a whole field of the object, whose fields stay sorted then.
func (p patch) add(object cdk8s.ApiObject, value any) {
	fields := strings.Split(p.path, ".")
	contents := object.ToJson().(map[string]any)
	parent := contents
	for _, field := range fields[:len(fields)-1] {
		parent = parent[field].(map[string]any)
	}
	parent[fields[len(fields)-1]] = value
	object.AddJsonPatch(cdk8s.JsonPatch_Replace(jsii.String("/"+fields[0]), contents[fields[0]]))
}
