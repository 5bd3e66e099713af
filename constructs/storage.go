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

// Storage is a PersistentVolumeClaim of a tier, and its mount path.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/
type Storage struct {
	// MountPath is the absolute path of the volume in the container. Required, unless the tier has a default.
	MountPath string

	// Size is the requested size of the volume, as a quantity of bytes: "10Gi". It can grow later, if the StorageClass
	// allows it, but never shrink. Required, unless the tier has a default.
	Size string

	// AccessMode decides who may mount the volume. ReadWriteOnce allows one node, so several replicas require
	// ReadWriteMany. Defaults to ReadWriteOnce.
	AccessMode AccessMode

	// StorageClassName names the StorageClass. Defaults to the cluster's default class.
	StorageClassName string

	// ClaimName is the name of the claim. Defaults to <app>-<component>-data.
	ClaimName string
}

// AccessMode decides how many nodes or pods may mount a volume.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
type AccessMode string

// The access modes. ReadOnlyMany is for a ClaimVolume only.
const (
	ReadWriteOnce    AccessMode = "ReadWriteOnce"
	ReadWriteMany    AccessMode = "ReadWriteMany"
	ReadWriteOncePod AccessMode = "ReadWriteOncePod"
	ReadOnlyMany     AccessMode = "ReadOnlyMany"
)

// WithDefaults fills in the fields that are not set.
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
		errs = append(errs, field.Invalid(path.Child("mountPath"), s.MountPath, "must be omitted or "+folder))
	}
	return errs
}

// shared reports whether pods on several nodes can mount the volume.
func (s Storage) shared() bool { return s.AccessMode == ReadWriteMany }

// Claim is for use within this module.
func (s Storage) Claim() *manifest.Object {
	spec := k8s.PersistentVolumeClaimSpec{
		AccessModes:      jsii.Strings(string(s.AccessMode)),
		Resources:        &k8s.ResourceRequirements{Requests: &map[string]k8s.Quantity{"storage": manifest.Quantity(s.Size)}},
		StorageClassName: optional(s.StorageClassName),
	}
	return &manifest.Object{
		ID: "claim", APIVersion: "v1", Kind: "PersistentVolumeClaim", Name: s.ClaimName,
		Fields: map[string]any{"spec": spec}, SharedClaim: s.shared(),
	}
}

// EmptyDir is a directory that a container may write to, and that is deleted with the pod.
// https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
type EmptyDir struct {
	// Path is the absolute path of the directory in the container. Required.
	Path string

	// SizeLimit is a quantity of bytes. A pod that exceeds it is evicted before it fills the node's disk. Defaults to
	// 1Gi, or to 64Mi with Memory.
	SizeLimit string

	// Memory keeps the directory in memory, where its files count against the container's memory limit. All such
	// directories of a container may together use half of the limit. Defaults to false, which uses the node's disk.
	Memory bool
}

// temporaryFolder is writable in every tier.
const temporaryFolder = "/tmp"

// DefaultEmptyDirSizeLimit bounds what a container can write outside its Storage.
const DefaultEmptyDirSizeLimit = "1Gi"

// DefaultMemorySizeLimit is the size that container runtimes give to /dev/shm. It is an eighth of the smallest default
// memory limit among the tiers with EmptyDirs.
const DefaultMemorySizeLimit = "64Mi"

// WithDefaults fills in the fields that are not set.
func (e EmptyDir) WithDefaults() EmptyDir {
	if e.Memory {
		e.SizeLimit = cmp.Or(e.SizeLimit, DefaultMemorySizeLimit)
	}
	e.SizeLimit = cmp.Or(e.SizeLimit, DefaultEmptyDirSizeLimit)
	return e
}

// validate checks a directory whose defaults are filled in.
func (e EmptyDir) validate(path *field.Path) field.ErrorList {
	return slices.Concat(
		check.MountPath(path.Child("path"), e.Path),
		check.Bytes(path.Child("sizeLimit"), e.SizeLimit, check.MinStorage),
	)
}

// checkMemoryDirs checks that a container whose directories in memory are full still has half of its limit for its
// processes: it is killed at the limit, and the files stay until the pod is deleted. Invalid quantities are reported
// elsewhere.
func checkMemoryDirs(path *field.Path, dirs []EmptyDir, resources Resources) field.ErrorList {
	most, errs := check.Quantity(path, resources.Limits.Memory)
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
	return field.ErrorList{field.Invalid(path, total, "all directories in memory together must not exceed half of resources.limits.memory ("+
		resources.memoryLimit()+"): they count against it")}
}

// Source converts a valid directory, whose defaults are filled in, to a volume source.
func (e EmptyDir) Source() *k8s.EmptyDirVolumeSource {
	source := &k8s.EmptyDirVolumeSource{SizeLimit: manifest.Quantity(e.SizeLimit)}
	if e.Memory {
		source.Medium = jsii.String("Memory")
	}
	return source
}

// mergeEmptyDirs adds the directories of a prop to those that the tier's image needs. A directory in both is the
// prop's.
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
