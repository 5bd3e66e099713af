package constructs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check/checktest"
	"github.com/ai-platform/manifests/internal/manifest"
)

// shopRedis is where the props of these tests stand.
var shopRedis = manifest.Component{App: "shop", ID: "redis"}

func validRedis() RedisProps {
	return RedisProps{Password: SecretKeyRef{Secret: "secrets", Key: "redis-password"}}
}

func TestRedisRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*RedisProps)
		want   []string
	}{
		"no password": {func(p *RedisProps) { p.Password = SecretKeyRef{} }, []string{
			`redis.password.secret: Required value`, `redis.password.key: Required value`,
		}},
		"policy":                      {func(p *RedisProps) { p.EvictionPolicy = "lru" }, []string{`redis.evictionPolicy: Unsupported value: "lru"`}},
		"memory of no size":           {func(p *RedisProps) { p.MaxMemory = "256mb" }, []string{`redis.maxMemory: Invalid value: "256mb": must be a quantity`}},
		"memory near the limit":       {func(p *RedisProps) { p.MaxMemory = "342Mi" }, []string{`redis.maxMemory: Invalid value: "342Mi": must not exceed two thirds of resources.limits.memory (512Mi, the default): the server uses more memory than its data`}},
		"a limit that is no quantity": {func(p *RedisProps) { p.MaxMemory, p.Resources.Limits.Memory = "256Mi", "1Gg" }, []string{`redis.resources.limits.memory: Invalid value: "1Gg"`}},
		"another mount path":          {func(p *RedisProps) { p.Storage.MountPath = "/var/lib/redis" }, []string{`redis.storage.mountPath: Invalid value: "/var/lib/redis"`}},
	} {
		t.Run(name, func(t *testing.T) {
			props := validRedis()
			test.change(&props)
			errs := checktest.Messages(props.withDefaults(shopRedis).validate(field.NewPath("redis"), shopRedis))
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
		{"512Mi", "", "--maxmemory 178956970 "},
		{"512Mi", "341Mi", "--maxmemory 357564416 "},
		{"1Gi", "256Mi", "--maxmemory 268435456 "},
	} {
		props := validRedis()
		props.Resources.Limits.Memory, props.MaxMemory = test.limit, test.maxMemory
		require.Contains(t, startOf(props.withDefaults(shopRedis)), test.want)
	}
}

// startOf is the script that starts the server.
func startOf(props RedisProps) string {
	return *(*props.workload(shopRedis).Containers[0].Command)[2]
}

// A URL from a Secret has the login already.
func TestRedisURLFromASecret(t *testing.T) {
	env := ExternalRedis{Server: collector, URL: SecretKeyRef{Secret: "cache", Key: "url"}}.redisEnv(shopRedis)
	require.Len(t, env, 1)
	require.Equal(t, "REDIS_URL", *env[0].Name)
	require.Equal(t, "cache", *env[0].ValueFrom.SecretKeyRef.Name)
}

func TestClientsOfRedisLogIn(t *testing.T) {
	password := SecretKeyRef{Secret: "secrets", Key: "redis-password"}
	near, far := manifest.Component{App: "shop", ID: "api", Namespace: "shop"}, manifest.Component{App: "shop", ID: "api", Namespace: "elsewhere"}
	redis := &Redis{dataStore: dataStore{at: manifest.Component{App: "shop", ID: "redis", Namespace: "shop"}, port: DefaultRedisPort}, password: password}
	outside := ExternalServer{Host: "cache.example.com", Port: 6380, CIDRs: []string{"10.0.0.0/8"}}

	for _, test := range []struct {
		server RedisServer
		client manifest.Component
		want   string
	}{
		{redis, near, "redis://default:$(REDIS_PASSWORD)@shop-redis:6379"},
		{redis, far, "redis://default:$(REDIS_PASSWORD)@shop-redis.shop.svc:6379"},
		{ExternalRedis{Server: outside}, near, "redis://cache.example.com:6380"},
		{ExternalRedis{Server: outside, Password: password, TLS: true}, near, "rediss://default:$(REDIS_PASSWORD)@cache.example.com:6380"},
		{ExternalRedis{Server: ExternalServer{Host: "fd00::7", Port: 6379}}, near, "redis://[fd00::7]:6379"},
		{ExternalRedis{Server: outside, Database: 3}, near, "redis://cache.example.com:6380/3"},
		{ExternalRedis{Server: outside, Username: "shop", Password: password, Database: 12}, near, "redis://shop:$(REDIS_PASSWORD)@cache.example.com:6380/12"},
		{ExternalRedis{Server: outside, Username: "a:b@c/$(HOME)$$", Password: password}, near, "redis://a%3Ab%40c%2F%24%28HOME%29%24%24:$(REDIS_PASSWORD)@cache.example.com:6380"},
		{ExternalRedis{Server: collector, Password: password}, far, "redis://default:$(REDIS_PASSWORD)@collector.telemetry.svc:80"},
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
