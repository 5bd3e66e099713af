// Package servers runs what the manifests say on the programs that they are for. It takes commands, environments and
// probes out of the committed files (dist/, deploy/staging/), as a kubelet would, and runs them with a real Redis, a real
// PostgreSQL and their exporters on this machine. Only what must differ here is rewritten: ports, folders, the names of
// Services.
//
// Prometheus and Alertmanager run in sandboxes (bubblewrap), where their files are where they are in the pod, and in a network of their own,
// in which stand-ins answer as the cluster's name server, as the pods that are scraped, and as the services that alerts go to. Their
// configuration is production's, unless a test says what it changes.
//
// The images are alpine's, whose shell and tools are busybox: every script runs under Debian's busybox, and under dash.
//
// Dumps are also restored on a later PostgreSQL, whose programs come from npm; the clients are those of the image's version.
//
// A Celery of Debian's is run as a Worker that a program of the test declares, with its tasks in Files.
//
// The exporter of PostgreSQL and the blackbox exporter are those of the images, built from their Go modules. The blackbox exporter probes a
// real nginx. Prometheus, Alertmanager and the exporter of Redis are Debian's, which are older than the images.
//
// It needs Linux, npm and Debian's packages postgresql-15, redis-server, busybox, bubblewrap, nginx-light, prometheus,
// prometheus-alertmanager, prometheus-redis-exporter, python3-celery, python3-redis and python3-psycopg2, and the right to make user namespaces; a
// container usually has it only if it is privileged. It need not be root. No server outlives the tests, however they end: see process_test.go.
//
// Go's cache of test results does not see files outside this module: run the tests with -count=1.
package servers
