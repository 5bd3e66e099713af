package manifest

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"

	"github.com/ai-platform/manifests/internal/check"
)

// revisionHistory is how many old ReplicaSets are kept to roll back to; Kubernetes' ten clutter a namespace.
const revisionHistory = 5

// firstUnprivilegedPort is the lowest port that a process without privileges may listen on, by default.
const firstUnprivilegedPort = 1024

// Workload is a component's pods, and what keeps them running, with every default filled in: what HTTP tiers, stores, servers
// of monitoring and jobs all become.
type Workload struct {
	Component
	Replicas   *int                    // Nil where an autoscaler decides.
	Strategy   *k8s.DeploymentStrategy // Nil stops the old pod before the new one starts: two must not write to one volume.
	Spread     []Spread
	Containers []*k8s.Container // The first one has the mounts.

	// InitContainers have mounts of their own: see Again. A sidecar is one that restarts always.
	InitContainers []*k8s.Container

	Mounts      Mounts
	Annotations map[string]string // Of the pods, in addition to those of the settings.
	Pod         PodSettings

	PreStopSeconds int // How long the first container of a Deployment continues after its pod was told to stop.
}

// PodSettings are what is the same for the pods of every workload.
type PodSettings struct {
	User, Group int // Numeric: with a name, kubelet cannot tell that a user is not root, and does not start the container. Unused where the cluster assigns them.
	Labels      map[string]string
	Annotations map[string]string
	Spec        k8s.PodSpec // What a workload adds its containers and volumes to.
}

// Deployment keeps the pods running.
func (w Workload) Deployment() *Object {
	spec := k8s.DeploymentSpec{
		RevisionHistoryLimit: jsii.Number(revisionHistory),
		Selector:             Selecting(w.Selector()),
		Strategy:             cmp.Or(w.Strategy, &k8s.DeploymentStrategy{Type: jsii.String("Recreate")}),
		Template:             w.Template(),
	}
	if w.Replicas != nil {
		spec.Replicas = jsii.Number(*w.Replicas)
	}
	fields := map[string]any{"spec": spec}
	return &Object{
		ID: "deployment", APIVersion: "apps/v1", Kind: "Deployment", Name: w.Name(), Fields: w.WithNewFields(fields, "spec", "template", "spec"),
	}
}

// WithNewFields adds the fields of Template that the typed structs do not have to an object with it, whose pod's spec is at a path.
func (w Workload) WithNewFields(object map[string]any, podSpec ...string) map[string]any {
	if w.PreStopSeconds == 0 && len(w.Mounts.images) == 0 {
		return object
	}
	object = plain(object)
	pod := object
	for _, name := range podSpec {
		pod = pod[name].(map[string]any)
	}
	if w.PreStopSeconds > 0 {
		// kubelet waits, which needs no program in the image. It does so since Kubernetes 1.30.
		// https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#hook-handler-implementations
		container := pod["containers"].([]any)[0].(map[string]any)
		lifecycle, _ := container["lifecycle"].(map[string]any)
		if lifecycle == nil {
			lifecycle = map[string]any{}
		}
		lifecycle["preStop"] = map[string]any{"sleep": map[string]any{"seconds": w.PreStopSeconds}}
		container["lifecycle"] = lifecycle
	}
	volumes, _ := pod["volumes"].([]any)
	for _, volume := range volumes {
		volume := volume.(map[string]any)
		if image, is := w.Mounts.images[volume["name"].(string)]; is {
			volume["image"] = map[string]any{"reference": image.reference, "pullPolicy": image.pullPolicy}
		}
	}
	return object
}

// Template is what the pods are made from.
func (w Workload) Template() *k8s.PodTemplateSpec {
	labels, annotations := map[string]string{}, map[string]string{}
	maps.Copy(labels, w.Pod.Labels)
	maps.Copy(labels, w.Labels()) // Last: the selector is among them.
	maps.Copy(annotations, w.Annotations)
	maps.Copy(annotations, w.Pod.Annotations)
	metadata := &k8s.ObjectMeta{Labels: StringMap(labels)}
	if len(annotations) > 0 {
		metadata.Annotations = StringMap(annotations)
	}
	w.Containers[0].VolumeMounts = &w.Mounts.mounts
	for _, container := range slices.Concat(w.InitContainers, w.Containers) {
		container.SecurityContext = containerSecurity()
	}
	spec := w.Pod.Spec
	if len(w.InitContainers) > 0 {
		spec.InitContainers = &w.InitContainers
	}
	spec.Containers = &w.Containers
	// The variables that Kubernetes would add for every Service of the namespace (REDIS_PORT=tcp://...) collide with those
	// that applications read.
	spec.EnableServiceLinks = jsii.Bool(false)
	spec.SecurityContext = w.podSecurity()
	spec.Volumes = &w.Mounts.volumes
	if len(w.Spread) > 0 {
		constraints := []*k8s.TopologySpreadConstraint{}
		for _, spread := range w.Spread {
			constraints = append(constraints, spread.constraint(w.Selector()))
		}
		spec.TopologySpreadConstraints = &constraints
	}
	return &k8s.PodTemplateSpec{Metadata: metadata, Spec: &spec}
}

