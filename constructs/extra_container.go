package constructs

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Mount is a volume of a tier that another container of its pods sees too.
type Mount struct {
	// Path is where the tier's own container sees the volume: the mount path of its Storage or of one of its
	// Volumes, or the path of one of its EmptyDirs or Files. Required.
	Path string

	// MountPath is the absolute path where this container sees it. Defaults to Path.
	MountPath string

	// ReadOnly keeps the container from writing to it. Defaults to false; what is read-only in the tier stays so.
	ReadOnly bool
}

// extraContainer is an InitContainer or a Sidecar. Its fields are those of the props, with the defaults filled in.
type extraContainer struct {
	prop       *field.Path
	name       string
	image      string
	pullPolicy PullPolicy
	command    command
	tierEnv    bool
	variables  variables
	mounts     []Mount
	resources  Resources
	asTier     bool // The resources are the tier's.
	probes     probes
	restarts   bool // A sidecar.
}

// withDefaults fills in the defaults that both kinds have.
func (c extraContainer) withDefaults(tier program) extraContainer {
	if !c.restarts && c.image == "" {
		c.image, c.pullPolicy = tier.image, cmp.Or(c.pullPolicy, tier.pullPolicy)
	}
	c.pullPolicy = c.pullPolicy.WithDefault(c.image)
	c.variables.pod = tier.pod
	if c.tierEnv {
		c.variables.inherited = new(tier.variables())
	}
	mounts := []Mount{}
	for _, mount := range c.mounts {
		mount.MountPath = cmp.Or(mount.MountPath, mount.Path)
		mounts = append(mounts, mount)
	}
	c.mounts = mounts
	return c
}

// extraContainers are those of the pods besides the tier's own, in the order in which they start.
func (p program) extraContainers(path *field.Path) []extraContainer {
	var containers []extraContainer
	add := func(container extraContainer, prop *field.Path) {
		container.prop = prop
		containers = append(containers, container)
	}
	addSidecars := func(after bool) {
		for i, sidecar := range p.sidecars {
			if sidecar.AfterInitContainers == after {
				add(sidecar.in(p), path.Child("sidecars").Index(i))
			}
		}
	}
	addSidecars(false)
	for i, c := range p.initContainers {
		add(c.in(p), path.Child("initContainers").Index(i))
	}
	addSidecars(true)
	return containers
}

// validateExtraContainers refuses two containers of one name.
func (p program) validateExtraContainers(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	taken := map[string]string{p.ID: "the tier's own container has this name"}
	if p.migrations != nil || p.migrationsOf != nil {
		taken[migrationsContainer] = "the init container that waits for migrations has this name"
	}
	for _, container := range p.extraContainers(path) {
		errs = append(errs, container.validate(p)...)
		name := container.prop.Child("name")
		if other, exists := taken[container.name]; exists {
			errs = append(errs, check.Duplicate(name, container.name, other))
		}
		taken[container.name] = "the same as " + name.String()
	}
	return errs
}

func (c extraContainer) validate(tier program) field.ErrorList {
	path := c.prop
	errs := check.RequiredLabel(path.Child("name"), c.name, validation.IsDNS1123Label)
	// What is the tier's is reported there.
	if c.restarts || c.image != tier.image {
		errs = append(errs, check.Image(path.Child("image"), c.image)...)
	}
	if !c.asTier {
		errs = append(errs, c.resources.Validate(path.Child("resources"))...)
	}
	environment := c.variables.ordered()
	return slices.Concat(
		errs,
		c.pullPolicy.Validate(path.Child("imagePullPolicy")),
		c.command.validate(path, environment),
		c.variables.validate(path),
		c.validateMounts(path.Child("mounts"), tier),
		c.probes.validate(path, c.probed(tier)),
	)
}

func (c extraContainer) validateMounts(path *field.Path, tier program) field.ErrorList {
	var known []string
	for _, point := range tier.mountPoints(path) {
		known = append(known, point.Path)
	}
	var errs field.ErrorList
	var points []check.MountPoint
	for i, mount := range c.mounts {
		at := path.Index(i)
		switch {
		case mount.Path == "":
			errs = append(errs, field.Required(at.Child("path"), "a path of the tier's storage, volumes, emptyDirs or files"))
			continue
		case !slices.Contains(known, mount.Path):
			errs = append(errs, field.Invalid(at.Child("path"), mount.Path,
				"must be a path of the tier's storage, volumes, emptyDirs or files ("+strings.Join(known, ", ")+")"))
		}
		_, isFile := tier.files[mount.Path]
		point := check.MountPoint{Prop: at.Child("mountPath"), Path: mount.MountPath, File: isFile}
		errs = append(errs, check.MountPath(point.Prop, point.Path)...)
		points = append(points, point)
	}
	return append(errs, check.MountPoints(points)...)
}

// probed has the directories to which the container can write.
func (c extraContainer) probed(tier program) probed {
	of := probed{environment: c.variables.ordered()}
	for _, mount := range c.mounts {
		isMounted := func(dir EmptyDir) bool { return dir.Path == mount.Path }
		if !mount.ReadOnly && slices.ContainsFunc(tier.emptyDirs, isMounted) {
			of.emptyDirs = append(of.emptyDirs, EmptyDir{Path: mount.MountPath})
		}
	}
	return of
}

// container expects the mounts of the tier.
func (c extraContainer) container(tier program, mounts manifest.Mounts) *k8s.Container {
	container := &k8s.Container{
		Name:            jsii.String(c.name),
		Image:           jsii.String(c.image),
		ImagePullPolicy: jsii.String(string(c.pullPolicy)),
		Resources:       c.resources.Requirements(),
	}
	if c.restarts {
		container.RestartPolicy = jsii.String("Always")
	}
	if ports := tier.portsOf(c.name); len(ports) > 0 {
		container.Ports = &ports
	}
	c.command.addTo(container)
	c.variables.addTo(container)
	c.probes.addTo(container, c.probed(tier))
	if len(c.mounts) > 0 {
		container.VolumeMounts = &[]*k8s.VolumeMount{}
	}
	for _, mount := range c.mounts {
		*container.VolumeMounts = append(*container.VolumeMounts, mounts.Again(mount.Path, mount.MountPath, mount.ReadOnly))
	}
	return container
}
