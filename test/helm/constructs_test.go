package helm

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// releaseCase is what Helm is told: where to install, and values by path. The constructs render it too.
type releaseCase struct {
	namespace string
	values    map[string]any
}

// constructed is what the constructs give for a case, by kind and name, or why they refuse it.
type constructed struct {
	objects map[string]object
	refusal string
}

// construct has the constructs render all cases, in one process. It runs a program of the module around this one, which cannot
// import them: they need other versions of Kubernetes' modules than Helm.
func construct(t *testing.T, cases []releaseCase) []constructed {
	t.Helper()
	type asked struct {
		Namespace string         `json:"namespace"`
		Values    map[string]any `json:"values"`
	}
	var input []asked
	for _, c := range cases {
		input = append(input, asked{c.namespace, nested(c.values)})
	}
	encoded, err := json.Marshal(input)
	require.NoError(t, err)

	command := exec.Command("go", "run", "./cmd/render")
	command.Dir = ".."
	command.Stdin = bytes.NewReader(encoded)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	require.NoError(t, err, stderr.String())

	var answers []struct {
		Objects []object
		Error   string
	}
	require.NoError(t, json.Unmarshal(output, &answers))
	require.Len(t, answers, len(cases))
	results := make([]constructed, len(answers))
	for i, answer := range answers {
		results[i] = constructed{objects: map[string]object{}, refusal: answer.Error}
		for _, o := range answer.Objects {
			results[i].objects[nameOf(o)] = o
		}
	}
	return results
}
