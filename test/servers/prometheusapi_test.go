//go:build linux

package servers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// Answers of Prometheus. https://prometheus.io/docs/prometheus/latest/querying/api/
type (
	targets struct {
		ActiveTargets []target
	}
	target struct {
		Labels            map[string]string
		Health, LastError string
	}
	rules struct {
		Groups []struct {
			Name  string
			Rules []rule
		}
	}
	rule struct {
		Name, Health, LastError string
	}
	alerts struct {
		Alerts []alert
	}
	alert struct {
		Labels map[string]string
		State  string
	}
	vector struct {
		Result []any
	}
)

// ask asks a Prometheus.
func ask[Answer any](t *testing.T, prometheus *sandbox, path string, parameters url.Values) Answer {
	t.Helper()
	response, err := http.Get(prometheus.url("/api/v1/" + path + "?" + parameters.Encode()))
	require.NoError(t, err)
	defer response.Body.Close()
	var body struct {
		Status, Error string
		Data          Answer
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&body))
	require.Equal(t, "success", body.Status, "%s: %s", parameters, body.Error)
	return body.Data
}

// query evaluates an expression.
func query(t *testing.T, prometheus *sandbox, expression string) []any {
	t.Helper()
	return ask[vector](t, prometheus, "query", url.Values{"query": {expression}}).Result
}

// targetsUp counts the targets that are up, by their jobs. It fails if any is not.
func targetsUp(t *testing.T, prometheus *sandbox) (map[string]int, error) {
	t.Helper()
	up := map[string]int{}
	for _, found := range ask[targets](t, prometheus, "targets", nil).ActiveTargets {
		if found.Health != "up" {
			return nil, fmt.Errorf("%s is %s: %s", found.Labels, found.Health, found.LastError)
		}
		up[found.Labels["job"]]++
	}
	return up, nil
}
