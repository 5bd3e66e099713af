// Package diagnosis says why pods, Services and Ingresses of an application do not work, from what the API server has of them. It makes no request.
//
// It looks for what Kubernetes's components write: reasons and messages of kubelet, the scheduler and controllers, in the status of
// objects and in events.
package diagnosis

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// State is what is declared, and what was read from the cluster, in the namespaces of the declared objects.
type State struct {
	Declared []*unstructured.Unstructured
	Live     []Live // Of Declared, in its order. Only Objects looks at it.

	Deployments    []appsv1.Deployment
	StatefulSets   []appsv1.StatefulSet
	DaemonSets     []appsv1.DaemonSet
	ReplicaSets    []appsv1.ReplicaSet
	Pods           []corev1.Pod
	Claims         []corev1.PersistentVolumeClaim
	Events         []corev1.Event
	Services       []corev1.Service
	EndpointSlices []discoveryv1.EndpointSlice

	// Classes are the cluster's storage classes. Nil if they cannot be read.
	Classes []storagev1.StorageClass

	// Contents are those of what References lists, without what cannot be read.
	Contents map[Reference]Contents

	// Entry is read only if a request has failed.
	Entry Entry

	// Folder is where the manifests are.
	Folder string

	// MakeSecret is a command that makes OwnSecret. Defaults to none.
	MakeSecret string
	OwnSecret  Reference

	// SecretHelp names a document about OwnSecret. Defaults to none.
	SecretHelp string
}

// Result is what a step found.
type Result struct {
	Summary  string
	Findings []Finding
	Notes    []string // What is no fault, and worth knowing.

	// NotChecked says that there was nothing to look at, or no way to. Summary says why.
	NotChecked bool
}

// Finding is a cause, and what to do about it.
type Finding struct {
	Object   string   `json:"object"` // With kind, namespace and name.
	Cause    string   `json:"cause"`
	Affected []string `json:"affected,omitempty"` // Others that do not work because of it.
	Changed  string   `json:"changed,omitempty"`  // Who changed the object since it was applied.
	Advice   string   `json:"advice"`
}

// wait is the advice about what is expected to pass by itself.
const wait = "wait with --wait"

// Passes reports whether the finding is expected to pass by itself.
func (f Finding) Passes() bool { return strings.HasPrefix(f.Advice, wait) }

// findings hold one for each object and cause.
type findings []Finding

func (f *findings) add(found Finding) {
	for i := range *f {
		if known := &(*f)[i]; known.Object == found.Object && known.Cause == found.Cause {
			known.Affected = append(known.Affected, found.Affected...)
			return
		}
	}
	*f = append(*f, found)
}

// object is how findings name one.
func object(kind, namespace, name string) string {
	if namespace == "" {
		return kind + " " + name
	}
	return kind + " " + namespace + "/" + name
}

func nameOf(o *unstructured.Unstructured) string {
	return object(o.GetKind(), o.GetNamespace(), o.GetName())
}

// missing is one finding for all objects that are not there.
func (s *State) missing(objects []string, of int) []Finding {
	if len(objects) == 0 {
		return nil
	}
	found := Finding{Object: objects[0], Cause: "declared, but not in the cluster", Advice: s.apply()}
	if len(objects) > 1 {
		found.Object = fmt.Sprintf("%d of %d objects", len(objects), of)
		found.Affected = objects
	}
	return []Finding{found}
}

// apply is what to do about what is missing.
func (s *State) apply() string { return "apply the manifests: " + s.applying() }

func (s *State) applying() string { return "kubectl apply -f " + s.Folder }

// event is the newest about an object for one of the reasons, or nil.
func (s *State) event(about func(corev1.ObjectReference) bool, reasons ...string) *corev1.Event {
	var newest *corev1.Event
	for i := range s.Events {
		event := &s.Events[i]
		if !about(event.InvolvedObject) || !slices.Contains(reasons, event.Reason) {
			continue
		}
		if newest == nil || lastSeen(event).Compare(lastSeen(newest)) > 0 {
			newest = event
		}
	}
	return newest
}

// credentials are passwords in URLs, and what programs print beside words for them.
var credentials = regexp.MustCompile(`(?i)(://[^\s:/@]*:)[^\s@]+(@)|((?:password|passwd|pwd)["']?\s*[=:]\s*["']?|(?:secret|token|api[_-]?key)(?:\s*=\s*|["']\s*:\s*)["']?)[^\s"',;&]+`)

// oneLine shortens what may be a program's output, and leaves out passwords.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(credentials.ReplaceAllString(text, "$1$3***$2")), " ")
	const longest = 400
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}

func plural(number int, word string) string {
	if number == 1 {
		return "1 " + word
	}
	return fmt.Sprint(number, " ", word, "s")
}

// pairs are labels as kubectl's --selector takes them.
func pairs(labels map[string]string) string {
	var all []string
	for key, value := range labels {
		all = append(all, key+"="+value)
	}
	slices.SortFunc(all, cmp.Compare[string])
	return strings.Join(all, ",")
}
