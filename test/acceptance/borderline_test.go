package acceptance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"
	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/constructs"
	"github.com/ai-platform/manifests/constructs/argocd"
)

// What is at a limit and makes sense must be accepted, by the constructs as by the API server: a check that is stricter
// than the server's keeps somebody from what Kubernetes can do.
func TestBorderlineIsAccepted(t *testing.T) {
	createNamespaces(t)
	for name, add := range map[string]func(chart cdk8s.Chart){
		"the longest name": func(chart cdk8s.Chart) {
			constructs.NewFrontend(chart, strings.Repeat("x", 63-len("shop-")), constructs.FrontendProps{Image: "nginx:1"})
		},
		"the longest names of backups": func(chart cdk8s.Chart) {
			constructs.NewPostgres(chart, strings.Repeat("x", 52-len("shop--restore")), constructs.PostgresProps{
				Credentials: constructs.PostgresCredentials{Secret: "secrets"}, Backup: &constructs.PostgresBackup{},
			})
		},
		"the longest name of an opening": func(chart cdk8s.Chart) {
			long := strings.Repeat("x", 63-len("shop-")-1)
			server := constructs.NewBackend(chart, long+"a", constructs.BackendProps{Image: "api:1"})
			constructs.NewBackend(chart, long+"b", constructs.BackendProps{Image: "api:1", Connections: []constructs.Server{server}})
		},
		"the lowest port, the least resources": backend(func(p *constructs.BackendProps) {
			least := constructs.ResourceList{CPU: "1m", Memory: "4Mi"}
			p.Port, p.Resources = 1, constructs.Resources{Requests: least, Limits: least}
		}),
		"the highest port, and resources beyond any node": backend(func(p *constructs.BackendProps) {
			most := constructs.ResourceList{CPU: "1M", Memory: "1Pi"}
			p.Port, p.Resources = 65535, constructs.Resources{Requests: most, Limits: most}
		}),
		"no replicas": backend(func(p *constructs.BackendProps) { p.Replicas = ptr(0) }),
		"a replacement one by one, without any missing": backend(func(p *constructs.BackendProps) {
			p.Rollout = constructs.Rollout{MaxUnavailable: ptr(0), MaxSurge: ptr(1)}
		}),
		"as many replicas at least as at most": backend(func(p *constructs.BackendProps) {
			p.Autoscaling = &constructs.Autoscaling{MinReplicas: 3, MaxReplicas: 3, TargetCPUUtilization: 200, TargetMemoryUtilization: 1}
		}),
		"an end at once": backend(func(p *constructs.BackendProps) {
			p.PreStopSeconds, p.Pod.TerminationGracePeriodSeconds = ptr(0), 1
		}),
		"a long image": backend(func(p *constructs.BackendProps) {
			p.Image = "registry.example.com:5000/a/b__c/d-e.f:" + strings.Repeat("x", 128) + "@sha256:" + strings.Repeat("a", 64)
		}),
		"odd environment variables": backend(func(p *constructs.BackendProps) {
			p.Env = map[string]string{
				"a.b-c_D": "", "LONG": strings.Repeat("x", 100_000), "LINES": "one\n\n  two\n", "YES": "yes", "NUMBER": "0123", "TIME": "12:30:45",
				"REFERENCE": "$(NUMBER) $$(NUMBER) $(no name)", "QUOTES": `"'\`, "COLON": "a: b # c", "UNICODE": "żółw 🐢", "DASHES": "---\n...\n",
			}
		}),
		"as many bytes of files as a ConfigMap holds": backend(func(p *constructs.BackendProps) {
			p.Files = map[string]string{"/etc/big": strings.Repeat("x", 130_000), "/etc/bigger": strings.Repeat("x", 130_000)}
		}),
		"two files of one name, and a hidden one": backend(func(p *constructs.BackendProps) {
			p.Files = map[string]string{"/etc/a/app.conf": "a", "/etc/b/app.conf": "b", "/etc/.hidden": ""}
		}),
		"folders in folders": backend(func(p *constructs.BackendProps) {
			p.Storage = &constructs.Storage{MountPath: "/data", Size: "1Mi", AccessMode: constructs.ReadWriteMany}
			p.EmptyDirs = []constructs.EmptyDir{{Path: "/data/cache"}, {Path: "/data/cache/hot", Memory: true, SizeLimit: "1Mi"}, {Path: "/dev/shm", Memory: true}}
			p.Files = map[string]string{"/data/app.conf": "a"}
		}),
		"a volume for a single pod": backend(func(p *constructs.BackendProps) {
			p.Replicas, p.Storage = ptr(1), &constructs.Storage{MountPath: "/data", Size: "1.5Gi", AccessMode: constructs.ReadWriteOncePod}
		}),
		"all kinds of tolerations": backend(func(p *constructs.BackendProps) {
			p.Pod.Tolerations = []constructs.Toleration{
				{Operator: constructs.TolerationExists},
				{Key: "example.com/gpu", Value: "yes", Effect: constructs.TaintPreferNoSchedule},
				{Key: "node.kubernetes.io/unreachable", Operator: constructs.TolerationExists, Effect: constructs.TaintNoExecute, TolerationSeconds: ptr(0)},
			}
		}),
		"labels and annotations at their limits": backend(func(p *constructs.BackendProps) {
			key := strings.Repeat("a.", 126) + "a/" + strings.Repeat("X", 63)
			p.Pod.Labels = map[string]string{key: strings.Repeat("x", 63), "empty": ""}
			p.Pod.Annotations = map[string]string{key: "", "Example.com/Text": "a\tb\n"}
			p.Pod.NodeSelector = map[string]string{"topology.kubernetes.io/zone": "a"}
		}),
		"everywhere, and one address": backend(func(p *constructs.BackendProps) {
			p.Connections = []constructs.Server{
				constructs.ExternalServer{Host: "example.com", Port: 443, CIDRs: constructs.AllAddresses()},
				constructs.ExternalServer{Host: "192.0.2.1", Port: 1},
				constructs.ExternalServer{Host: "2001:db8::1", Port: 65535},
			}
		}),
		"schedules": func(chart cdk8s.Chart) {
			for i, schedule := range []string{"@daily", "*/15 0-6,18-23 1,15 JAN-mar mon-FRI", "? ? ? ? ?", "0 0 29 2 *"} {
				constructs.NewPostgres(chart, fmt.Sprintf("database-%d", i), constructs.PostgresProps{
					Credentials: constructs.PostgresCredentials{Secret: "secrets"}, Backup: &constructs.PostgresBackup{Schedule: schedule, Keep: 1},
				})
			}
		},
		"an Ingress of a wildcard, with paths": func(chart cdk8s.Chart) {
			api := constructs.NewBackend(chart, "api", constructs.BackendProps{Image: "api:1"})
			constructs.NewIngress(chart, "web", constructs.IngressProps{
				Host: "*.shop.example.com", Tier: api, Path: "/v1.0/a_b-c/", Routes: []constructs.IngressRoute{{Path: "/API", Tier: api}},
				Annotations: map[string]string{"nginx.ingress.kubernetes.io/ssl-redirect": "false"},
			})
		},
		"a project, an Application and an ApplicationSet at their limits": func(chart cdk8s.Chart) {
			longest := strings.Repeat("a.", 126) + "a"
			here := argocd.Destination{Namespace: strings.Repeat("x", 63), Cluster: "arn:aws:eks:eu-west-1:123456789012:cluster/shop"}
			project := argocd.NewProject(chart, "project", argocd.ProjectProps{
				Repositories: []string{"git@github.com:acme/shop.git"}, Destinations: []argocd.Destination{here}, Description: strings.Repeat("ż", 255), Name: longest,
				ClusterKinds: []argocd.ClusterKind{{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: "system:[a-z]*"}},
			})
			// The API server warns of a finalizer that Argo CD itself documents, one without a path.
			argocd.NewApplication(chart, "application", argocd.ApplicationProps{
				Project: project, Destination: here, CascadeDeletion: true, Name: longest,
				Source: argocd.Source{Repository: "git@github.com:acme/shop.git", Revision: ">=1.0.0 <2.0.0 || 3.*", Path: "."},
				Sync:   argocd.Sync{Automated: &argocd.AutomatedSync{}, Retry: argocd.Retry{Limit: ptr(-1), Backoff: time.Second, MaxBackoff: 24 * time.Hour}},
			})
			argocd.NewApplicationSet(chart, "set", argocd.ApplicationSetProps{
				Project: project, Repository: "git@github.com:acme/shop.git", CascadeDeletion: true,
				Environments: []argocd.Environment{{Name: longest[len("shop-")+1:], Path: "{{ .name }}", Revision: "{{ .path }}", Destination: here}},
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			files, err := constructs.Render(func(app cdk8s.App) { add(newChart(app, "shop", namespace)) })
			require.NoError(t, err)
			for _, object := range decode(t, files["shop.k8s.yaml"]) {
				checkAccepted(t, object)
			}
		})
	}
}

func backend(change func(*constructs.BackendProps)) func(cdk8s.Chart) {
	return func(chart cdk8s.Chart) {
		props := constructs.BackendProps{Image: "api:1"}
		change(&props)
		constructs.NewBackend(chart, "api", props)
	}
}

func ptr[T any](value T) *T { return &value }
