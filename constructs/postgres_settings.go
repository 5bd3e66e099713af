package constructs

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
	"github.com/ai-platform/manifests/internal/manifest"
)

// PostgreSQL's parameters, with a prefix for those of extensions.
// https://www.postgresql.org/docs/current/runtime-config-custom.html
var postgresSettingName = regexp.MustCompile(`^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$`)

// postgresOwnSettings are parameters that the construct and the image set, and what to use instead.
var postgresOwnSettings = map[string]string{
	"config_file":             "is set by the image",
	"data_directory":          "is set by the image",
	"external_pid_file":       "is set by the image",
	"hba_file":                "is set by the image",
	"ident_file":              "is set by the image",
	"listen_addresses":        "must be all addresses, which clients connect to",
	"port":                    "set port instead",
	"unix_socket_directories": "must be the directory in which probes and scripts look for the socket",
}

const (
	// postgresReservedConnections are those of superusers, by default: the server does not start with fewer in all.
	// https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-SUPERUSER-RESERVED-CONNECTIONS
	postgresReservedConnections = 3
	postgresDefaultConnections  = 100
	postgresMostConnections     = 262143

	// postgresIdleConnection is the memory of a connection that does nothing, measured with PostgreSQL 15: 1.1Mi.
	postgresIdleConnection = 1.1 * (1 << 20)

	// postgresDefaultBuffers is PostgreSQL's default of shared_buffers.
	postgresDefaultBuffers = 128 << 20
	postgresLeastBuffers   = 128 << 10
)

// postgresMemory is a value of shared_buffers: a number of blocks, or one with a unit.
// https://www.postgresql.org/docs/current/config-setting.html#CONFIG-SETTING-NAMES-VALUES
var postgresMemory = regexp.MustCompile(`^([0-9]+) ?(B|kB|MB|GB|TB)?$`)

var postgresUnits = map[string]float64{"": 8 << 10, "B": 1, "kB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}

func (p PostgresProps) validateSettings(path *field.Path) field.ErrorList {
	errs := checkSettings(path, p.Settings, postgresSettingName, "must be the name of a parameter, in lower case", postgresOwnSettings)
	if len(errs) > 0 {
		return errs
	}
	return p.validateSettingsMemory(path)
}

// checkSettings checks settings of a server by their names. The construct's own are refused with what to do instead.
func checkSettings(path *field.Path, settings map[string]string, names *regexp.Regexp, problem string, own map[string]string) field.ErrorList {
	var errs field.ErrorList
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		at := check.At(path, name)
		remedy, isOwn := own[name]
		switch {
		case !names.MatchString(name):
			errs = append(errs, field.Invalid(at, name, problem))
		case isOwn:
			errs = append(errs, field.Forbidden(at, remedy))
		default:
			errs = append(errs, checkSetting(at, settings[name])...)
		}
	}
	return errs
}

// checkSetting checks a value that becomes an argument of the server.
func checkSetting(path *field.Path, value string) field.ErrorList {
	if errs := check.Text(path, value); len(errs) > 0 {
		return errs
	}
	if strings.ContainsAny(value, "\x00\r\n") {
		return field.ErrorList{field.Invalid(path, value, "must be on one line")}
	}
	return nil
}

// validateSettingsMemory refuses what the server could never have at the same time: its buffers, and all connections, idle.
func (p PostgresProps) validateSettingsMemory(path *field.Path) field.ErrorList {
	connections, errs := p.connections(path)
	buffers, problems := p.sharedBuffers(path)
	errs = append(errs, problems...)
	limit, problems := check.Quantity(path, p.Resources.Limits.Memory)
	if len(errs) > 0 || len(problems) > 0 || len(p.Settings) == 0 { // An invalid limit is reported elsewhere.
		return errs
	}
	if need := buffers + float64(connections)*postgresIdleConnection; need > float64(limit.Value()) {
		return field.ErrorList{field.Invalid(path, resource.NewQuantity(int64(need), resource.BinarySI).String(), fmt.Sprintf(
			"the memory of shared_buffers and of %d idle connections must not exceed resources.limits.memory (%s)", connections, p.Resources.memoryLimit()))}
	}
	return nil
}

// sharedBuffers are the bytes of shared_buffers.
func (p PostgresProps) sharedBuffers(path *field.Path) (float64, field.ErrorList) {
	text, set := p.Settings["shared_buffers"]
	if !set {
		return postgresDefaultBuffers, nil
	}
	at := check.At(path, "shared_buffers")
	parts := postgresMemory.FindStringSubmatch(text)
	if parts == nil {
		return 0, field.ErrorList{field.Invalid(at, text, `must be an amount of memory such as "512MB" or "2GB"`)}
	}
	number, _ := strconv.ParseFloat(parts[1], 64) // Digits.
	buffers := number * postgresUnits[parts[2]]
	if buffers < postgresLeastBuffers {
		return 0, field.ErrorList{field.Invalid(at, text, "must be at least 128kB")}
	}
	return buffers, nil
}

