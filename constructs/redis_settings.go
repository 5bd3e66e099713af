package constructs

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/manifest"
)

var redisSettingName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// redisOwnSettings are directives that the construct sets or depends on, and what to use instead.
// https://redis.io/docs/latest/operate/oss_and_stack/management/config/
var redisOwnSettings = map[string]string{
	"aclfile":          "the construct's password is in the ACL of the default user",
	"appenddirname":    "the server's data must be where it looks for it",
	"appendfilename":   "the server's data must be where it looks for it",
	"appendonly":       "the server's data is an append-only file",
	"bind":             "must be all addresses, which clients connect to",
	"cluster-enabled":  "a Redis is a single server",
	"daemonize":        "the server is the container's first process",
	"dbfilename":       "the server's data must be where it looks for it",
	"dir":              "the server's data must be on the volume",
	"include":          "set the directives of the file instead",
	"loadmodule":       "the image's modules are not known: load them by an image of your own",
	"logfile":          "the container's log is standard output",
	"maxmemory":        "set maxMemory instead",
	"maxmemory-policy": "set evictionPolicy instead",
	"port":             "set port instead",
	"protected-mode":   "clients log in with the password",
	"rename-command":   "probes and scripts use the commands' own names",
	"replicaof":        "a Redis is a single server",
	"requirepass":      "set password instead",
	"slaveof":          "a Redis is a single server",
	"supervised":       "the server is the container's first process",
	"user":             "the construct's password is in the ACL of the default user",
}

func (p RedisProps) validateSettings(path *field.Path) field.ErrorList {
	return checkSettings(path, p.Settings, redisSettingName, "must be the name of a directive of redis.conf, in lower case", redisOwnSettings)
}

// settingsFlags are arguments of the server in a shell script. A value of several words is one argument, which Redis 7 splits.
func (p RedisProps) settingsFlags() string {
	var flags strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p.Settings)) {
		flags.WriteString(" --" + name + " " + shellQuoted(manifest.Literal(p.Settings[name])))
	}
	return flags.String()
}

// shellQuoted is a word of a shell that stands for the text.
func shellQuoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
