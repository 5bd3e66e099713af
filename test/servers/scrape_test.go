//go:build linux

package servers

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
)

// scrape returns the samples at an address, as text, by their series.
func scrape(url string) (map[string]string, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, response.Status)
	}
	exported := map[string]string{}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		at := strings.LastIndex(lines.Text(), " ")
		if at != -1 && !strings.HasPrefix(lines.Text(), "#") {
			exported[lines.Text()[:at]] = lines.Text()[at+1:]
		}
	}
	return exported, lines.Err()
}
