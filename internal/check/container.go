package check

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// The grammar of image references. https://github.com/distribution/reference
var (
	imageRegistry = regexp.MustCompile(`^([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(:[0-9]+)?$`)
	imagePath     = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$`)
	imageTag      = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$`)
	imageDigest   = regexp.MustCompile(`^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$`)
)

// maxImageName is how long registry and path may be together.
const maxImageName = 255

// Image checks the reference of a container image: [registry/]path:tag, [registry/]path@digest, or with both.
func Image(at *field.Path, reference string) field.ErrorList {
	if reference == "" {
		return field.ErrorList{field.Required(at, "")}
	}
	name, digest, hasDigest := strings.Cut(reference, "@")
	tag, hasTag := "", false
	// A colon before a slash is a registry's port.
	if colon := strings.LastIndex(name, ":"); colon > strings.LastIndex(name, "/") {
		name, tag, hasTag = name[:colon], name[colon+1:], true
	}
	var problem string
	switch {
	case len(name) > maxImageName:
		problem = "registry and path must be at most 255 characters"
	case !validImageName(name):
		problem = "must be [registry/]path:tag or [registry/]path@digest, with the path in lower case"
	case hasTag && !imageTag.MatchString(tag):
		problem = "the tag must be at most 128 letters, digits, '_', '.' and '-'"
	case hasDigest && !imageDigest.MatchString(digest):
		problem = "the digest must be sha256: and 64 hexadecimal digits (or sha512: and 128)"
	case !hasTag && !hasDigest:
		problem = "must include a tag or digest"
	default:
		return nil
	}
	return field.ErrorList{field.Invalid(at, reference, problem)}
}

func validImageName(name string) bool {
	parts := strings.Split(name, "/")
	// A registry is told from the first part of a path by what such a part has not: a dot, a port, a capital.
	if first := parts[0]; len(parts) > 1 && imageRegistry.MatchString(first) &&
		(strings.ContainsAny(first, ".:") || first == "localhost" || strings.ToLower(first) != first) {
		parts = parts[1:]
	}
	return !slices.ContainsFunc(parts, func(part string) bool { return !imagePath.MatchString(part) })
}

// systemFolders are what a container runtime mounts itself; over them a container does not start.
var systemFolders = []string{"/", "/proc", "/sys", "/dev"}

// MountPath checks where a container is to see a volume.
func MountPath(at *field.Path, value string) field.ErrorList {
	switch {
	case value == "":
		return field.ErrorList{field.Required(at, "")}
	case !strings.HasPrefix(value, "/"):
		return field.ErrorList{field.Invalid(at, value, "must be absolute")}
	}
	if errs := Text(at, value); len(errs) > 0 {
		return errs
	}
	switch {
	case strings.ContainsFunc(value, unicode.IsControl):
		return field.ErrorList{field.Invalid(at, value, "must not contain line breaks, tabs or other control characters")}
	case path.Clean(value) != value:
		return field.ErrorList{field.Invalid(at, value, "must be written as "+path.Clean(value))}
	case strings.Contains(value, ":"):
		return field.ErrorList{field.Invalid(at, value, "must not contain ':'")}
	case slices.Contains(systemFolders, value), strings.HasPrefix(value, "/proc/"), strings.HasPrefix(value, "/sys/"):
		return field.ErrorList{field.Invalid(at, value, "must not be a directory of the container runtime (/, /dev, /proc, /sys)")}
	}
	return nil
}

// MountPoint is a path that a prop claims.
type MountPoint struct {
	Prop *field.Path
	Path string
	File bool
}

// MountPoints refuses paths that two props claim, and files that would have to be directories.
func MountPoints(points []MountPoint) field.ErrorList {
	var errs field.ErrorList
	for i, point := range points {
		for _, other := range points[:i] {
			if problem := point.clash(other); problem != "" {
				errs = append(errs, field.Invalid(point.Prop, point.Path, problem+" "+other.Prop.String()))
			}
		}
	}
	return errs
}

func (m MountPoint) clash(other MountPoint) string {
	switch {
	case m.Path == "" || other.Path == "":
		return "" // Reported as required.
	case m.Path == other.Path:
		return "already mounted by"
	case other.File && strings.HasPrefix(m.Path, other.Path+"/"):
		return "is below the file of"
	case m.File && strings.HasPrefix(other.Path, m.Path+"/"):
		return "is a file, and a parent of the path of"
	}
	return ""
}
