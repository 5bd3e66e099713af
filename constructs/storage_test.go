package constructs

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestStorageValidate(t *testing.T) {
	defaults := Storage{ClaimName: "shop-api-data"}
	runChecks(t, map[string]expectation{
		"least": {errs: Storage{MountPath: "/data", Size: "1Mi"}.WithDefaults(defaults).Validate(checktest.Prop)},
		"all":   {errs: Storage{MountPath: "/data", Size: "10G", AccessMode: ReadWriteOncePod, StorageClassName: "fast.ssd", ClaimName: "old-data"}.WithDefaults(defaults).Validate(checktest.Prop)},
		"missing": {
			Storage{}.WithDefaults(defaults).Validate(checktest.Prop),
			[]string{"prop.mountPath: Required value", `prop.size: Required value: a quantity such as "512Mi" or "1Gi"`},
		},
		"all wrong": {
			Storage{MountPath: "data", Size: "10", AccessMode: "ReadOnlyMany", StorageClassName: "Fast", ClaimName: "my_data"}.WithDefaults(defaults).Validate(checktest.Prop),
			[]string{
				`prop.mountPath: Invalid value: "data": must be absolute`,
				`prop.size: Invalid value: "10": must be at least 1Mi and at most 1Pi`,
				`prop.accessMode: Unsupported value: "ReadOnlyMany": supported values: "ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"`,
				`prop.storageClassName: Invalid value: "Fast": ` + checktest.SubdomainRule,
				`prop.claimName: Invalid value: "my_data": ` + checktest.SubdomainRule,
			},
		},
		"shrunk by a slip": {
			Storage{MountPath: "/data", Size: "10m"}.WithDefaults(defaults).Validate(checktest.Prop),
			[]string{`prop.size: Invalid value: "10m": must be at least 1Mi and at most 1Pi`},
		},
	})
}

func TestEmptyDirInMemoryIsSmall(t *testing.T) {
	require.Equal(t, DefaultMemorySizeLimit, EmptyDir{Memory: true}.WithDefaults().SizeLimit)
	require.Equal(t, "1Mi", EmptyDir{Memory: true, SizeLimit: "1Mi"}.WithDefaults().SizeLimit)
}

func TestEmptyDirValidate(t *testing.T) {
	runChecks(t, map[string]expectation{
		"least":  {errs: EmptyDir{Path: "/cache"}.WithDefaults().validate(checktest.Prop)},
		"memory": {errs: EmptyDir{Path: "/dev/shm", SizeLimit: "64Mi", Memory: true}.WithDefaults().validate(checktest.Prop)},
		"all wrong": {
			EmptyDir{Path: "cache/", SizeLimit: "1Xi"}.WithDefaults().validate(checktest.Prop),
			[]string{`prop.path: Invalid value: "cache/": must be absolute`, `prop.sizeLimit: Invalid value: "1Xi": ` + checktest.QuantityRule},
		},
	})
}