// Spread distributes pods over the parts of a cluster that a label of the nodes names.
type Spread struct {
	TopologyKey string
	MaxSkew     int
	Required    bool
}

func (s Spread) constraint(selector map[string]string) *k8s.TopologySpreadConstraint {
	otherwise := "ScheduleAnyway"
	if s.Required {
		otherwise = "DoNotSchedule"
	}
	return &k8s.TopologySpreadConstraint{
		LabelSelector:     Selecting(selector),
		MaxSkew:           jsii.Number(s.MaxSkew),
		TopologyKey:       jsii.String(s.TopologyKey),
		WhenUnsatisfiable: jsii.String(otherwise),
	}
}

// podSecurity meets the Pod Security Standard "restricted".
// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
func (w Workload) podSecurity() *k8s.PodSecurityContext {
	security := &k8s.PodSecurityContext{
		RunAsNonRoot: jsii.Bool(true),
		// "Always" would walk through a large volume at every start, and opens PostgreSQL's directory to the group, which the
		// server refuses.
		FsGroupChangePolicy: jsii.String("OnRootMismatch"),
		SeccompProfile:      &k8s.SeccompProfile{Type: jsii.String("RuntimeDefault")},
	}
	if !w.Cluster().AssignsUsers {
		security.RunAsUser = jsii.Number(w.Pod.User)
		security.RunAsGroup = jsii.Number(w.Pod.Group)
		security.FsGroup = jsii.Number(w.Pod.Group)
	}
	isLow := func(port *k8s.ContainerPort) bool { return *port.ContainerPort < firstUnprivilegedPort }
	for _, container := range slices.Concat(w.InitContainers, w.Containers) {
		if container.Ports != nil && slices.ContainsFunc(*container.Ports, isLow) {
			// The capability NET_BIND_SERVICE would not help: a process that is not root does not receive it. This is one of the
			// sysctls that "restricted" allows.
			security.Sysctls = &[]*k8s.Sysctl{{Name: jsii.String("net.ipv4.ip_unprivileged_port_start"), Value: jsii.String("0")}}
		}
	}
	return security
}

func containerSecurity() *k8s.SecurityContext {
	return &k8s.SecurityContext{
		AllowPrivilegeEscalation: jsii.Bool(false),
		Capabilities:             &k8s.Capabilities{Drop: jsii.Strings("ALL")},
		Privileged:               jsii.Bool(false),
		ReadOnlyRootFilesystem:   jsii.Bool(true),
		RunAsNonRoot:             jsii.Bool(true),
	}
}

// MaxUnavailable is a PodDisruptionBudget by the number of pods that may be missing, or a percentage.
func MaxUnavailable(c Component, pods Scalar) *Object {
	return disruptionBudget(c, k8s.PodDisruptionBudgetSpec{MaxUnavailable: pods})
}

// MinAvailable is a PodDisruptionBudget by the number of pods that must remain, or a percentage.
func MinAvailable(c Component, pods Scalar) *Object {
	return disruptionBudget(c, k8s.PodDisruptionBudgetSpec{MinAvailable: pods})
}

// disruptionBudget lets a drain take a pod that is not healthy at any time: it serves nobody, and a node should not have to wait
// for it. https://kubernetes.io/docs/tasks/run-application/configure-pdb/
func disruptionBudget(c Component, spec k8s.PodDisruptionBudgetSpec) *Object {
	spec.Selector = Selecting(c.Selector())
	spec.UnhealthyPodEvictionPolicy = jsii.String("AlwaysAllow")
	return &Object{
		ID: "pod-disruption-budget", APIVersion: "policy/v1", Kind: "PodDisruptionBudget", Name: c.Name(),
		Fields: map[string]any{"spec": spec},
	}
}

// namespaceNameLabel is set by the API server on every namespace.
const namespaceNameLabel = "kubernetes.io/metadata.name"

// ContainerPort is a port that a container listens on.
func ContainerPort(name string, number int) *k8s.ContainerPort {
	return &k8s.ContainerPort{Name: jsii.String(name), ContainerPort: jsii.Number(number), Protocol: jsii.String("TCP")}
}

