package constructs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// shopDatabase is where the props of these tests stand.
var shopDatabase = place{app: "shop", component: "database", namespace: "shop"}

// messages are what a user reads of errors.
func messages(errs field.ErrorList) []string {
	var all []string
	for _, err := range errs {
		all = append(all, err.Error())
	}
	return all
}

func validPostgres() PostgresProps {
	return PostgresProps{Credentials: PostgresCredentials{Secret: "secrets"}}
}

func TestPostgresAccepts(t *testing.T) {
	for name, change := range map[string]func(*PostgresProps){
		"only what is required":      func(*PostgresProps) {},
		"the image's own mount path": func(p *PostgresProps) { p.Storage.MountPath = postgresFolder },
		"any claim": func(p *PostgresProps) {
			p.Storage = Storage{ClaimName: "postgres-data-pvc", Size: "100Gi", StorageClassName: "fast"}
		},
		"another variant's user": func(p *PostgresProps) { p.Pod.RunAsUser, p.Pod.RunAsGroup = 999, 999 },
		"a long script":          func(p *PostgresProps) { p.InitSQL = strings.Repeat("-", maxConfigMap-253) },
		"backups":                func(p *PostgresProps) { p.Backup = &PostgresBackup{} },
	} {
		t.Run(name, func(t *testing.T) {
			props := validPostgres()
			change(&props)
			require.Empty(t, messages(props.validate(field.NewPath("postgres"), shopDatabase)))
		})
	}
}

func TestPostgresRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*PostgresProps)
		want   string
	}{
		"no secret":           {func(p *PostgresProps) { p.Credentials.Secret = "" }, `postgres.credentials.secret: Required value`},
		"bad secret":          {func(p *PostgresProps) { p.Credentials.Secret = "A" }, `postgres.credentials.secret: Invalid value: "A"`},
		"bad key":             {func(p *PostgresProps) { p.Credentials.URLKey = "a b" }, `postgres.credentials.urlKey: Invalid value: "a b"`},
		"image without tag":   {func(p *PostgresProps) { p.Image = "postgres" }, `postgres.image: Invalid value: "postgres": must have a tag or a digest`},
		"two replicas":        {func(p *PostgresProps) { p.Replicas = ptr(2) }, `postgres.replicas: Invalid value: 2: must be 0 or 1: two servers must not write to one volume`},
		"port":                {func(p *PostgresProps) { p.Port = 65536 }, `postgres.port: Invalid value: 65536`},
		"another mount path":  {func(p *PostgresProps) { p.Storage.MountPath = "/var/lib/postgres" }, `postgres.storage.mountPath: Invalid value: "/var/lib/postgres": must be left out, or be /var/lib/postgresql/data`},
		"size":                {func(p *PostgresProps) { p.Storage.Size = "10" }, `postgres.storage.size: Invalid value: "10": must be at least 1Mi and at most 1Pi`},
		"claim":               {func(p *PostgresProps) { p.Storage.ClaimName = "a_b" }, `postgres.storage.claimName: Invalid value: "a_b"`},
		"script":              {func(p *PostgresProps) { p.InitSQL = "SELECT '\x00'" }, `postgres.initSQL: Invalid value: "SELECT '\x00'": must not contain the character U+0000`},
		"too long a script":   {func(p *PostgresProps) { p.InitSQL = strings.Repeat("-", maxConfigMap) }, `postgres.initSQL: Too long`},
		"probe":               {func(p *PostgresProps) { p.Liveness.PeriodSeconds = -1 }, `postgres.liveness.periodSeconds: Invalid value: -1`},
		"request above limit": {func(p *PostgresProps) { p.Resources.Requests.Memory = "3Gi" }, `postgres.resources.requests.memory: Invalid value: "3Gi": must not exceed the limit 2Gi`},
		"root":                {func(p *PostgresProps) { p.Pod.RunAsUser = -1 }, `postgres.pod.runAsUser: Invalid value: -1`},
		"schedule":            {func(p *PostgresProps) { p.Backup = &PostgresBackup{Schedule: "daily"} }, `postgres.backup.schedule: Invalid value: "daily"`},
		"no dump kept":        {func(p *PostgresProps) { p.Backup = &PostgresBackup{Keep: -1} }, `postgres.backup.keep: Invalid value: -1`},
		"one claim for both":  {func(p *PostgresProps) { p.Backup = &PostgresBackup{Storage: Storage{ClaimName: "shop-database-data"}} }, `postgres.backup.storage.claimName: Invalid value: "shop-database-data": is the claim of the database itself`},
		"dumps not kept":      {func(p *PostgresProps) { p.Backup = &PostgresBackup{Storage: Storage{MountPath: "/tmp"}} }, `postgres.backup.storage.mountPath: Invalid value: "/tmp": is not kept`},
	} {
		t.Run(name, func(t *testing.T) {
			props := validPostgres()
			test.change(&props)
			errs := messages(props.validate(field.NewPath("postgres"), shopDatabase))
			require.Len(t, errs, 1)
			require.Contains(t, errs[0], test.want)
		})
	}
}

