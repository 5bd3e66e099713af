package js_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ai-platform/manifests/internal/kernel/js"
)

func TestDecodeAndAppendJSON(t *testing.T) {
	for text, want := range map[string]string{
		`null`:                       `null`,
		` { "b" : [ ] , "a" : { } }`: `{"b":[],"a":{}}`,
		"[\t1\n,\r-0, 1E2, 1e999]":   `[1,0,100,null]`,
		`"\u0041\u00e9\ud83D\uDE00\/\"\\\b\f\n\r\t\u0001"`: `"Aé😀/\"\\\b\f\n\r\t\u0001"`,
		`{"a":1,"2":true,"a":false,"__proto__":null}`:      `{"2":true,"a":false,"__proto__":null}`,
		`"` + "\u007f\u2028" + `<>&"`:                      `"` + "\u007f\u2028" + `<>&"`,
	} {
		value, err := js.Decode([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, want, string(js.AppendJSON(nil, value)))
	}
}

func TestAppendJSONUndefined(t *testing.T) {
	o := object("a", "b", "c")
	o.Set("a", js.Undefined{})
	o.Set("c", []any{js.Undefined{}, math.NaN(), math.Inf(-1)})
	require.JSONEq(t, `{"b":1,"c":[null,null,null]}`, string(js.AppendJSON(nil, o)))
}

func TestDecodeRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "nul", "nullx", "null null", "01", "1.", ".5", "+1", "-", "1e", "1e+", "0x1", "NaN", "{", "{}}", `{"a"}`, `{"a":}`, `{"a":1,}`,
		`{a:1}`, `{1:1}`, "[", "[1,]", "[,1]", "[1 2]", `"`, `"\`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\n\"", "'a'",
		// Not JSON's fault.
		`"\ud800"`, `"\udc00"`, `"\ud800\ud800"`, `"\ud800x"`, `"\ud83d\n"`, "\"\xff\"", "\"\\n\xff\"", "\"\xed\xa0\x80\"",
		strings.Repeat("[", 202) + strings.Repeat("]", 202),
	} {
		_, err := js.Decode([]byte(text))
		require.ErrorIs(t, err, js.ErrJSON, "%q", text)
	}
}

// Go's own package says of damaged texts whether they are JSON.
func TestDecodeAgreesWithGo(t *testing.T) {
	const text = `{"a":[1,-2.5e+10,0,"x\u0041\n\\y",true,false,null],"b":{"c":{},"d":[]},"e": 0.5E-3 }`
	random := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 20_000 {
		damaged := []byte(text)
		for range 1 + random.IntN(2) {
			at := random.IntN(len(damaged))
			switch random.IntN(3) {
			case 0:
				damaged = append(damaged[:at:at], damaged[at+1:]...)
			case 1:
				damaged[at] = text[random.IntN(len(text))]
			case 2:
				damaged = append(damaged[:at:at], append([]byte{text[random.IntN(len(text))]}, damaged[at:]...)...)
			}
		}
		value, err := js.Decode(damaged)
		require.Equal(t, json.Valid(damaged), err == nil, "%s", damaged)
		if err != nil {
			continue
		}
		var want any
		if json.Unmarshal(damaged, &want) != nil {
			continue // A number that is infinite in JavaScript is an error in Go.
		}
		accepted++
		require.Equal(t, want, plain(value), "%s", damaged)
	}
	require.Greater(t, accepted, 2000)
}

// plain returns a value as encoding/json decodes it.
func plain(value any) any {
	switch v := value.(type) {
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = plain(item)
		}
		return items
	case *js.Object:
		fields := map[string]any{}
		for key, item := range v.All {
			fields[key] = plain(item)
		}
		return fields
	}
	return value
}