// Literal is text that the kubelet leaves as it is in a command, where it replaces references to variables.
// https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
func Literal(text string) string { return strings.ReplaceAll(text, "$", "$$") }

// Variable is an environment variable.
func Variable(name, value string) *k8s.EnvVar {
	variable := &k8s.EnvVar{Name: jsii.String(name)}
	if value != "" {
		// The API server drops an empty value, and a GitOps tool would see a difference.
		variable.Value = jsii.String(value)
	}
	return variable
}

// RollingUpdate replaces pods one after the other: so many may be missing meanwhile, and so many more than the replicas exist.
func RollingUpdate(maxUnavailable, maxSurge int) *k8s.DeploymentStrategy {
	return &k8s.DeploymentStrategy{
		Type:          jsii.String("RollingUpdate"),
		RollingUpdate: &k8s.RollingUpdateDeployment{MaxUnavailable: Scalar{maxUnavailable}, MaxSurge: Scalar{maxSurge}},
	}
}

// Mounts are the volumes of a pod, and where its first container sees them.
type Mounts struct {
	volumes []*k8s.Volume
	mounts  []*k8s.VolumeMount
	images  map[string]imageVolume // By the volume's name.
}

// imageVolume is a volume that the typed structs do not have.
type imageVolume struct{ reference, pullPolicy string }

const (
	dataVolume  = "data"
	filesVolume = "files"

	// maxVolumeName is the length of a DNS label.
	maxVolumeName = 63
)

// notInVolumeName is what a DNS label may not contain.
var notInVolumeName = regexp.MustCompile(`[^a-z0-9]+`)

// AddClaim mounts a PersistentVolumeClaim.
func (m *Mounts) AddClaim(claim, path string) {
	m.volumes = append(m.volumes, &k8s.Volume{
		Name:                  jsii.String(dataVolume),
		PersistentVolumeClaim: &k8s.PersistentVolumeClaimVolumeSource{ClaimName: jsii.String(claim)},
	})
	m.mounts = append(m.mounts, &k8s.VolumeMount{Name: jsii.String(dataVolume), MountPath: jsii.String(path)})
}

// AddEmptyDir mounts a directory that is gone with the pod.
func (m *Mounts) AddEmptyDir(path string, source *k8s.EmptyDirVolumeSource) {
	name := m.volumeName(path)
	m.volumes = append(m.volumes, &k8s.Volume{Name: jsii.String(name), EmptyDir: source})
	m.mounts = append(m.mounts, &k8s.VolumeMount{Name: jsii.String(name), MountPath: jsii.String(path)})
}

// AddFiles mounts each file of FileConfigMap by itself, so that the image's other files in the directory stay visible. Such a mount
// does not follow a change of the ConfigMap, which is why a change replaces the pods: see FileChecksum.
func (m *Mounts) AddFiles(c Component, files map[string]string) {
	if len(files) == 0 {
		return
	}
	m.volumes = append(m.volumes, &k8s.Volume{
		Name:      jsii.String(filesVolume),
		ConfigMap: &k8s.ConfigMapVolumeSource{Name: jsii.String(c.Suffixed("files"))},
	})
	keys := check.FileKeys(files)
	for _, file := range slices.Sorted(maps.Keys(files)) {
		m.mounts = append(m.mounts, &k8s.VolumeMount{
			Name: jsii.String(filesVolume), MountPath: jsii.String(file), SubPath: jsii.String(keys[file]), ReadOnly: jsii.Bool(true),
		})
	}
}

// AddSecretFile mounts a key of a Secret as a file in a directory of its own, so that it follows a change of the Secret. The pod
// starts also without it: what reads the file does so when it needs it.
func (m *Mounts) AddSecretFile(folder, secret, key string) {
	name := m.volumeName(folder)
	m.volumes = append(m.volumes, &k8s.Volume{Name: jsii.String(name), Secret: &k8s.SecretVolumeSource{
		SecretName: jsii.String(secret),
		Items:      &[]*k8s.KeyToPath{{Key: jsii.String(key), Path: jsii.String(key)}},
		Optional:   jsii.Bool(true),
	}})
	m.mounts = append(m.mounts, &k8s.VolumeMount{Name: jsii.String(name), MountPath: jsii.String(folder), ReadOnly: jsii.Bool(true)})
}

// AddConfigMaps mounts a directory of files from several ConfigMaps. It follows their change.
func (m *Mounts) AddConfigMaps(folder string, configMaps []string) {
	name := m.volumeName(folder)
	sources := []*k8s.VolumeProjection{}
	for _, configMap := range configMaps {
		sources = append(sources, &k8s.VolumeProjection{ConfigMap: &k8s.ConfigMapProjection{Name: jsii.String(configMap)}})
	}
	m.volumes = append(m.volumes, &k8s.Volume{Name: jsii.String(name), Projected: &k8s.ProjectedVolumeSource{Sources: &sources}})
	m.mounts = append(m.mounts, &k8s.VolumeMount{Name: jsii.String(name), MountPath: jsii.String(folder), ReadOnly: jsii.Bool(true)})
}

