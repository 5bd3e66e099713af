// Package servers runs what the manifests say on the programs that they are for. It takes commands, environments and
// probes out of the committed files (dist/, deploy/staging/), as a kubelet would, and runs them with a real Redis and a
// real PostgreSQL on this machine. Only what must differ here is rewritten: ports, folders, the names of Services.
//
// The images are alpine's, whose shell and tools are busybox: every script runs under Debian's busybox, and under dash.
//
// It needs Linux and Debian's packages postgresql-15, redis-server and busybox. No server and no folder outlives the
// tests, however they end: see command_test.go and folder_test.go.
//
// Go's cache of test results does not see files outside this module: run the tests with -count=1.
package servers
