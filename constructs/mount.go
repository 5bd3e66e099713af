package constructs

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// mounts are the volumes of a pod, and where its container sees them.
type mounts struct {
	volumes []*k8s.Volume
	mounts  []*k8s.VolumeMount
}

// maxVolumeName is the length of a DNS label.
const maxVolumeName = 63

// notInVolumeName is what a DNS label may not contain.
var notInVolumeName = regexp.MustCompile(`[^a-z0-9]+`)

func (m *mounts) addEmptyDirs(dirs []EmptyDir) {
	for _, dir := range slices.SortedFunc(slices.Values(dirs), func(a, b EmptyDir) int { return strings.Compare(a.Path, b.Path) }) {
		name := m.volumeName(dir.Path)
		m.volumes = append(m.volumes, &k8s.Volume{Name: jsii.String(name), EmptyDir: dir.source()})
		m.mounts = append(m.mounts, &k8s.VolumeMount{Name: jsii.String(name), MountPath: jsii.String(dir.Path)})
	}
}

func (m *mounts) addStorage(storage Storage) {
	const name = "data"
	m.volumes = append(m.volumes, &k8s.Volume{
		Name:                  jsii.String(name),
		PersistentVolumeClaim: &k8s.PersistentVolumeClaimVolumeSource{ClaimName: jsii.String(storage.ClaimName)},
	})
	m.mounts = append(m.mounts, &k8s.VolumeMount{Name: jsii.String(name), MountPath: jsii.String(storage.MountPath)})
}

// addFiles mounts each file by itself, so that the image's own files beside it stay visible. Such a mount does not follow
// a change of the ConfigMap, which is why a change replaces the pods.
func (m *mounts) addFiles(configMap string, files map[string]string) {
	if len(files) == 0 {
		return
	}
	const name = "files"
	m.volumes = append(m.volumes, &k8s.Volume{
		Name:      jsii.String(name),
		ConfigMap: &k8s.ConfigMapVolumeSource{Name: jsii.String(configMap)},
	})
	keys := fileKeys(files)
	for _, file := range sortedKeys(files) {
		m.mounts = append(m.mounts, &k8s.VolumeMount{
			Name: jsii.String(name), MountPath: jsii.String(file), SubPath: jsii.String(keys[file]), ReadOnly: jsii.Bool(true),
		})
	}
}

// secretFile is a key of a Secret as a file, in a folder of its own so that it follows a change of the Secret.
type secretFile struct {
	folder string
	key    SecretKey
}

func (s secretFile) path() string { return s.folder + "/" + s.key.Key }

// addSecretFiles mounts Secrets. The pod starts also without them: what reads them does so when it needs them.
func (m *mounts) addSecretFiles(files []secretFile) {
	for _, file := range files {
		name := m.volumeName(file.folder)
		m.volumes = append(m.volumes, &k8s.Volume{Name: jsii.String(name), Secret: &k8s.SecretVolumeSource{
			SecretName: jsii.String(file.key.Secret),
			Items:      &[]*k8s.KeyToPath{{Key: jsii.String(file.key.Key), Path: jsii.String(file.key.Key)}},
			Optional:   jsii.Bool(true),
		}})
		m.mounts = append(m.mounts, &k8s.VolumeMount{Name: jsii.String(name), MountPath: jsii.String(file.folder), ReadOnly: jsii.Bool(true)})
	}
}

// configMapFolder is a folder of files from several ConfigMaps. It follows their change.
type configMapFolder struct {
	path       string
	configMaps []string
}

func (m *mounts) addFolders(folders []configMapFolder) {
	for _, folder := range folders {
		name := m.volumeName(folder.path)
		sources := []*k8s.VolumeProjection{}
		for _, configMap := range folder.configMaps {
			sources = append(sources, &k8s.VolumeProjection{ConfigMap: &k8s.ConfigMapProjection{Name: jsii.String(configMap)}})
		}
		m.volumes = append(m.volumes, &k8s.Volume{Name: jsii.String(name), Projected: &k8s.ProjectedVolumeSource{Sources: &sources}})
		m.mounts = append(m.mounts, &k8s.VolumeMount{Name: jsii.String(name), MountPath: jsii.String(folder.path), ReadOnly: jsii.Bool(true)})
	}
}

// volumeName makes a name that tells the path, and is not taken.
func (m *mounts) volumeName(mountPath string) string {
	name := strings.Trim(notInVolumeName.ReplaceAllString(strings.ToLower(mountPath), "-"), "-")
	if name == "" || name == "data" || name == "files" {
		name = "dir-" + name
	}
	candidate := shorten(name, "", maxVolumeName)
	for i := 2; m.has(candidate); i++ {
		candidate = shorten(name, "-"+strconv.Itoa(i), maxVolumeName)
	}
	return candidate
}

// shorten cuts a name so that it is still a DNS label, and no longer than it may be, with the suffix.
func shorten(name, suffix string, most int) string {
	return strings.TrimRight(name[:min(len(name), most-len(suffix))], "-") + suffix
}

func (m *mounts) has(volume string) bool {
	return slices.ContainsFunc(m.volumes, func(v *k8s.Volume) bool { return *v.Name == volume })
}

// systemFolders are what a container runtime mounts itself; over them a container does not start.
var systemFolders = []string{"/", "/proc", "/sys", "/dev"}

func checkMountPath(at *field.Path, value string) field.ErrorList {
	switch {
	case value == "":
		return field.ErrorList{field.Required(at, "")}
	case !strings.HasPrefix(value, "/"):
		return field.ErrorList{field.Invalid(at, value, "must be absolute")}
	}
	if errs := checkPathCharacters(at, value); len(errs) > 0 {
		return errs
	}
	switch {
	case path.Clean(value) != value:
		return field.ErrorList{field.Invalid(at, value, "must be written as "+path.Clean(value))}
	case strings.Contains(value, ":"):
		return field.ErrorList{field.Invalid(at, value, "must not contain ':'")}
	case slices.Contains(systemFolders, value), strings.HasPrefix(value, "/proc/"), strings.HasPrefix(value, "/sys/"):
		return field.ErrorList{field.Invalid(at, value, "belongs to the container runtime")}
	}
	return nil
}

func checkPathCharacters(at *field.Path, value string) field.ErrorList {
	if errs := checkText(at, value); len(errs) > 0 {
		return errs
	}
	if strings.ContainsAny(value, "\n\t") {
		return field.ErrorList{field.Invalid(at, value, "must be one line without tabs")}
	}
	return nil
}

// mountPoint is a path that a prop claims.
type mountPoint struct {
	prop *field.Path
	path string
	file bool
}

// checkMountPoints refuses paths that two props claim, and files that would have to be folders.
func checkMountPoints(points []mountPoint) field.ErrorList {
	var errs field.ErrorList
	for i, point := range points {
		for _, other := range points[:i] {
			if problem := point.clash(other); problem != "" {
				errs = append(errs, field.Invalid(point.prop, point.path, problem+" "+other.prop.String()))
			}
		}
	}
	return errs
}

func (m mountPoint) clash(other mountPoint) string {
	switch {
	case m.path == "" || other.path == "":
		return "" // Reported as required.
	case m.path == other.path:
		return "is mounted already by"
	case other.file && strings.HasPrefix(m.path, other.path+"/"):
		return "lies below the file of"
	case m.file && strings.HasPrefix(other.path, m.path+"/"):
		return "is a file above the path of"
	}
	return ""
}
