package kernel

import (
	"bytes"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/kernel/js"
	"github.com/ai-platform/manifests/internal/kernel/yaml"
	"github.com/ai-platform/manifests/internal/kernel/yaml/yamlcases"
)

var (
	documents = flag.Int("documents", 20_000, "how many random documents to write as YAML")
	seed      = flag.Uint64("seed", 20, "of the random documents")
)

// batch bounds the documents that one process gets.
const batch = 20_000

// answer is what JavaScript makes of a document; see testdata/reference.js.
type answer struct {
	YAML   string   `json:"yaml"`
	JSON   string   `json:"json"`
	Sorted []string `json:"sorted"`
	Length int      `json:"length"`
}

// The literal texts of package yaml's own test are those of cdk8s.
func TestYAMLCases(t *testing.T) {
	var names, texts []string
	for name, c := range yamlcases.Cases {
		names, texts = append(names, name), append(texts, c.JSON)
	}
	for i, want := range askJavaScript(t, extractCDK8s(t), texts) {
		t.Run(names[i], func(t *testing.T) {
			require.Equal(t, want.YAML, yamlcases.Cases[names[i]].YAML)
			require.Equal(t, want, askGo(t, texts[i]))
		})
	}
}

func TestYAMLRandom(t *testing.T) {
	cdk8s := extractCDK8s(t)
	random := rand.New(rand.NewPCG(*seed, 0))
	for done := 0; done < *documents; done += batch {
		texts := make([]string, min(batch, *documents-done))
		for i := range texts {
			texts[i] = string(appendDocument(random, nil, 0))
		}
		for i, want := range askJavaScript(t, cdk8s, texts) {
			require.Equal(t, want, askGo(t, texts[i]), "document %d of seed %d: %s", done+i, *seed, texts[i])
		}
	}
}

// Generated documents would prove little if all were alike.
func TestYAMLRandomReachesEveryStyle(t *testing.T) {
	random := rand.New(rand.NewPCG(*seed, 0))
	var written strings.Builder
	for range 2000 {
		written.WriteString(askGo(t, string(appendDocument(random, nil, 0))).YAML)
	}
	for _, style := range []string{
		": |\n", ": |-\n", ": |+\n", ": |2\n", ": |2-\n", ": |2+\n", "|1", "- |", ": \"", "- \"", ": '", "\n\"", "\n? ", "\n  : ", "<<: ",
		"\\x", "\\e", "\\ ", "{}", "[]", ".inf", "e+", "e-", "__proto__", "- - ", ": null", "😀",
	} {
		require.Contains(t, written.String(), style)
	}
}

// askJavaScript returns cdk8s's answers for documents.
func askJavaScript(t *testing.T, cdk8s string, texts []string) []answer {
	t.Helper()
	command := exec.Command(node, "testdata/reference.js", cdk8s)
	command.Stdin = strings.NewReader(strings.Join(texts, "\n") + "\n")
	var failure bytes.Buffer
	command.Stderr = &failure
	output, err := command.Output()
	require.NoError(t, err, failure.String())
	lines := strings.Split(strings.TrimSuffix(string(output), "\n"), "\n")
	require.Len(t, lines, len(texts))
	answers := make([]answer, len(lines))
	for i, line := range lines {
		require.NoError(t, json.Unmarshal([]byte(line), &answers[i]))
	}
	return answers
}

// askGo returns what the kernel in Go makes of a document.
func askGo(t *testing.T, text string) answer {
	t.Helper()
	value, err := js.Decode([]byte(text))
	require.NoError(t, err, text)
	strings := appendStrings([]string{}, value)
	length := 0
	for _, s := range strings {
		length += js.Length(s)
	}
	slices.SortFunc(strings, js.Compare)
	return answer{YAML: yaml.Stringify(value), JSON: string(js.AppendJSON(nil, value)), Sorted: strings, Length: length}
}

// appendStrings appends the strings in a value, and its keys.
func appendStrings(found []string, value any) []string {
	switch v := value.(type) {
	case string:
		return append(found, v)
	case []any:
		for i, item := range v {
			found = appendStrings(append(found, js.Number(float64(i))), item)
		}
	case *js.Object:
		for key, item := range v.All {
			found = appendStrings(append(found, key), item)
		}
	}
	return found
}
