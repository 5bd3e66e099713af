package judges

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/pod-security-admission/admission"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/ai-platform/manifests/test/repository"
	"github.com/ai-platform/manifests/test/yamldoc"
)

// builtIn decodes Kubernetes's own kinds. A misspelled field is an error: the evaluator would not see it.
var builtIn = serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()

// forbidden returns why the newest policy of the level restricted forbids a manifest's pods, which is empty if it does not, and the kind of a
// manifest that has pods.
func forbidden(manifest []byte) (why, kind string, err error) {
	object, is, err := builtIn.Decode(manifest, nil, nil)
	if runtime.IsNotRegisteredError(err) {
		return "", "", nil // A custom resource.
	}
	if err != nil {
		return "", "", err
	}
	extractor := admission.DefaultPodSpecExtractor{}
	if resource, _ := meta.UnsafeGuessKindToResource(*is); !extractor.HasPodSpec(resource.GroupResource()) {
		return "", "", nil
	}
	metadata, spec, err := extractor.ExtractPodSpec(object)
	if err != nil {
		return "", "", err
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return "", "", err
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	result := policy.AggregateCheckResults(evaluator.EvaluatePod(restricted, metadata, spec))
	return result.ForbiddenDetail(), is.Kind, nil
}

func TestPodSecurityAllowsAllPods(t *testing.T) {
	kinds := map[string]bool{}
	for _, file := range renderedFiles(t) {
		documents, err := yamldoc.Read(repository.Path(file))
		require.NoError(t, err)
		for _, document := range documents {
			why, kind, err := forbidden(document)
			require.NoError(t, err, file)
			require.Empty(t, why, "%s:\n%s", file, document)
			kinds[kind] = true
		}
	}
	for _, kind := range []string{"Deployment", "CronJob"} {
		require.Contains(t, kinds, kind)
	}
}

func TestPodSecurityForbids(t *testing.T) {
	for _, c := range []struct {
		name string
		edit edit
		want string
	}{
		{"root", edit{"runAsNonRoot: true", "runAsNonRoot: false"}, "runAsNonRoot != true"},
		{"privilege escalation", edit{"allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true"}, "allowPrivilegeEscalation != false"},
		{"a capability", edit{"- ALL", "- NET_RAW"}, "unrestricted capabilities"},
		{"no seccomp profile", edit{"type: RuntimeDefault", "type: Unconfined"}, "seccompProfile"},
		{"host network", edit{"    spec:\n", "    spec:\n      hostNetwork: true\n"}, "host namespaces"},
		{"host path", edit{"    spec:\n", "    spec:\n      volumes: [{name: etc, hostPath: {path: /etc}}]\n"}, "restricted volume types"},
		// Forbidden since policy 1.34: an older evaluator would allow it.
		{"probe of another host", edit{"tcpSocket:\n", "tcpSocket:\n              host: example.com\n"}, "probe or lifecycle host"},
		{"misspelled field", edit{"securityContext:\n        runAs", "securityContexts:\n        runAs"}, `field "spec.template.spec.securityContexts"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			documents, err := yamldoc.Split(c.edit.apply(t))
			require.NoError(t, err)
			why, _, err := forbidden(documents[0])
			require.Contains(t, fmt.Sprint(why, err), c.want)
		})
	}
}
