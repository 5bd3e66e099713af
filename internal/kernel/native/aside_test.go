package native

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An answer that is wanted aside is in the file. Node.js would repeat the request as a program makes it that does not know of this.
func TestAnswersAside(t *testing.T) {
	const wanted = `["` + Aside + `"]`
	answers, err := os.Create(filepath.Join(t.TempDir(), Aside))
	require.NoError(t, err)
	defer answers.Close()
	ask := func(answers *os.File, request string) (answer string, left *Transcript) {
		var out bytes.Buffer
		in := strings.Join(append(smallTree, request, `{"api":"stats"}`), "\n") + "\n"
		s := session{kernel: newKernel(), in: bufio.NewReader(strings.NewReader(in)), out: &out, answers: answers}
		left = s.run()
		return strings.Split(out.String(), "\n")[4], left
	}
	public := `{"ok":{"result":` + objectJSON + `}}}`
	long := `{"ok":{"result":[` + objectJSON + `}]}}`

	for _, test := range []struct{ object, method, want string }{{chart1, "toJson", long}, {object1, "toJson", public}} {
		answer, left := ask(answers, invokeOf(test.object, test.method, wanted))
		require.Equal(t, `{"ok":{"result":"`+Aside+strconv.Itoa(len(test.want))+`"}}`, answer)
		content, err := os.ReadFile(answers.Name())
		require.NoError(t, err)
		require.Equal(t, test.want, string(content[:len(test.want)]))
		require.Equal(t, invokeOf(test.object, test.method, "null"), left.Requests[3])
		require.Equal(t, test.want, left.Answers[3])
	}

	// Without the file, the answer is as ever.
	answer, left := ask(nil, invokeOf(object1, "toJson", wanted))
	require.Equal(t, public, answer)
	require.Equal(t, invokeOf(object1, "toJson", "null"), left.Requests[3])
	answer, _ = ask(answers, invokeOf(object1, "toJson", `["another"]`))
	require.Empty(t, answer, "is left to Node.js")

	// Node.js takes over with the public request.
	_, left = ask(answers, invokeOf(app1, "synth", wanted))
	require.Equal(t, invokeOf(app1, "synth", "null"), left.Requests[3])
	require.Len(t, left.Requests, 4)
}
