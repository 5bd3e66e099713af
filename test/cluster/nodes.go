package cluster

import (
	_ "embed"
	"strings"
	"text/template"
)

//go:embed nodes.tmpl
var nodesTemplate string

// nodes are two in each of three zones: a pod whose disk is in one zone has somewhere to go when its node is drained. kwok makes them ready.
// All have the same kubelet.
func nodes(kubelet int) (string, error) {
	parsed, err := template.New("nodes").Parse(nodesTemplate)
	if err != nil {
		return "", err
	}
	var documents strings.Builder
	err = parsed.Execute(&documents, map[string]any{"Zones": []string{"zone-a", "zone-b", "zone-c"}, "Numbers": []int{1, 2}, "Kubelet": kubelet})
	return documents.String(), err
}
