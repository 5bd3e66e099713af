package constructs

import (
	"cmp"
	"slices"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// Storage is a PersistentVolumeClaim of a tier, and where it is mounted.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/
type Storage struct {
	// MountPath is the absolute path of the folder in the container. Required, but for the tiers that know theirs.
	MountPath string

	// Size is the least that the volume holds, as a quantity of bytes: "10Gi". It can grow later (if the storage class
	// allows it), never shrink. Required, but for the tiers that have a default.
	Size string

	// AccessMode says who may mount the volume. ReadWriteOnce means one node, so a tier with several replicas needs
	// ReadWriteMany. Defaults to ReadWriteOnce.
	AccessMode AccessMode

	// StorageClassName names the StorageClass. Defaults to the cluster's default class.
	StorageClassName string

	// ClaimName is the claim's name. Defaults to <app>-<component>-data.
	ClaimName string
}

// AccessMode says from where a volume may be mounted.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
type AccessMode string

// The access modes that let a tier write.
const (
	ReadWriteOnce    AccessMode = "ReadWriteOnce"
	ReadWriteMany    AccessMode = "ReadWriteMany"
	ReadWriteOncePod AccessMode = "ReadWriteOncePod"
)

// WithDefaults fills in what is not set.
func (s Storage) WithDefaults(defaults Storage) Storage {
	return Storage{
		MountPath:        cmp.Or(s.MountPath, defaults.MountPath),
		Size:             cmp.Or(s.Size, defaults.Size),
		AccessMode:       cmp.Or(s.AccessMode, defaults.AccessMode, ReadWriteOnce),
		StorageClassName: cmp.Or(s.StorageClassName, defaults.StorageClassName),
		ClaimName:        cmp.Or(s.ClaimName, defaults.ClaimName),
	}
}

// Validate checks storage whose defaults are filled in.
func (s Storage) Validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		check.MountPath(path.Child("mountPath"), s.MountPath),
		check.Bytes(path.Child("size"), s.Size, check.MinStorage),
		check.OneOf(path.Child("accessMode"), s.AccessMode, ReadWriteOnce, ReadWriteMany, ReadWriteOncePod),
		check.OptionalObjectName(path.Child("storageClassName"), s.StorageClassName),
		check.ObjectName(path.Child("claimName"), s.ClaimName),
	)
}

// validateIn checks storage that must be where the image keeps its data.
func (s Storage) validateIn(path *field.Path, folder string) field.ErrorList {
	errs := s.Validate(path)
	if s.MountPath != folder {
		errs = append(errs, field.Invalid(path.Child("mountPath"), s.MountPath, "must be left out, or be "+folder))
	}
	return errs
}

// shared says whether pods on several nodes can mount the volume.
func (s Storage) shared() bool { return s.AccessMode == ReadWriteMany }

// Claim converts valid storage whose defaults are filled in: the PersistentVolumeClaim. It is for the packages of this module.
func (s Storage) Claim() *manifest.Object {
	spec := k8s.PersistentVolumeClaimSpec{
		AccessModes:      jsii.Strings(string(s.AccessMode)),
		Resources:        &k8s.ResourceRequirements{Requests: &map[string]k8s.Quantity{"storage": manifest.Quantity(s.Size)}},
		StorageClassName: optional(s.StorageClassName),
	}
	return &manifest.Object{
		ID: "claim", APIVersion: "v1", Kind: "PersistentVolumeClaim", Name: s.ClaimName,
		Fields: map[string]any{"spec": spec},
	}
}

// EmptyDir is a folder that a container may write to and that is gone with the pod.
// https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
type EmptyDir struct {
	// Path is the absolute path of the folder in the container. Required.
	Path string

	// SizeLimit is a quantity of bytes, beyond which the pod is evicted before it fills its node. Defaults to
	// DefaultEmptyDirSizeLimit, or to DefaultMemorySizeLimit for a folder in memory.
	SizeLimit string

	// Memory keeps the folder in memory, where its files count against the container's memory limit: all such folders of a
	// container may take half of it. Defaults to the node's disk.
	Memory bool
}

// temporaryFolder is writable in every tier.
const temporaryFolder = "/tmp"

// DefaultEmptyDirSizeLimit bounds what a container can write beside its storage.
const DefaultEmptyDirSizeLimit = "1Gi"

// DefaultMemorySizeLimit is what a container's runtime gives to /dev/shm. It is an eighth of the smallest default limit of the
// tiers that take folders.
const DefaultMemorySizeLimit = "64Mi"

// WithDefaults fills in what is not set.
func (e EmptyDir) WithDefaults() EmptyDir {
	if e.Memory {
		e.SizeLimit = cmp.Or(e.SizeLimit, DefaultMemorySizeLimit)
	}
	e.SizeLimit = cmp.Or(e.SizeLimit, DefaultEmptyDirSizeLimit)
	return e
}

// validate checks a folder whose defaults are filled in.
func (e EmptyDir) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		check.MountPath(path.Child("path"), e.Path),
		check.Bytes(path.Child("sizeLimit"), e.SizeLimit, check.MinStorage),
	)
}

// checkMemoryDirs checks that a container whose folders in memory are full still has half of its limit for its processes: it
// is killed at the limit, and the files stay until the pod is gone. Quantities that are none are reported elsewhere.
func checkMemoryDirs(path *field.Path, dirs []EmptyDir, limit string) field.ErrorList {
	most, errs := check.Quantity(path, limit)
	var sum resource.Quantity
	for _, dir := range dirs {
		if dir.Memory {
			size, sizeErrs := check.Quantity(path, dir.SizeLimit)
			errs = append(errs, sizeErrs...)
			sum.Add(size)
		}
	}
	total := sum.String()
	if sum.Add(sum); len(errs) > 0 || sum.Cmp(most) <= 0 {
		return nil
	}
	return field.ErrorList{field.Invalid(path, total, "must be, for all folders in memory, at most half of resources.limits.memory, "+
		most.String()+", against which they count")}
}

// Source converts a valid folder whose defaults are filled in.
func (e EmptyDir) Source() *k8s.EmptyDirVolumeSource {
	source := &k8s.EmptyDirVolumeSource{SizeLimit: manifest.Quantity(e.SizeLimit)}
	if e.Memory {
		source.Medium = jsii.String("Memory")
	}
	return source
}

// mergeEmptyDirs adds the folders of a prop to those that the tier's image needs. One that is in both is the prop's.
func mergeEmptyDirs(own, wanted []EmptyDir) []EmptyDir {
	merged := []EmptyDir{}
	for _, dir := range own {
		if !slices.ContainsFunc(wanted, func(w EmptyDir) bool { return w.Path == dir.Path }) {
			merged = append(merged, dir.WithDefaults())
		}
	}
	for _, dir := range wanted {
		merged = append(merged, dir.WithDefaults())
	}
	return merged
}
