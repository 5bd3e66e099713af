package argocd

import (
	"cmp"
	"net/url"
	"path"
	"regexp"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// Source is a directory of a repository, at a revision.
type Source struct {
	// Repository is the URL of the repository: https://github.com/acme/shop, ssh://git@git.example.com/shop,
	// git@github.com:acme/shop or oci://ghcr.io/acme/shop. It must not contain credentials, which belong in Argo CD's
	// Secret for the repository. Required.
	// https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#repositories
	Repository string

	// Revision is a branch, a tag, a range of tags such as 1.*, a commit, or HEAD. Required.
	// https://argo-cd.readthedocs.io/en/stable/user-guide/tracking_strategies/
	Revision string

	// Path is the directory relative to the root of the repository: dist. The root itself is a dot. Required.
	Path string
}

func (s Source) validate(at *field.Path) field.ErrorList {
	errs := checkRepository(at.Child("repository"), s.Repository)
	errs = append(errs, checkRevision(at.Child("revision"), s.Revision)...)
	return append(errs, checkPath(at.Child("path"), s.Path)...)
}

func (s Source) fields() map[string]any {
	return map[string]any{"repoURL": s.Repository, "targetRevision": s.Revision, "path": s.Path}
}

var (
	// remote is a URL without anything that Argo CD takes for a pattern, in a project's list of repositories.
	remote = regexp.MustCompile(`^(https|ssh|oci)://[A-Za-z0-9._~:/@%+-]+$`)

	// scp is how git abbreviates ssh.
	scp = regexp.MustCompile(`^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[A-Za-z0-9._~/+-]+$`)
)

func checkRepository(at *field.Path, repository string) field.ErrorList {
	if repository == "" {
		return field.ErrorList{field.Required(at, "")}
	}
	if scp.MatchString(repository) {
		return nil
	}
	parsed, err := url.Parse(repository)
	if err != nil || !remote.MatchString(repository) || parsed.Hostname() == "" || strings.Trim(parsed.Path, "/") == "" {
		return field.ErrorList{field.Invalid(at, repository, "must be a URL that begins with https://, ssh:// or oci://, or git@host:path")}
	}
	_, password := parsed.User.Password()
	if password || parsed.User != nil && parsed.Scheme != "ssh" {
		return field.ErrorList{field.Forbidden(at, "must not contain credentials: create a Secret for the repository in Argo CD's namespace")}
	}
	return nil
}

// checkRevision refuses what Argo CD refuses. The rest is up to git.
func checkRevision(at *field.Path, revision string) field.ErrorList {
	switch {
	case revision == "":
		return field.ErrorList{field.Required(at, "")}
	case strings.HasPrefix(revision, "-"), strings.TrimSpace(revision) != revision, strings.ContainsFunc(revision, unicode.IsControl):
		return field.ErrorList{field.Invalid(at, revision, "must be a branch, a tag, a range of tags, a commit or HEAD")}
	}
	return check.Text(at, revision)
}

func checkPath(at *field.Path, folder string) field.ErrorList {
	clean := path.Clean(folder)
	switch {
	case folder == "":
		return field.ErrorList{field.Required(at, "set . for the root of the repository")}
	case path.IsAbs(folder), clean == "..", strings.HasPrefix(clean, "../"), strings.Contains(folder, `\`), strings.ContainsFunc(folder, unicode.IsControl):
		return field.ErrorList{field.Invalid(at, folder, "must be a directory of the repository, relative to its root")}
	case clean != folder:
		return field.ErrorList{field.Invalid(at, folder, "must be written as "+clean)}
	}
	return check.Text(at, folder)
}

// DefaultCluster is the API server of the cluster that Argo CD runs in.
const DefaultCluster = "https://kubernetes.default.svc"

// defaultClusterName is Argo CD's name for that cluster.
const defaultClusterName = "in-cluster"

// Destination is a namespace of a cluster.
type Destination struct {
	// Namespace is the namespace. Argo CD does not create it: it must exist, or be part of the deployed objects.
	// Required.
	Namespace string

	// Cluster is the URL of an API server, or Argo CD's name for a cluster. Defaults to
	// "https://kubernetes.default.svc", the cluster of Argo CD.
	// https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#clusters
	Cluster string
}

func (d Destination) withDefaults() Destination {
	d.Cluster = cmp.Or(d.Cluster, DefaultCluster)
	return d
}

func (d Destination) validate(at *field.Path) field.ErrorList {
	errs := checkCluster(at.Child("cluster"), d.Cluster)
	if d.Namespace == "" {
		return append(errs, field.Required(at.Child("namespace"), ""))
	}
	return append(errs, check.Invalid(at.Child("namespace"), d.Namespace, validation.IsDNS1123Label(d.Namespace))...)
}

// clusterName allows what other tools call clusters, such as arn:aws:eks:eu-west-1:123456789012:cluster/shop and admin@shop.
var clusterName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._:/@-]{0,251}[A-Za-z0-9])?$`)

func checkCluster(at *field.Path, cluster string) field.ErrorList {
	const rule = "must be a URL such as " + DefaultCluster + ", or the name of a cluster"
	if !strings.Contains(cluster, "//") {
		if !clusterName.MatchString(cluster) {
			return field.ErrorList{field.Invalid(at, cluster, rule)}
		}
		return nil
	}
	parsed, err := url.Parse(cluster)
	if err != nil || !remote.MatchString(cluster) || parsed.Scheme != "https" || parsed.Hostname() == "" || parsed.User != nil {
		return field.ErrorList{field.Invalid(at, cluster, rule)}
	}
	if strings.HasSuffix(cluster, "/") {
		return field.ErrorList{field.Invalid(at, cluster, "must not end with a slash")}
	}
	return nil
}

// isURL reports whether the cluster is identified by a URL.
func (d Destination) isURL() bool { return strings.HasPrefix(d.Cluster, "https://") }

// same reports whether two destinations are one, as far as is known here: only Argo CD knows the URL of a name.
func (d Destination) same(other Destination) bool {
	return d.Namespace == other.Namespace && d.url() == other.url()
}

func (d Destination) url() string {
	if d.Cluster == defaultClusterName {
		return DefaultCluster
	}
	return d.Cluster
}

func (d Destination) fields() map[string]any {
	if d.isURL() {
		return map[string]any{"namespace": d.Namespace, "server": d.Cluster}
	}
	return map[string]any{"namespace": d.Namespace, "name": d.Cluster}
}
