package constructs

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestVolumesValidate(t *testing.T) {
	validate := func(replicas int, volumes ...Volume) field.ErrorList {
		path := field.NewPath("backend")
		return BackendProps{Image: "api:1", Replicas: &replicas, Volumes: volumes}.server(path, testComponent).validate(path)
	}
	const relative = `must be a relative path, such as "conf/app.yaml", without '.' and '..'`
	runChecks(t, map[string]expectation{
		"least": {errs: validate(2,
			ClaimVolume{MountPath: "/a", ClaimName: "a", AccessMode: ReadWriteMany}, SecretVolume{MountPath: "/b", Secret: "b"},
			ConfigMapVolume{MountPath: "/c", ConfigMap: "c"}, ImageVolume{MountPath: "/d", Image: "d:1"},
		)},
		"pointers":                {errs: validate(1, &ClaimVolume{MountPath: "/a", ClaimName: "a"})},
		"one pod on one node":     {errs: validate(1, ClaimVolume{MountPath: "/a", ClaimName: "a", SubPath: "b/c"})},
		"a claim below an image":  {errs: validate(1, ImageVolume{MountPath: "/a", Image: "a:1"}, ClaimVolume{MountPath: "/a/b", ClaimName: "a"})},
		"read by pods everywhere": {errs: validate(3, ClaimVolume{MountPath: "/a", ClaimName: "a", AccessMode: ReadOnlyMany, ReadOnly: true})},
		"several pods on one node": {
			validate(2, ImageVolume{MountPath: "/i", Image: "i:1"}, &ClaimVolume{MountPath: "/a", ClaimName: "a"}),
			[]string{`backend.volumes[1].accessMode: Invalid value: "ReadWriteOnce": must be ReadWriteMany for several replicas (2, the default), or set one replica`},
		},
		"nothing": {
			validate(1, nil, (*ClaimVolume)(nil)),
			[]string{
				"backend.volumes[0]: Required value: a ClaimVolume, a SecretVolume, a ConfigMapVolume or an ImageVolume",
				"backend.volumes[1]: Required value: a ClaimVolume, a SecretVolume, a ConfigMapVolume or an ImageVolume",
			},
		},
		"paths": {
			validate(1, SecretVolume{MountPath: "/tmp", Secret: "a"}, SecretVolume{MountPath: "a", Secret: "a"}, SecretVolume{Secret: "a"}),
			[]string{
				`backend.volumes[1].mountPath: Invalid value: "a": must be absolute`,
				"backend.volumes[2].mountPath: Required value",
				`backend.emptyDirs[/tmp].path: Invalid value: "/tmp": already mounted by backend.volumes[0].mountPath`,
			},
		},
		"claims": {
			validate(1, ClaimVolume{MountPath: "/a", AccessMode: "RWX", SubPath: "../b"}, ClaimVolume{MountPath: "/b", ClaimName: "b", AccessMode: ReadOnlyMany}),
			[]string{
				"backend.volumes[0].claimName: Required value",
				`backend.volumes[0].accessMode: Unsupported value: "RWX": supported values: "ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod", "ReadOnlyMany"`,
				`backend.volumes[0].subPath: Invalid value: "../b": ` + relative,
				"backend.volumes[1].readOnly: Required value: accessMode is ReadOnlyMany",
			},
		},
		"files": {
			validate(1,
				SecretVolume{MountPath: "/a", Items: map[string]string{"a b": "x", "b": "", "c": "/x", "d": "x/", "e": "..x", "f": "y", "g": "y"}, Mode: 0o1000},
				ConfigMapVolume{MountPath: "/b", ConfigMap: "A_B", Items: map[string]string{"": "x"}, Mode: -1},
			),
			[]string{
				"backend.volumes[0].secret: Required value",
				`backend.volumes[0].items[a b]: Invalid value: "a b": ` + checktest.KeyRule,
				"backend.volumes[0].items[b]: Required value: the relative path of a file",
				`backend.volumes[0].items[c]: Invalid value: "/x": ` + relative,
				`backend.volumes[0].items[d]: Invalid value: "x/": ` + relative,
				`backend.volumes[0].items[e]: Invalid value: "..x": ` + relative,
				`backend.volumes[0].items[g]: Duplicate value: "y": already the file of f`,
				"backend.volumes[0].mode: Invalid value: 512: must be between 0o001 and 0o777, such as 0o440",
				`backend.volumes[1].configMap: Invalid value: "A_B": ` + checktest.SubdomainRule,
				"backend.volumes[1].items[]: Required value",
				"backend.volumes[1].mode: Invalid value: -1: must be between 0o001 and 0o777, such as 0o440",
			},
		},
		"images": {
			validate(1, ImageVolume{MountPath: "/a", Image: "a", ImagePullPolicy: "x", SubPath: "a/../b"}),
			[]string{
				`backend.volumes[0].image: Invalid value: "a": must include a tag or digest`,
				`backend.volumes[0].imagePullPolicy: Unsupported value: "x": supported values: "Always", "IfNotPresent", "Never"`,
				`backend.volumes[0].subPath: Invalid value: "a/../b": ` + relative,
			},
		},
		// A directory in memory is killed for, wherever it is.
		"shared memory": {errs: BackendProps{
			Image: "api:1", EmptyDirs: []EmptyDir{{Path: "/dev/shm", Memory: true, SizeLimit: "512Mi"}},
		}.Validate(field.NewPath("backend"))},
		"too much shared memory": {
			BackendProps{Image: "api:1", EmptyDirs: []EmptyDir{{Path: "/dev/shm", Memory: true, SizeLimit: "1Gi"}}}.Validate(field.NewPath("backend")),
			[]string{`backend.emptyDirs: Invalid value: "1Gi": all directories in memory together must not exceed half of resources.limits.memory (1Gi, the default): they count against it`},
		},
	})
}

// The old pod must leave the volume before the new one can mount it.
func TestClaimOfOneNodeIsMountedByOnePod(t *testing.T) {
	for mode, recreated := range map[AccessMode]bool{"": true, ReadWriteOncePod: true, ReadWriteMany: false} {
		props := BackendProps{Image: "api:1", Replicas: new(1), Volumes: []Volume{ClaimVolume{MountPath: "/a", ClaimName: "a", AccessMode: mode}}}
		workload := props.server(field.NewPath("backend"), testComponent).workload()
		require.Equal(t, recreated, workload.Strategy == nil, mode)
	}
}
