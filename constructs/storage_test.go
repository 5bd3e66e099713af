package constructs

import "testing"

func TestStorageValidate(t *testing.T) {
	defaults := testTier("backend").storageDefaults()
	runChecks(t, map[string]check{
		"least": {errs: Storage{MountPath: "/data", Size: "1Mi"}.or(defaults).validate(prop)},
		"all":   {errs: Storage{MountPath: "/data", Size: "10G", AccessMode: ReadWriteOncePod, StorageClassName: "fast.ssd", ClaimName: "old-data"}.or(defaults).validate(prop)},
		"missing": {
			Storage{}.or(defaults).validate(prop),
			[]string{"prop.mountPath: Required value", `prop.size: Required value: a quantity such as "500m" or "1Gi"`},
		},
		"all wrong": {
			Storage{MountPath: "data", Size: "10", AccessMode: "ReadOnlyMany", StorageClassName: "Fast", ClaimName: "my_data"}.or(defaults).validate(prop),
			[]string{
				`prop.mountPath: Invalid value: "data": must be absolute`,
				`prop.size: Invalid value: "10": must be at least 1Mi and at most 1Pi`,
				`prop.accessMode: Unsupported value: "ReadOnlyMany": supported values: "ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"`,
				`prop.storageClassName: Invalid value: "Fast": ` + subdomainRule,
				`prop.claimName: Invalid value: "my_data": ` + subdomainRule,
			},
		},
		"shrunk by a slip": {
			Storage{MountPath: "/data", Size: "10m"}.or(defaults).validate(prop),
			[]string{`prop.size: Invalid value: "10m": must be at least 1Mi and at most 1Pi`},
		},
	})
}

func TestEmptyDirValidate(t *testing.T) {
	runChecks(t, map[string]check{
		"least":  {errs: EmptyDir{Path: "/cache"}.withDefaults().validate(prop)},
		"memory": {errs: EmptyDir{Path: "/dev/shm", SizeLimit: "64Mi", Memory: true}.withDefaults().validate(prop)},
		"all wrong": {
			EmptyDir{Path: "cache/", SizeLimit: "1Xi"}.withDefaults().validate(prop),
			[]string{`prop.path: Invalid value: "cache/": must be absolute`, `prop.sizeLimit: Invalid value: "1Xi": ` + quantityRule},
		},
	})
}
