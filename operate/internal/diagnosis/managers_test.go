package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestChanged(t *testing.T) {
	s := shop(t)
	deployment, service := &s.Deployments[0], &s.Services[0]
	update := func(manager, subresource, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{
			Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, Subresource: subresource, FieldsV1: metav1.NewFieldsV1(fields),
		}
	}
	const image = `{"f:spec":{"f:template":{"f:spec":{"f:nodeSelector":{},"f:containers":{"k:{\"name\":\"api\"}":{".":{},"f:image":{}}}}}}}`
	deployment.ManagedFields = []metav1.ManagedFieldsEntry{
		update("kubectl-client-side-apply", "", image),
		update("kube-controller-manager", "scale", `{"f:spec":{"f:replicas":{}}}`),
		update("someone", "status", `{"f:status":{}}`),
		update("kubectl-edit", "", image),
	}
	require.Empty(t, changed(deployment, s.Declared[0]), "somebody changed it back")

	deployment.Spec.Template.Spec.Containers[0].Image = "api:2"
	deployment.Spec.Template.Spec.NodeSelector = map[string]string{"disk": "ssd"}
	require.Equal(t, "spec.template.spec.containers[api].image, spec.template.spec.nodeSelector by kubectl-edit", changed(deployment, s.Declared[0]))

	service.ManagedFields = []metav1.ManagedFieldsEntry{
		update("kubectl-patch", "", `{"f:spec":{"f:selector":{},"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{"f:targetPort":{}}}}}`),
	}
	service.Spec.Ports[0].TargetPort = intstr.FromInt32(1)
	require.Equal(t, "spec.ports[port:80,protocol:TCP].targetPort by kubectl-patch", changed(service, s.Declared[1]))
}