// Names of CronJobs are shorter than others, because their Jobs' names are longer.
func TestPostgresRefusesANameTooLongForBackups(t *testing.T) {
	props, at := validPostgres(), place{app: "shop", component: strings.Repeat("a", 40), namespace: "shop"}
	require.Empty(t, props.validate(field.NewPath("postgres"), at))
	props.Backup = &PostgresBackup{}
	require.Contains(t, messages(props.validate(field.NewPath("postgres"), at))[0], "postgres.backup: Too long")
}

func validRedis() RedisProps {
	return RedisProps{Password: SecretKey{Secret: "secrets", Key: "redis-password"}}
}

func TestRedisRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*RedisProps)
		want   []string
	}{
		"no password": {func(p *RedisProps) { p.Password = SecretKey{} }, []string{
			`redis.password.secret: Required value`, `redis.password.key: Required value`,
		}},
		"policy":                       {func(p *RedisProps) { p.MaxMemoryPolicy = "lru" }, []string{`redis.maxMemoryPolicy: Unsupported value: "lru"`}},
		"memory of no size":            {func(p *RedisProps) { p.MaxMemory = "256mb" }, []string{`redis.maxMemory: Invalid value: "256mb": must be a quantity`}},
		"memory as large as the limit": {func(p *RedisProps) { p.MaxMemory = "0.5Gi" }, []string{`redis.maxMemory: Invalid value: "0.5Gi": must be below the memory limit 512Mi`}},
		"a limit that is no quantity":  {func(p *RedisProps) { p.MaxMemory, p.Resources.Limits.Memory = "256Mi", "1Gg" }, []string{`redis.resources.limits.memory: Invalid value: "1Gg"`}},
		"another mount path":           {func(p *RedisProps) { p.Storage.MountPath = "/var/lib/redis" }, []string{`redis.storage.mountPath: Invalid value: "/var/lib/redis"`}},
	} {
		t.Run(name, func(t *testing.T) {
			props := validRedis()
			test.change(&props)
			errs := messages(props.validate(field.NewPath("redis"), place{app: "shop", component: "redis"}))
			require.Len(t, errs, len(test.want))
			for i, want := range test.want {
				require.Contains(t, errs[i], want)
			}
		})
	}
}

// Redis must refuse writes, or evict, before the container is killed for its memory.
func TestRedisBoundsItsMemoryBelowTheLimit(t *testing.T) {
	for _, test := range []struct{ limit, maxMemory, want string }{
		{"512Mi", "", "--maxmemory 402653184 "},
		{"1Gi", "256Mi", "--maxmemory 268435456 "},
	} {
		props := validRedis()
		props.Resources.Limits.Memory, props.MaxMemory = test.limit, test.maxMemory
		require.Contains(t, props.start(props.store(place{})), test.want)
	}
}

func TestClientsOfRedisLogIn(t *testing.T) {
	password := SecretKey{Secret: "secrets", Key: "redis-password"}
	near, far := place{app: "shop", component: "api", namespace: "shop"}, place{app: "shop", component: "api", namespace: "elsewhere"}
	redis := &Redis{storeTier: storeTier{store: validRedis().store(place{app: "shop", component: "redis", namespace: "shop"})}, password: password}
	outside := External{Host: "cache.example.com", Port: 6380, CIDRs: []string{"10.0.0.0/8"}}

	for _, test := range []struct {
		server RedisServer
		client place
		want   string
	}{
		{redis, near, "redis://default:$(REDIS_PASSWORD)@shop-redis:6379"},
		{redis, far, "redis://default:$(REDIS_PASSWORD)@shop-redis.shop.svc:6379"},
		{ExternalRedis{Server: outside}, near, "redis://cache.example.com:6380"},
		{ExternalRedis{Server: outside, Password: password, TLS: true}, near, "rediss://default:$(REDIS_PASSWORD)@cache.example.com:6380"},
		{ExternalRedis{Server: External{Host: "fd00::7", Port: 6379}}, near, "redis://[fd00::7]:6379"},
	} {
		env := test.server.redisEnv(test.client)
		last := env[len(env)-1]
		require.Equal(t, "REDIS_URL", *last.Name)
		require.Equal(t, test.want, *last.Value)
		if strings.Contains(test.want, "$(") {
			require.Equal(t, "REDIS_PASSWORD", *env[0].Name, "Kubernetes expands variables that stand before")
		}
	}
}