// connections is max_connections.
func (p PostgresProps) connections(path *field.Path) (int, field.ErrorList) {
	reserved, errs := p.reservedConnections(path)
	text, set := p.Settings["max_connections"]
	if !set {
		return postgresDefaultConnections, errs
	}
	number, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(number) != text || number <= reserved || number > postgresMostConnections {
		errs = append(errs, field.Invalid(check.At(path, "max_connections"), text,
			fmt.Sprintf("must be between %d and %d: %d connections are reserved for superusers", reserved+1, postgresMostConnections, reserved)))
	}
	return number, errs
}

// reservedConnections is below max_connections, or the server does not start.
func (p PostgresProps) reservedConnections(path *field.Path) (int, field.ErrorList) {
	const name = "superuser_reserved_connections"
	text, set := p.Settings[name]
	if !set {
		return postgresReservedConnections, nil
	}
	number, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(number) != text || number < 0 || number >= postgresMostConnections {
		return 0, field.ErrorList{field.Invalid(check.At(path, name), text, "must be a number below max_connections")}
	}
	if _, also := p.Settings["max_connections"]; !also && number >= postgresDefaultConnections {
		return 0, field.ErrorList{field.Invalid(check.At(path, name), text, "must be below max_connections (100, the default)")}
	}
	return number, nil
}

// settingsArgs are the arguments of the image's entrypoint, which also passes them to the server of the first start.
// https://github.com/docker-library/docs/blob/master/postgres/README.md
func (p PostgresProps) settingsArgs() []string {
	var args []string
	for _, name := range slices.Sorted(maps.Keys(p.Settings)) {
		args = append(args, "-c", name+"="+manifest.Literal(p.Settings[name]))
	}
	return args
}

// postgresExtensionName is what the control files of extensions are called.
var postgresExtensionName = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]*$`)

// postgresStockExtensions are those of the official image, on alpine: PostgreSQL's own.
// https://www.postgresql.org/docs/current/contrib.html
var postgresStockExtensions = []string{
	"amcheck", "autoinc", "bloom", "btree_gin", "btree_gist", "citext", "cube", "dblink", "dict_int", "dict_xsyn", "earthdistance", "file_fdw",
	"fuzzystrmatch", "hstore", "insert_username", "intagg", "intarray", "isn", "lo", "ltree", "moddatetime", "pageinspect", "pg_buffercache",
	"pg_freespacemap", "pg_prewarm", "pg_stat_statements", "pg_surgery", "pg_trgm", "pg_visibility", "pg_walinspect", "pgcrypto", "pgrowlocks",
	"pgstattuple", "plpgsql", "postgres_fdw", "refint", "seg", "sslinfo", "tablefunc", "tcn", "tsm_system_rows", "tsm_system_time", "unaccent", "uuid-ossp", "xml2",
}

// postgresStockImage is the official image, under the names that it has on Docker Hub.
var postgresStockImage = regexp.MustCompile(`^((index\.|registry-1\.)?docker\.io/)?(library/)?postgres[:@]`)

func (p PostgresProps) validateExtensions(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	stock := postgresStockImage.MatchString(p.Image)
	for i, name := range p.Extensions {
		at := path.Index(i)
		switch {
		case !postgresExtensionName.MatchString(name):
			errs = append(errs, field.Invalid(at, name, "must be the name of an extension, in lower case"))
		case slices.Contains(p.Extensions[:i], name):
			errs = append(errs, field.Duplicate(at, name))
		case stock && !slices.Contains(postgresStockExtensions, name):
			errs = append(errs, field.Invalid(at, name, fmt.Sprintf("is not in the image %s, which has only PostgreSQL's own extensions: set an image that contains it", p.Image)))
		case name == statementsExtension && !slices.Contains(libraries(p.Settings[preloadSetting]), name):
			errs = append(errs, field.Invalid(at, name, "counts nothing unless it is loaded at the start: add it to settings["+preloadSetting+"]"))
		}
	}
	return errs
}

const (
	statementsExtension = "pg_stat_statements"
	preloadSetting      = "shared_preload_libraries"
)

// libraries are the names in a list.
func libraries(list string) []string {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		names = append(names, strings.TrimSpace(name))
	}
	return names
}

// extensionsScript runs before init.sql: the entrypoint runs files in the order of their names.
const extensionsScript = "/docker-entrypoint-initdb.d/extensions.sql"

func (p PostgresProps) createExtensions() string {
	var script strings.Builder
	for _, name := range p.Extensions {
		fmt.Fprintf(&script, "CREATE EXTENSION IF NOT EXISTS %q CASCADE;\n", name)
	}
	return script.String()
}
