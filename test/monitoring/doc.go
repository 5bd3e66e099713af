// Package monitoring has what the repository renders for Prometheus, Alertmanager and Grafana checked by programs and types of their own
// projects. It reads the ConfigMaps and PrometheusRules of dist/, of deploy/ and of the library's golden files.
//
//   - promtool checks the configurations and rules, and runs the cases of testdata/: series as exporters write them, and the alerts that
//     follow. Every alert has a case in which it fires and one in which it does not.
//   - Prometheus's parser reads every expression of rules and dashboards. Each metric in them is one that a known exporter has.
//   - amtool checks the configurations of Alertmanager, routes alerts to receivers and renders messages.
//   - Grafana's types decode each dashboard strictly.
//
// Besides, each alert must have a section in docs/runbooks.md, and each section an alert.
//
// promtool and amtool run in two versions. Those of the library's default images are built from modules of their own below test/tools/,
// which takes minutes the first time. Debian's packages prometheus and prometheus-alertmanager must be installed: they are older (2.42 and
// 0.25) and stand for an operator's Prometheus and for an Alertmanager that somebody has already.
//
// Go's cache of test results does not see files outside this module: run the tests with -count=1.
package monitoring
