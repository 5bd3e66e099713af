package constructs

// InitContainer is a container that runs to its end before a tier's program starts, one after the other, in every pod.
// While one fails, it is repeated, and the program does not start. It has the tier's user and security settings: its root
// file system is read-only, so it can write only to its Mounts.
//
// Network policies apply to the whole pod: an init container can connect to the tier's connections and to nothing else.
// One that waits for another server waits forever, so a reference to a tier of the application that is not connected is
// refused.
// https://kubernetes.io/docs/concepts/workloads/pods/init-containers/
type InitContainer struct {
	// Name is the name of the container. It must differ from those of the other containers of the pod; the tier's own has
	// the tier's id. Required.
	Name string

	// Image is the container image. Defaults to the tier's image.
	Image string

	// ImagePullPolicy defaults to the tier's for the tier's image, otherwise to Always for the tag "latest", otherwise to
	// IfNotPresent.
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

	// Resources of the container. Each field defaults to the tier's. Kubernetes reserves the larger of what init
	// containers and the program request, so the default reserves nothing more.
	Resources Resources
}

// in returns the container of a tier's pods, with the defaults filled in.
func (c InitContainer) in(tier program) extraContainer {
	return extraContainer{
		name:       c.Name,
		image:      c.Image,
		pullPolicy: c.ImagePullPolicy,
		command:    command{c.Command, c.Args, c.WorkingDir},
		tierEnv:    c.TierEnv,
		variables:  variables{env: c.Env, secretEnv: c.SecretEnv, fieldEnv: c.FieldEnv, envFrom: c.EnvFrom},
		mounts:     c.Mounts,
		resources:  c.Resources.WithDefaults(tier.resources),
		asTier:     c.Resources.isZero(),
		probes:     probes{NoProbe{}, NoProbe{}, NoProbe{}},
	}.withDefaults(tier)
}
