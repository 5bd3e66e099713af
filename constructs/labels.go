package constructs

import "maps"

// managedBy is the value of app.kubernetes.io/managed-by.
const managedBy = "cdk8s"

// selector is what selects the tier's pods, in Deployment, Service and policies. The API server does not let a
// Deployment's selector change, so nothing is ever added here.
func (p place) selector() map[string]string {
	return map[string]string{"app": p.app, "component": p.component}
}

// labels are those of the tier's objects and pods: the selector and the recommended ones.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
func (p place) labels() map[string]string {
	labels := p.selector()
	maps.Copy(labels, map[string]string{
		"app.kubernetes.io/name":       p.name(),
		"app.kubernetes.io/component":  p.component,
		"app.kubernetes.io/part-of":    p.app,
		"app.kubernetes.io/managed-by": managedBy,
	})
	return labels
}

// reservedLabel says whether a label is set here, and so not by a prop.
func reservedLabel(key string) bool {
	_, reserved := place{}.labels()[key]
	return reserved
}
