package constructs

import (
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// PullPolicy says when the kubelet pulls an image.
// https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy
type PullPolicy string

// The pull policies of Kubernetes.
const (
	PullAlways       PullPolicy = "Always"
	PullIfNotPresent PullPolicy = "IfNotPresent"
	PullNever        PullPolicy = "Never"
)

// latestTag is a tag that is expected to move.
const latestTag = "latest"

// The grammar of image references. https://github.com/distribution/reference
var (
	imageRegistry = regexp.MustCompile(`^([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(:[0-9]+)?$`)
	imagePath     = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$`)
	imageTag      = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$`)
	imageDigest   = regexp.MustCompile(`^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$`)
)

// maxImageName is how long registry and path may be together.
const maxImageName = 255

// image is a reference taken apart.
type image struct{ name, tag, digest string }

func parseImage(reference string) image {
	var parsed image
	rest, digest, _ := strings.Cut(reference, "@")
	parsed.digest = digest
	// A colon before a slash is a registry's port.
	if colon := strings.LastIndex(rest, ":"); colon > strings.LastIndex(rest, "/") {
		rest, parsed.tag = rest[:colon], rest[colon+1:]
	}
	parsed.name = rest
	return parsed
}

// defaultPullPolicy pulls again what is expected to move. It is always written out, as the API server's own choice
// depends on the reference too.
func defaultPullPolicy(reference string) PullPolicy {
	if parsed := parseImage(reference); parsed.tag == latestTag && parsed.digest == "" {
		return PullAlways
	}
	return PullIfNotPresent
}

func checkImage(path *field.Path, reference string) field.ErrorList {
	if reference == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	if problem := imageProblem(reference); problem != "" {
		return field.ErrorList{field.Invalid(path, reference, problem)}
	}
	return nil
}

func imageProblem(reference string) string {
	parsed := parseImage(reference)
	hasDigest := strings.Contains(reference, "@")
	hasTag := parsed.tag != "" || strings.HasSuffix(strings.TrimSuffix(reference, "@"+parsed.digest), ":")
	switch {
	case len(parsed.name) > maxImageName:
		return "registry and path must not be longer than 255 characters"
	case !validImageName(parsed.name):
		return "must be [registry/]path:tag or [registry/]path@digest, the path in lower case"
	case hasTag && !imageTag.MatchString(parsed.tag):
		return "the tag must consist of letters, digits, '_', '.' and '-', and be at most 128 characters long"
	case hasDigest && !imageDigest.MatchString(parsed.digest):
		return "the digest must be sha256: and 64 hexadecimal digits (or sha512: and 128)"
	case !hasTag && !hasDigest:
		return "must have a tag or a digest, so that what runs is said here"
	}
	return ""
}

func validImageName(name string) bool {
	parts := strings.Split(name, "/")
	if len(parts) > 1 && isRegistry(parts[0]) {
		parts = parts[1:]
	}
	for _, part := range parts {
		if !imagePath.MatchString(part) {
			return false
		}
	}
	return true
}

// isRegistry tells a registry from the first part of a path, which has neither dot nor port.
func isRegistry(part string) bool {
	return (strings.ContainsAny(part, ".:") || part == "localhost" || strings.ToLower(part) != part) && imageRegistry.MatchString(part)
}

func checkPullPolicy(path *field.Path, policy PullPolicy) field.ErrorList {
	return checkOneOf(path, policy, PullAlways, PullIfNotPresent, PullNever)
}
