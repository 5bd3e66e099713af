package manifest

import "time"

// Target is a component that asks to be scraped. Its pods are found by the Service of MetricsService.
type Target struct {
	Component
	Path string
	Port int
	Kind any // HTTPTarget, PostgresTarget, RedisTarget, WorkerTarget or UnknownTarget, or a kind of monitoring's own. Alerts and dashboards follow from it.
}

// HTTPTarget is an HTTP server that exports what OpenTelemetry's conventions name.
type HTTPTarget struct {
	Availability float64 // In percent of the requests.
	P95Latency   time.Duration

	// Quantities, of each pod. CPULimit is empty for no limit.
	CPURequest, CPULimit, MemoryRequest, MemoryLimit string
}

// PostgresTarget is the postgres_exporter of a server.
type PostgresTarget struct {
	VolumeSize string // A quantity.
	ClaimName  string // Of the volume.
}

// RedisTarget is the redis_exporter of a server.
type RedisTarget struct {
	Evicts bool // A full server throws out keys. Otherwise it refuses writes.
}

// WorkerTarget is a program that serves no requests. What it does is not known, but what it may use is.
type WorkerTarget struct {
	CPULimit, MemoryLimit string // Quantities, of each pod. CPULimit is empty for no limit.
}

// UnknownTarget is a component of whose metrics nothing is known.
type UnknownTarget struct{}

// Destination is where the metrics are.
func (t Target) Destination() Destination {
	return Destination{Host: t.Suffixed(MetricsPort), Port: t.Port, Pods: &t.Component}
}

// WatchedCronJob is one of which somebody must hear if its last Job failed, or if none succeeds any more. It has its component's name.
type WatchedCronJob struct {
	Component
	Server  Component     // Without it running, there is nothing to do. Empty if there is none.
	Overdue time.Duration // After the last success: when the next one is later than it can be.
}

// WatchedJob is one of which somebody must hear if it failed.
type WatchedJob struct {
	Component
	Name string
}