// KeyFiles are the keys of a Secret or a ConfigMap as files.
type KeyFiles struct {
	Items    map[string]string // All without any.
	Mode     int               // 0 for the API server's default.
	Optional bool
}

func (f KeyFiles) items() *[]*k8s.KeyToPath {
	if len(f.Items) == 0 {
		return nil
	}
	items := []*k8s.KeyToPath{}
	for _, key := range slices.Sorted(maps.Keys(f.Items)) {
		items = append(items, &k8s.KeyToPath{Key: jsii.String(key), Path: jsii.String(f.Items[key])})
	}
	return &items
}

func (f KeyFiles) mode() *float64 {
	if f.Mode == 0 {
		return nil
	}
	return jsii.Number(f.Mode)
}

func (f KeyFiles) optional() *bool {
	if !f.Optional {
		return nil // As the API server's default.
	}
	return jsii.Bool(true)
}

// AddSecret mounts a directory with the keys of a Secret.
func (m *Mounts) AddSecret(secret, path string, files KeyFiles) {
	m.add(&k8s.Volume{Secret: &k8s.SecretVolumeSource{
		SecretName: jsii.String(secret), Items: files.items(), DefaultMode: files.mode(), Optional: files.optional(),
	}}, path, "", true)
}

// AddConfigMap mounts a directory with the keys of a ConfigMap.
func (m *Mounts) AddConfigMap(configMap, path string, files KeyFiles) {
	m.add(&k8s.Volume{ConfigMap: &k8s.ConfigMapVolumeSource{
		Name: jsii.String(configMap), Items: files.items(), DefaultMode: files.mode(), Optional: files.optional(),
	}}, path, "", true)
}

// AddExistingClaim mounts a PersistentVolumeClaim that the component does not have of its own.
func (m *Mounts) AddExistingClaim(claim, path, subPath string, readOnly bool) {
	m.add(&k8s.Volume{PersistentVolumeClaim: &k8s.PersistentVolumeClaimVolumeSource{ClaimName: jsii.String(claim)}}, path, subPath, readOnly)
}

// AddImage mounts the files of an image.
func (m *Mounts) AddImage(reference, pullPolicy, path, subPath string) {
	name := m.add(&k8s.Volume{}, path, subPath, true)
	if m.images == nil {
		m.images = map[string]imageVolume{}
	}
	m.images[name] = imageVolume{reference, pullPolicy}
}

// add mounts a volume, and returns its name.
func (m *Mounts) add(volume *k8s.Volume, path, subPath string, readOnly bool) string {
	name := m.volumeName(path)
	volume.Name = jsii.String(name)
	m.volumes = append(m.volumes, volume)
	mount := &k8s.VolumeMount{Name: jsii.String(name), MountPath: jsii.String(path)}
	if subPath != "" {
		mount.SubPath = jsii.String(subPath)
	}
	if readOnly {
		mount.ReadOnly = jsii.Bool(true)
	}
	m.mounts = append(m.mounts, mount)
	return name
}

// Again mounts what is mounted at a path once more, for another container.
func (m *Mounts) Again(path, mountPath string, readOnly bool) *k8s.VolumeMount {
	isThere := func(mount *k8s.VolumeMount) bool { return *mount.MountPath == path }
	again := *m.mounts[slices.IndexFunc(m.mounts, isThere)]
	again.MountPath = jsii.String(mountPath)
	if readOnly {
		again.ReadOnly = jsii.Bool(true)
	}
	return &again
}

// volumeName makes a name that tells the path, and is not taken.
func (m *Mounts) volumeName(path string) string {
	name := strings.Trim(notInVolumeName.ReplaceAllString(strings.ToLower(path), "-"), "-")
	if name == "" || name == dataVolume || name == filesVolume {
		name = "dir-" + name
	}
	candidate := Shorten(name, "", maxVolumeName)
	taken := func(v *k8s.Volume) bool { return *v.Name == candidate }
	for i := 2; slices.ContainsFunc(m.volumes, taken); i++ {
		candidate = Shorten(name, "-"+strconv.Itoa(i), maxVolumeName)
	}
	return candidate
}

// Shorten cuts a name so that it is still a DNS label, and no longer than it may be, with the suffix.
func Shorten(name, suffix string, most int) string {
	return strings.TrimRight(name[:min(len(name), most-len(suffix))], "-") + suffix
}
