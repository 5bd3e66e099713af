package monitoring

import (
	"fmt"
	"strings"
	"time"

	"github.com/ai-platform/manifests/internal/manifest"
)

// redisTier is a server whose redis_exporter is scraped. https://github.com/oliver006/redis_exporter
type redisTier struct {
	component
	manifest.RedisTarget
}

// alerts depend on what becomes of a Redis that is full: it refuses writes, or it throws out keys, for which it is
// full on purpose.
func (r redisTier) alerts() []Alert {
	full := newAlert("CacheFull", SeverityWarning, 10*time.Minute, r.memoryUsed()+" > 0.9",
		"{{ $labels.job }} is using {{ $value | humanizePercentage }} of its maxmemory: at the limit it rejects writes")
	if r.Evicts {
		full = newAlert("CacheEvicting", SeverityWarning, 10*time.Minute, r.evictions("5m")+" > 0",
			`{{ $labels.job }} is evicting {{ $value | printf "%.3g" }} keys per second to stay within its maxmemory`)
	}
	return []Alert{
		newAlert("RedisDown", SeverityCritical, time.Minute, r.samplesOf("redis_up")+" == 0",
			"Redis server {{ $labels.job }} is down or rejects the login of its exporter"),
		newAlert("RedisPersistenceFailing", SeverityCritical, 5*time.Minute, r.persistenceFails(),
			"{{ $labels.job }} cannot persist data: it rejects writes, or its append-only file keeps growing"),
		full,
	}
}

// persistenceFails is of the append-only file, its rewriting, and snapshots. After a failed write, or a failed snapshot, Redis refuses
// all writes until one succeeds. https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
func (r redisTier) persistenceFails() string {
	var failing []string
	for _, status := range []string{"redis_aof_last_write_status", "redis_aof_last_bgrewrite_status", "redis_rdb_last_bgsave_status"} {
		failing = append(failing, fmt.Sprintf("min by (namespace, job) (%s) == 0", r.samplesOf(status)))
	}
	return strings.Join(failing, "\nor\n")
}

func (r redisTier) evictions(window string) string {
	return fmt.Sprintf("sum by (namespace, job) (rate(%s[%s]))", r.samplesOf("redis_evicted_keys_total"), window)
}

func (r redisTier) memoryUsed() string {
	return fmt.Sprintf("max by (namespace, job) (%s / %s)", r.samplesOf("redis_memory_used_bytes"), r.samplesOf("redis_memory_max_bytes"))
}

func (r redisTier) cacheHits() string {
	return r.hitRatio("redis_keyspace_hits_total", "redis_keyspace_misses_total")
}

func (r redisTier) overview() []Panel {
	full := "At the limit, the server rejects writes. Red starts at 90%."
	evictions := "Keys evicted per second to free memory. This server is configured not to evict keys: the expected value is 0."
	if r.Evicts {
		full = "At the limit, the server evicts keys, which is normal for a cache."
		evictions = "Keys evicted per second to free memory. If the cache hit ratio drops too, the cache is too small."
	}
	return []Panel{
		serverUpPanel(r.samplesOf("redis_up")),
		{
			Title:       "Memory (% of max)",
			Description: "Memory usage, relative to maxmemory. " + full,
			Kind:        PanelStat, Unit: "percentunit", Thresholds: saturation,
			Queries: []Query{{Expr: r.memoryUsed()}},
		},
		cacheHitsPanel(r.cacheHits()),
		{
			Title:       "Evictions",
			Description: evictions,
			Kind:        PanelStat, Unit: "ops", Queries: []Query{{Expr: r.evictions(rateInterval)}},
			Thresholds: []Threshold{{Value: 0.001, Color: ColorYellow}},
		},
	}
}

func (r redisTier) dashboard() *Dashboard {
	choices := r.samplesOf("up")
	r.component = r.following(chosenInstance)
	return &Dashboard{
		choices: choices,
		Name:    r.ID,
		Title:   r.dashboardTitle(),
		Rows: []DashboardRow{
			{Panels: append([]Panel{r.upPanel()}, r.overview()...)},
			{Title: "Load", Panels: []Panel{
				{
					Title:       "Command rate",
					Description: "Commands per second. A sudden drop means that clients cannot reach the server, or that it is blocked.",
					Unit:        "ops", Queries: []Query{{Expr: r.rateOf("redis_commands_processed_total"), Legend: "commands"}},
				},
				{
					Title:       "Connected clients",
					Description: "Open client connections. Steady growth means that clients leak connections.",
					Queries:     []Query{{Expr: fmt.Sprintf("sum(%s)", r.samplesOf("redis_connected_clients")), Legend: "clients"}},
				},
				{
					Title: "Cache hit ratio", Description: cacheHitsDescription, Unit: "percentunit",
					Queries: []Query{{Expr: r.cacheHits(), Legend: "hit ratio"}},
				},
			}},
			{Title: "Memory", Panels: []Panel{
				{
					Title:       "Memory usage",
					Description: "Memory used by the data, and maxmemory. Steady growth often means keys without an expiry.",
					Unit:        "bytes",
					Queries: []Query{
						{Expr: fmt.Sprintf("max(%s)", r.samplesOf("redis_memory_used_bytes")), Legend: "used"},
						{Expr: fmt.Sprintf("max(%s)", r.samplesOf("redis_memory_max_bytes")), Legend: "limit"},
					},
				},
				{
					Title:       "Keys",
					Description: "Keys in each database. A sudden drop means that keys were deleted, or lost in a restart.",
					Queries:     []Query{{Expr: fmt.Sprintf("sum by (db) (%s)", r.samplesOf("redis_db_keys")), Legend: "{{db}}"}},
				},
				{
					Title:       "Evicted and expired keys",
					Description: "Keys evicted to free memory, and keys that reached their expiry, per second. Expiry is normal. Evictions with a falling cache hit ratio mean too little memory.",
					Unit:        "ops",
					Queries: []Query{
						{Expr: r.rateOf("redis_evicted_keys_total"), Legend: "evicted"},
						{Expr: r.rateOf("redis_expired_keys_total"), Legend: "expired"},
					},
				},
			}},
			{Panels: []Panel{r.restartsPanel()}},
		},
	}
}
