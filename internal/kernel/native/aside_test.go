package native

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// askAside makes a request in the small tree, and returns its answer and the record.
func askAside(file, request string) (answer string, left *Transcript) {
	var out bytes.Buffer
	in := strings.Join(append(smallTree, getOf(chart1, "node"), request, `{"api":"stats"}`), "\n") + "\n"
	s := session{kernel: newKernel(), in: bufio.NewReader(strings.NewReader(in)), out: &out, aside: file}
	left = s.run()
	return strings.Split(out.String(), "\n")[5], left
}

// What is wanted aside is in the file. Node.js would repeat the request and the answer of a program that does not want it.
func TestObjectsAside(t *testing.T) {
	const node1 = `{"$jsii.byref":"constructs.Node@10003"}`
	object := objectJSON + "}"
	for _, test := range []struct{ on, method, answer, aside string }{
		{app1, "synthYaml", `{"ok":{"result":""}}`, `{"answer":` + `PUBLIC,"objects":[[` + object + `]]}`},
		{node1, "findAll", `PUBLIC`, `{"objects":[` + object + `]}`},
	} {
		t.Run(test.method, func(t *testing.T) {
			request := invokeOf(test.on, test.method, "null")
			public, _ := askAside("", request)
			require.Contains(t, public, `{"ok":{"result":`)
			file := filepath.Join(t.TempDir(), Aside)
			require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("longer ", 1000)), 0o600))

			answer, left := askAside(file, invokeOf(test.on, test.method, `["`+Aside+`"]`))
			require.Equal(t, strings.Replace(test.answer, "PUBLIC", public, 1), answer)
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, strings.Replace(test.aside, "PUBLIC", public, 1), string(content))
			require.Equal(t, []string{request, public}, []string{left.Requests[4], left.Answers[4]})

			answer, left = askAside(filepath.Join(file, "cannot be written"), invokeOf(test.on, test.method, `["`+Aside+`"]`))
			require.Equal(t, public, answer)
			require.Equal(t, []string{request, public}, []string{left.Requests[4], left.Answers[4]})
		})
	}
}

// Node.js takes over with the request that it knows.
func TestHandsOverWithoutAside(t *testing.T) {
	answer, left := askAside("", invokeOf(app1, "synth", `["`+Aside+`"]`))
	require.Empty(t, answer)
	require.Equal(t, invokeOf(app1, "synth", "null"), left.Requests[len(left.Requests)-1])

	answer, left = askAside("", invokeOf(app1, "synthYaml", `["another argument"]`))
	require.Empty(t, answer)
	require.Equal(t, "a call with too many arguments", left.Reason)
}
