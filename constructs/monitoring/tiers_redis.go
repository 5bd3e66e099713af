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
		"{{ $labels.job }} uses {{ $value | humanizePercentage }} of its memory")
	if r.Evicts {
		full = newAlert("CacheEvicting", SeverityWarning, 10*time.Minute, r.evictions("5m")+" > 0",
			`{{ $labels.job }} throws out {{ $value | printf "%.3g" }} keys a second to make room for new ones`)
	}
	return []Alert{
		newAlert("RedisDown", SeverityCritical, time.Minute, r.samplesOf("redis_up")+" == 0",
			"{{ $labels.job }} does not answer its exporter"),
		newAlert("RedisPersistenceFailing", SeverityCritical, 5*time.Minute, r.persistenceFails(),
			"{{ $labels.job }} cannot write to its volume: it refuses writes, or its files only grow"),
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
	full := "at the limit (red from 90%) the server refuses writes."
	evictions := "Keys per second removed to make room for new ones. The server is set up to remove none, so any is a surprise."
	if r.Evicts {
		full = "at the limit the server evicts keys, which is what a cache does."
		evictions = "Keys per second removed to make room for new ones. Worry when cache hits fall too: the cache is too small."
	}
	return []Panel{
		serverUpPanel(r.samplesOf("redis_up")),
		{
			Title:       "Memory in use",
			Description: "Memory in use as a share of maxmemory: " + full,
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
					Title:       "Commands",
					Description: "Commands per second. A sudden drop means that clients do not reach the server, or wait for it.",
					Unit:        "ops", Queries: []Query{{Expr: r.rateOf("redis_commands_processed_total"), Legend: "commands"}},
				},
				{
					Title:       "Clients",
					Description: "Connected clients. A number that only grows means that clients do not close their connections.",
					Queries:     []Query{{Expr: fmt.Sprintf("sum(%s)", r.samplesOf("redis_connected_clients")), Legend: "connected"}},
				},
				{
					Title: "Cache hits", Description: cacheHitsDescription, Unit: "percentunit",
					Queries: []Query{{Expr: r.cacheHits(), Legend: "of all keys looked up"}},
				},
			}},
			{Title: "Memory", Panels: []Panel{
				{
					Title:       "Memory",
					Description: "Memory that the data takes, beside maxmemory. Memory that only grows may be keys without an expiry.",
					Unit:        "bytes",
					Queries: []Query{
						{Expr: fmt.Sprintf("max(%s)", r.samplesOf("redis_memory_used_bytes")), Legend: "used"},
						{Expr: fmt.Sprintf("max(%s)", r.samplesOf("redis_memory_max_bytes")), Legend: "limit"},
					},
				},
				{
					Title:       "Keys",
					Description: "Keys in each database. A sudden drop means that they were deleted, or lost by a restart.",
					Queries:     []Query{{Expr: fmt.Sprintf("sum by (db) (%s)", r.samplesOf("redis_db_keys")), Legend: "{{db}}"}},
				},
				{
					Title:       "Keys that went",
					Description: "Keys per second that were evicted to make room, or that expired. Expiry is what the application asked for; evictions while cache hits fall mean that there is too little memory.",
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
