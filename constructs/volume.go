package constructs

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Volume is a volume that no construct of this library adds, or the files of a Secret or an image: a ClaimVolume, a
// SecretVolume, a ConfigMapVolume or an ImageVolume.
// https://kubernetes.io/docs/concepts/storage/volumes/
type Volume interface {
	withDefaults() Volume
	path() string

	// validate and addTo expect the defaults to be filled in.
	validate(prop *field.Path) field.ErrorList
	addTo(mounts *manifest.Mounts)
}

var _ = []Volume{ClaimVolume{}, SecretVolume{}, ConfigMapVolume{}, ImageVolume{}}

// ClaimVolume is an existing PersistentVolumeClaim, also that of another tier. One that only one node can mount, as its
// access mode says, allows one pod, which is stopped before the next one starts, and no second tier.
type ClaimVolume struct {
	// MountPath is the absolute path of the volume in the container. Required.
	MountPath string

	// ClaimName is the name of the claim, in the namespace of the pods. Required.
	ClaimName string

	// AccessMode is the claim's access mode: AccessModes with several must include it. ReadOnlyMany requires ReadOnly.
	// Defaults to ReadWriteOnce.
	AccessMode AccessMode

	// SubPath is the relative path of the directory or file within the volume that is mounted. Defaults to the whole
	// volume.
	SubPath string

	// ReadOnly keeps the container from writing to the volume. Defaults to false.
	ReadOnly bool
}

// SecretVolume has the keys of a Secret as files. They follow a change of the Secret after a minute or so; the program
// must read them again.
type SecretVolume struct {
	// MountPath is the absolute path of the directory in the container. Required.
	MountPath string

	// Secret is the name of the Secret, in the namespace of the pods. Required.
	Secret string

	// Items holds the relative path of a file by key. Defaults to all keys, each in a file of its name.
	Items map[string]string

	// Mode is the permissions of the files, from 0o001 to 0o777. The pod's group can always read them. Defaults to 0o644.
	Mode int

	// Optional starts the container also while the Secret or one of its Items does not exist. Defaults to false.
	Optional bool
}

// ConfigMapVolume has the keys of a ConfigMap as files, also binary ones. They follow a change of the ConfigMap after a
// minute or so; the program must read them again.
type ConfigMapVolume struct {
	// MountPath is the absolute path of the directory in the container. Required.
	MountPath string

	// ConfigMap is the name of the ConfigMap, in the namespace of the pods. Required.
	ConfigMap string

	// Items holds the relative path of a file by key. Defaults to all keys, each in a file of its name.
	Items map[string]string

	// Mode is the permissions of the files, from 0o001 to 0o777. The pod's group can always read them. Defaults to 0o644.
	Mode int

	// Optional starts the container also while the ConfigMap or one of its Items does not exist. Defaults to false.
	Optional bool
}

// ImageVolume has the files of an image, read-only: a model, or the pages of a site. Kubernetes supports it by default
// from 1.35 on; older versions refuse the pods.
// https://kubernetes.io/docs/tasks/configure-pod-container/image-volumes/
type ImageVolume struct {
	// MountPath is the absolute path of the directory in the container. Required.
	MountPath string

	// Image is the image or artifact. Required.
	Image string

	// ImagePullPolicy defaults to Always for the tag "latest", otherwise to IfNotPresent.
	ImagePullPolicy PullPolicy

	// SubPath is the relative path of the directory within the image that is mounted. Defaults to the whole image.
	SubPath string
}

func (c ClaimVolume) withDefaults() Volume {
	c.AccessMode = cmp.Or(c.AccessMode, ReadWriteOnce)
	return c
}

func (c ClaimVolume) path() string { return c.MountPath }

// shared reports whether pods on several nodes can mount the volume.
func (c ClaimVolume) shared() bool {
	return c.AccessMode == ReadWriteMany || c.AccessMode == ReadOnlyMany
}

func (c ClaimVolume) validate(prop *field.Path) field.ErrorList {
	errs := slices.Concat(
		check.ObjectName(prop.Child("claimName"), c.ClaimName),
		check.OneOf(prop.Child("accessMode"), c.AccessMode, ReadWriteOnce, ReadWriteMany, ReadWriteOncePod, ReadOnlyMany),
		checkSubPath(prop.Child("subPath"), c.SubPath),
	)
	if c.AccessMode == ReadOnlyMany && !c.ReadOnly {
		errs = append(errs, field.Required(prop.Child("readOnly"), "accessMode is ReadOnlyMany"))
	}
	return errs
}

