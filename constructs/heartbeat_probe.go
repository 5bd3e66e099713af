package constructs

import (
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/aws/jsii-runtime-go"
	"github.com/cdk8s-team/cdk8s-plus-go/cdk8splus28/v2/k8s"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// HeartbeatProbe checks the age of a file that the program touches while it is healthy, for example between two tasks.
// The image must contain sh, stat and date: images based on Debian, Ubuntu, Alpine and Red Hat do, distroless ones do
// not.
type HeartbeatProbe struct {
	// Path is the absolute path of the file, in one of the EmptyDirs or /tmp. The program should touch it when it starts:
	// the file outlives a restart of the container. Required.
	Path string

	// MaxAge is the longest time between two changes of the file, in whole seconds: longer than the longest task if it is
	// touched between tasks. Required.
	MaxAge time.Duration

	// Timing schedules the probe. The defaults of its fields depend on the probe.
	Timing ProbeTiming
}

func (p HeartbeatProbe) withDefaults(timing ProbeTiming) Probe {
	p.Timing = p.Timing.withDefaults(timing)
	return p
}

const mostHeartbeatAge = 24 * time.Hour

func (p HeartbeatProbe) validate(prop *field.Path, of probed) field.ErrorList {
	errs := check.MountPath(prop.Child("path"), p.Path)
	if len(errs) == 0 {
		errs = p.validateFolder(prop.Child("path"), of)
	}
	if p.MaxAge == 0 {
		errs = append(errs, field.Required(prop.Child("maxAge"), ""))
	} else {
		errs = append(errs, check.WholeSeconds(prop.Child("maxAge"), p.MaxAge, time.Second, mostHeartbeatAge)...)
	}
	return append(errs, p.Timing.validate(prop.Child("timing"))...)
}

// validateFolder refuses what the program cannot write to, and a Storage: on a volume that pods share, the heartbeat of
// one would hide that another has stopped.
func (p HeartbeatProbe) validateFolder(prop *field.Path, of probed) field.ErrorList {
	folders := []string{}
	for _, dir := range of.emptyDirs {
		if strings.HasPrefix(p.Path, dir.Path+"/") {
			return nil
		}
		folders = append(folders, dir.Path)
	}
	return field.ErrorList{field.Invalid(prop, p.Path, "must be in one of emptyDirs ("+strings.Join(folders, ", ")+
		"), where each pod can write a file of its own: for example "+path.Join(temporaryFolder, path.Base(p.Path)))}
}

// heartbeatScript compares the time of the file's last change with now. %Y is in GNU's stat and in BusyBox's.
const heartbeatScript = `changed=$(stat -c %Y "$0") && test $(($(date +%s) - changed)) -le "$1"`

func (p HeartbeatProbe) probe(probed) *k8s.Probe {
	// Kubernetes leaves $(stat …) as it is, which is the name of no variable, and so must a path be left.
	file := strings.ReplaceAll(p.Path, "$", "$$")
	seconds := strconv.Itoa(int(p.MaxAge / time.Second))
	return p.Timing.probe(k8s.Probe{Exec: &k8s.ExecAction{Command: jsii.Strings("sh", "-c", heartbeatScript, file, seconds)}})
}
