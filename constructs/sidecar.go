package constructs

// Sidecar is a container that runs in every pod for as long as the tier's program does, such as a proxy or a log shipper.
// It starts before the program and ends after it. It has the tier's user and security settings: its root file system is
// read-only, so it can write only to its Mounts. Network policies apply to the whole pod: a sidecar can connect to the
// tier's connections and to nothing else.
// https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
type Sidecar struct {
	// Name is the name of the container. It must differ from those of the other containers of the pod; the tier's own has
	// the tier's id. Required.
	Name string

	// Image is the container image. Required.
	Image string

	// ImagePullPolicy defaults to Always for the tag "latest", otherwise to IfNotPresent.
	ImagePullPolicy PullPolicy

	// Command is the program to run, with its first arguments. No shell reads it. It can refer to variables like a value
	// of Env. Defaults to the image's entrypoint.
	Command []string

	// Args are the arguments, or further ones if Command is set. They can refer to variables like a value of Env.
	// Defaults to the image's own, or to none if Command is set.
	Args []string

	// WorkingDir is the absolute path of the directory in which the program starts. Defaults to the image's own.
	WorkingDir string

	// TierEnv gives the container all variables of the tier, including those that its connections set. Variables of this
	// container replace those of the same name. Defaults to false.
	TierEnv bool

	// Env holds environment variables. A value can refer to other variables of the container as $(NAME). Defaults to none.
	Env map[string]string

	// SecretEnv holds environment variables whose values are in Secrets. Defaults to none.
	SecretEnv map[string]SecretKeyRef

	// FieldEnv holds environment variables whose values are fields of the pod, or requests and limits of the container.
	// Defaults to none.
	FieldEnv map[string]FieldRef

	// EnvFrom sets an environment variable for every key of Secrets and ConfigMaps. Defaults to none.
	EnvFrom []EnvFrom

	// Mounts are volumes of the tier that the container sees. Defaults to none.
	Mounts []Mount

	// Resources of the container, which are added to those of the program. Requests default to 50m of CPU and 64Mi of
	// memory, limits to 200m and 128Mi.
	Resources Resources

	// Startup holds back the other probes, and all containers that start later, until it succeeds. Defaults to NoProbe{}.
	Startup Probe

	// Liveness restarts a container that fails this probe. Defaults to NoProbe{}.
	Liveness Probe

	// Readiness routes no requests to the pod while the container fails this probe. Defaults to NoProbe{}.
	Readiness Probe

	// AfterInitContainers starts the sidecar when the init containers have ended, for one that needs what they prepare.
	// Defaults to false: init containers can use the sidecar.
	AfterInitContainers bool
}

// sidecarResources are enough for a proxy or a log shipper, which do little in comparison with the program.
var sidecarResources = Resources{
	Requests: ResourceList{CPU: "50m", Memory: "64Mi"},
	Limits:   ResourceList{CPU: "200m", Memory: "128Mi"},
}

// in returns the container of a tier's pods, with the defaults filled in.
func (s Sidecar) in(tier program) extraContainer {
	none := NoProbe{}
	return extraContainer{
		name:       s.Name,
		image:      s.Image,
		pullPolicy: s.ImagePullPolicy,
		command:    command{s.Command, s.Args, s.WorkingDir},
		tierEnv:    s.TierEnv,
		variables:  variables{env: s.Env, secretEnv: s.SecretEnv, fieldEnv: s.FieldEnv, envFrom: s.EnvFrom},
		mounts:     s.Mounts,
		resources:  s.Resources.WithDefaults(sidecarResources),
		probes:     probes{s.Startup, s.Liveness, s.Readiness}.withDefaults(probes{none, none, none}),
		restarts:   true,
	}.withDefaults(tier)
}
