// Package monitoring puts what the repository renders for Prometheus, Alertmanager and Grafana before judges that nobody
// of this project wrote. It is read out of the ConfigMaps and PrometheusRules of dist/, of deploy/ and of the library's
// golden files.
//
//   - promtool checks each configuration of Prometheus and all rules, and plays the cases of testdata/: series as the
//     exporters give them, and which alerts follow with which words. Every alert has a case in which it fires and one
//     in which it stays silent.
//   - Prometheus's parser reads each expression of rules and dashboards. The metrics that it finds in them stand in one
//     table, with the exporter that each comes from.
//   - amtool checks each configuration of Alertmanager, follows alerts to their receiver, and renders the messages.
//   - Grafana's own schema of dashboards reads each of them strictly.
//
// Each judge comes with a test that it refuses what it should. Besides, each alert must have its section of
// docs/runbooks.md, and each section its alert.
//
// promtool and amtool are taken twice. Built are those of the versions whose images are the library's defaults: they are
// what will read the files, and windows of PromQL do not have the same samples as before Prometheus 3. They have modules
// of their own below test/tools/, as other judges have; to build them takes minutes the first time. Debian's, which are
// older (2.42 and 0.25), stand for the Prometheus that an operator may run, and for an Alertmanager of somebody's own:
// Debian's packages prometheus and prometheus-alertmanager must be installed.
//
// Go's cache of test results does not see files outside this module: run the tests with -count=1.
package monitoring
