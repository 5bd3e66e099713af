package constructs

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestPostgresSettings(t *testing.T) {
	validate := func(change func(p *PostgresProps)) field.ErrorList {
		props := PostgresProps{Credentials: PostgresCredentials{Secret: "secrets"}}
		change(&props)
		return props.Validate(field.NewPath("postgres"))
	}
	settings := func(of map[string]string) field.ErrorList {
		return validate(func(p *PostgresProps) { p.Settings = of })
	}
	runChecks(t, map[string]expectation{
		"good": {errs: settings(map[string]string{
			"max_connections": "500", "shared_buffers": "1GB", "pg_trgm.similarity_threshold": "0.4", "log_line_prefix": "%m $(a) ", "search_path": "",
		})},
		"blocks": {errs: settings(map[string]string{"shared_buffers": "16384"})},
		"wrong": {
			settings(map[string]string{"Max_Connections": "1", "port": "1", "listen_addresses": "", "a b": "", "work_mem": "1\n2", "x": "\xff"}),
			[]string{
				`postgres.settings[Max_Connections]: Invalid value: "Max_Connections": must be the name of a parameter, in lower case`,
				`postgres.settings[a b]: Invalid value: "a b": must be the name of a parameter, in lower case`,
				"postgres.settings[listen_addresses]: Forbidden: must be all addresses, which clients connect to",
				"postgres.settings[port]: Forbidden: set port instead",
				`postgres.settings[work_mem]: Invalid value: "1\n2": must be on one line`,
				`postgres.settings[x]: Invalid value: "�": must be valid UTF-8`,
			},
		},
		"no amounts": {
			settings(map[string]string{"max_connections": "3", "shared_buffers": "1Gi"}),
			[]string{
				`postgres.settings[max_connections]: Invalid value: "3": must be between 4 and 262143: 3 connections are reserved for superusers`,
				`postgres.settings[shared_buffers]: Invalid value: "1Gi": must be an amount of memory such as "512MB" or "2GB"`,
			},
		},
		"too few": {
			settings(map[string]string{"max_connections": "050", "shared_buffers": "15"}),
			[]string{
				`postgres.settings[max_connections]: Invalid value: "050": must be between 4 and 262143: 3 connections are reserved for superusers`,
				`postgres.settings[shared_buffers]: Invalid value: "15": must be at least 128kB`,
			},
		},
		"all reserved": {
			settings(map[string]string{"max_connections": "50", "superuser_reserved_connections": "50"}),
			[]string{`postgres.settings[max_connections]: Invalid value: "50": must be between 51 and 262143: 50 connections are reserved for superusers`},
		},
		"all of the default reserved": {
			settings(map[string]string{"superuser_reserved_connections": "100"}),
			[]string{`postgres.settings[superuser_reserved_connections]: Invalid value: "100": must be below max_connections (100, the default)`},
		},
		"too many connections": {
			settings(map[string]string{"max_connections": "2000"}),
			[]string{`postgres.settings: Invalid value: "2328Mi": the memory of shared_buffers and of 2000 idle connections must not exceed resources.limits.memory (2Gi, the default)`},
		},
		"too large buffers": {
			settings(map[string]string{"shared_buffers": "2GB"}),
			[]string{`postgres.settings: Invalid value: "2158Mi": the memory of shared_buffers and of 100 idle connections must not exceed resources.limits.memory (2Gi, the default)`},
		},
		"extensions": {errs: validate(func(p *PostgresProps) {
			p.Extensions, p.Settings = []string{"pg_trgm", "uuid-ossp", "pg_stat_statements"}, map[string]string{"shared_preload_libraries": "auto_explain, pg_stat_statements"}
		})},
		"an extension of another image": {errs: validate(func(p *PostgresProps) { p.Image, p.Extensions = "pgvector/pgvector:pg17", []string{"vector"} })},
		"extensions of no image": {
			validate(func(p *PostgresProps) {
				p.Image, p.Extensions = "docker.io/library/postgres:17-alpine", []string{"vector", "pg_stat_statements", "hstore", "hstore", `a"b`}
			}),
			[]string{
				`postgres.extensions[0]: Invalid value: "vector": is not in the image docker.io/library/postgres:17-alpine, which has only PostgreSQL's own extensions: set an image that contains it`,
				`postgres.extensions[1]: Invalid value: "pg_stat_statements": counts nothing unless it is loaded at the start: add it to settings[shared_preload_libraries]`,
				`postgres.extensions[3]: Duplicate value: "hstore"`,
				`postgres.extensions[4]: Invalid value: "a\"b": must be the name of an extension, in lower case`,
			},
		},
	})
}

func TestRedisSettings(t *testing.T) {
	settings := func(of map[string]string) field.ErrorList {
		return RedisProps{Password: SecretKeyRef{Secret: "a", Key: "b"}, Settings: of}.Validate(field.NewPath("redis"))
	}
	runChecks(t, map[string]expectation{
		"good": {errs: settings(map[string]string{"save": "900 1", "hz": "20", "notify-keyspace-events": "Ex"})},
		"wrong": {
			settings(map[string]string{"maxmemory": "1gb", "Hz": "1", "a;b": "", "save": "900 1\nrequirepass x"}),
			[]string{
				`redis.settings[Hz]: Invalid value: "Hz": must be the name of a directive of redis.conf, in lower case`,
				`redis.settings[a;b]: Invalid value: "a;b": must be the name of a directive of redis.conf, in lower case`,
				"redis.settings[maxmemory]: Forbidden: set maxMemory instead",
				`redis.settings[save]: Invalid value: "900 1\nrequirepass x": must be on one line`,
			},
		},
	})
	// Neither the shell nor the kubelet changes a value.
	require.Equal(t, ` --a 'it'\''s $$(date) $$HOME' --b ''`, RedisProps{Settings: map[string]string{"b": "", "a": "it's $(date) $HOME"}}.settingsFlags())
}