func (c ClaimVolume) addTo(mounts *manifest.Mounts) {
	mounts.AddExistingClaim(c.ClaimName, c.MountPath, c.SubPath, c.ReadOnly)
}

func (s SecretVolume) withDefaults() Volume { return s }

func (s SecretVolume) path() string { return s.MountPath }

func (s SecretVolume) validate(prop *field.Path) field.ErrorList {
	return slices.Concat(
		check.ObjectName(prop.Child("secret"), s.Secret),
		checkItems(prop.Child("items"), s.Items),
		checkMode(prop.Child("mode"), s.Mode),
	)
}

func (s SecretVolume) addTo(mounts *manifest.Mounts) {
	mounts.AddSecret(s.Secret, s.MountPath, manifest.KeyFiles{Items: s.Items, Mode: s.Mode, Optional: s.Optional})
}

func (c ConfigMapVolume) withDefaults() Volume { return c }

func (c ConfigMapVolume) path() string { return c.MountPath }

func (c ConfigMapVolume) validate(prop *field.Path) field.ErrorList {
	return slices.Concat(
		check.ObjectName(prop.Child("configMap"), c.ConfigMap),
		checkItems(prop.Child("items"), c.Items),
		checkMode(prop.Child("mode"), c.Mode),
	)
}

func (c ConfigMapVolume) addTo(mounts *manifest.Mounts) {
	mounts.AddConfigMap(c.ConfigMap, c.MountPath, manifest.KeyFiles{Items: c.Items, Mode: c.Mode, Optional: c.Optional})
}

func (i ImageVolume) withDefaults() Volume {
	i.ImagePullPolicy = i.ImagePullPolicy.WithDefault(i.Image)
	return i
}

func (i ImageVolume) path() string { return i.MountPath }

func (i ImageVolume) validate(prop *field.Path) field.ErrorList {
	return slices.Concat(
		check.Image(prop.Child("image"), i.Image),
		i.ImagePullPolicy.Validate(prop.Child("imagePullPolicy")),
		checkSubPath(prop.Child("subPath"), i.SubPath),
	)
}

func (i ImageVolume) addTo(mounts *manifest.Mounts) {
	mounts.AddImage(i.Image, string(i.ImagePullPolicy), i.MountPath, i.SubPath)
}

// checkItems checks the files of keys, of which two must not be one.
func checkItems(prop *field.Path, items map[string]string) field.ErrorList {
	var errs field.ErrorList
	taken := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(items)) {
		at := check.At(prop, key)
		errs = append(errs, check.Key(at, key)...)
		if items[key] == "" {
			errs = append(errs, field.Required(at, "the relative path of a file"))
			continue
		}
		if problems := checkSubPath(at, items[key]); len(problems) > 0 {
			errs = append(errs, problems...)
			continue
		}
		if other, exists := taken[items[key]]; exists {
			errs = append(errs, check.Duplicate(at, items[key], "already the file of "+other))
		}
		for parent := path.Dir(items[key]); parent != "." && parent != "/"; parent = path.Dir(parent) {
			for _, other := range slices.Sorted(maps.Keys(items)) {
				if items[other] == parent {
					errs = append(errs, field.Invalid(at, items[key], "is below the file of "+other+": choose another path"))
				}
			}
		}
		taken[items[key]] = key
	}
	return errs
}

// checkSubPath checks a path below a volume. The API server keeps names with two leading dots for itself.
func checkSubPath(prop *field.Path, relative string) field.ErrorList {
	if errs := check.Variable(prop, relative); relative == "" || len(errs) > 0 {
		return errs
	}
	if path.IsAbs(relative) || path.Clean(relative) != relative || relative == "." || strings.HasPrefix(relative, "..") {
		return field.ErrorList{field.Invalid(prop, relative, "must be a relative path, such as \"conf/app.yaml\", without '.' and '..'")}
	}
	return nil
}

const mostMode = 0o777

func checkMode(prop *field.Path, mode int) field.ErrorList {
	if mode < 0 || mode > mostMode {
		return field.ErrorList{field.Invalid(prop, mode, fmt.Sprintf("must be between 0o001 and %O, such as 0o440", mostMode))}
	}
	return nil
}
