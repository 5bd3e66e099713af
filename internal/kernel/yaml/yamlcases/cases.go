// Package yamlcases has documents with what is special in JavaScript's values and in npm's package yaml, and the text that it writes for
// them. The test of package yaml reads them without Node.js; the test in test/kernel asks the package itself.
package yamlcases

import "strings"

// Case is a document.
type Case struct {
	JSON, YAML string
}

// Cases are the cases by name.
var Cases = map[string]Case{
	"order of keys":                    {`{"b":1,"a":2,"10":3,"9":4}`, "\"9\": 4\n\"10\": 3\nb: 1\na: 2\n"},
	"keys that are almost indices":     {`{"01":1,"-1":2,"1.5":3,"4294967295":4,"4294967294":5,"0":6}`, "\"0\": 6\n\"4294967294\": 5\n\"01\": 1\n\"-1\": 2\n\"1.5\": 3\n\"4294967295\": 4\n"},
	"a key twice":                      {`{"a":1,"b":2,"a":3}`, "a: 3\nb: 2\n"},
	"keys of Object.prototype":         {`{"__proto__":{"a":1},"constructor":2,"toString":"x"}`, "__proto__:\n  a: 1\nconstructor: 2\ntoString: x\n"},
	"order of surrogates":              {`["\ue000","😀","\ufffd","z","é"]`, "- \ue000\n- 😀\n- \ufffd\n- z\n- é\n"},
	"zero":                             {`[0,-0,0.0,-0.0,-1e-999]`, "- 0\n- 0\n- 0\n- 0\n- 0\n"},
	"infinite numbers":                 {`[1e999,-1e999]`, "- .inf\n- -.inf\n"},
	"numbers with an exponent":         {`[1e21,1e20,1.5e300,1e-6,1e-7,1.25e-9,-5e-324]`, "- 1e+21\n- 100000000000000000000\n- 1.5e+300\n- 0.000001\n- 1e-7\n- 1.25e-9\n- -5e-324\n"},
	"numbers that are not exact":       {`[9007199254740993,0.1,123456789012345678901234567890]`, "- 9007199254740992\n- 0.1\n- 1.2345678901234568e+29\n"},
	"bools and null":                   {`[true,false,null]`, "- true\n- false\n- null\n"},
	"empty collections":                {`{"a":{},"b":[],"c":[{}],"d":[[]]}`, "a: {}\nb: []\nc:\n  - {}\nd:\n  - []\n"},
	"nested collections":               {`{"a":[[1,2],{"b":{"c":[3]},"d":4}]}`, "a:\n  - - 1\n    - 2\n  - b:\n      c:\n        - 3\n    d: 4\n"},
	"a document of one value":          {`"a"`, "a\n"},
	"null as a document":               {`null`, "null\n"},
	"control characters":               {`["\u0000\u0007\u000b\u001b\u0001","\b\f\r","\u007f","\u0085","\u009f","\u00a0x"]`, "- \"\\0\\a\\v\\e\\x01\"\n- \"\\b\\f\\r\"\n- \"\x7f\"\n- \"\u0085\"\n- \"\u009f\"\n- \u00a0x\n"},
	"tab":                              {`["a\tb","\ta","a\t"]`, "- a\tb\n- \"\\ta\"\n- \"a\\t\"\n"},
	"empty string":                     {`{"":""}`, "\"\": \"\"\n"},
	"indicators":                       {`["-","- a","-a","?","? a","?a","#","a #b","a#b","a: b","a:b","a:","@a","%a","*a","[a]","{}"]`, "- \"-\"\n- \"- a\"\n- -a\n- \"?\"\n- \"? a\"\n- ?a\n- \"#\"\n- \"a #b\"\n- a#b\n- \"a: b\"\n- a:b\n- \"a:\"\n- \"@a\"\n- \"%a\"\n- \"*a\"\n- \"[a]\"\n- \"{}\"\n"},
	"words":                            {`["y","Yes","NO","on","Off","TRUE","null","~","yES","nULL",".nan",".Inf","-.INF","+.nan"]`, "- \"y\"\n- \"Yes\"\n- \"NO\"\n- \"on\"\n- \"Off\"\n- \"TRUE\"\n- \"null\"\n- \"~\"\n- yES\n- nULL\n- \".nan\"\n- \".Inf\"\n- \"-.INF\"\n- +.nan\n"},
	"strings that look like integers":  {`["0","-12","+1_000","0b1_0","0o7","017","09","0xfF_","0b","0x","_1","-"]`, "- \"0\"\n- \"-12\"\n- \"+1_000\"\n- \"0b1_0\"\n- 0o7\n- \"017\"\n- \"09\"\n- \"0xfF_\"\n- 0b\n- 0x\n- _1\n- \"-\"\n"},
	"strings that look like fractions": {`["1.",".5",".","-.","1.5e3","1e","e5",".e5","+e-5","1e1.0","1_0.0_1","1.2.3"]`, "- \"1.\"\n- \".5\"\n- \".\"\n- \"-.\"\n- \"1.5e3\"\n- 1e\n- \"e5\"\n- \".e5\"\n- \"+e-5\"\n- 1e1.0\n- \"1_0.0_1\"\n- 1.2.3\n"},
	"strings that look like times":     {`["12:30","1:2:3","-1:59","1:60","1:6","1:123","1:30.5","1:30.","12:","5432:5432"]`, "- \"12:30\"\n- \"1:2:3\"\n- \"-1:59\"\n- 1:60\n- \"1:6\"\n- 1:123\n- \"1:30.5\"\n- \"1:30.\"\n- \"12:\"\n- 5432:5432\n"},
	"strings that look like dates":     {`["2026-01-31","2026-1-1","26-01-31","2026-01","2026-01-31T10:00:00Z","2026-01-31 10:0:0.5 -03:30","2026-01-31T10:00","2026-01-31t1:2:3+30","2026-01-31T1:2:3+29"]`, "- \"2026-01-31\"\n- \"2026-1-1\"\n- 26-01-31\n- 2026-01\n- \"2026-01-31T10:00:00Z\"\n- \"2026-01-31 10:0:0.5 -03:30\"\n- 2026-01-31T10:00\n- 2026-01-31t1:2:3+30\n- \"2026-01-31T1:2:3+29\"\n"},
	"quotes":                           {`["\"a\"","'a'","\"'","a\"b","- \"a\"","- 'a'","- 'a\""]`, "- '\"a\"'\n- \"'a'\"\n- \"\\\"'\"\n- a\"b\n- '- \"a\"'\n- \"- 'a'\"\n- \"- 'a\\\"\"\n"},
	"merge key":                        {`{"<<":{"<<":"<<"},"a":["<<","<<<","a<<"]}`, "<<:\n  <<: <<\na:\n  - <<\n  - <<<\n  - a<<\n"},
	"markers of documents":             {`{"--- a":{"--- a":"--- a"},"...":"...","%a":["%a","--- a"],"a---":1}`, "\"--- a\":\n  --- a: --- a\n\"...\": ...\n\"%a\":\n  - \"%a\"\n  - --- a\na---: 1\n"},
	"a marker as a document":           {`"--- a"`, "|-\n  --- a\n"},
	"a marker in a document":           {`"a\n--- b\n"`, "|\n  a\n  --- b\n"},
	"a marker in quotes":               {`"\u0001                                  \n--- b"`, "\"\\x01                                 \\ \n\n  --- b\"\n"},
	"a marker after a return":          {`"a\r--- b\nlong enough for line breaks in quotes"`, "\"a\\r--- b\n\n  long enough for line breaks in quotes\"\n"},
	"a marker after a line separator":  {`"a\u2028--- b\nc"`, "|-\n  a\u2028--- b\n  c\n"},
	"a marker after a paragraph":       {`"a\u2029--- b\nc"`, "|-\n  a\u2029--- b\n  c\n"},
	"block":                            {`{"a":"b\nc","d":"e\n","f":"g\n\n","h":"i\n \n\n","j":"k\n\nl"}`, "a: |-\n  b\n  c\nd: |\n  e\nf: |+\n  g\n\nh: |+\n  i\n   \n\nj: |-\n  k\n\n  l\n"},
	"block with leading blanks":        {`{"a":" b\nc","d":"\n  e\nf","g":"\tb\nc","h":"\n\nb"}`, "a: |2-\n   b\n  c\nd: |2-\n  \n    e\n  f\ng: |-\n  \tb\n  c\nh: |-\n  \n\n  b\n"},
	"block with leading blanks alone":  {`" a\nb"`, "|1-\n a\nb\n"},
	"block with blanks at its end":     {`{"a":"b\nc ","d":"e \n","f":"g\n "}`, "a: |-\n  b\n  c \nd: |\n  e \nf: \"g\\n \"\n"},
	"line breaks alone":                {`["\n","\n\n"," \n"," ","\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff\n","\u200b\n","\u180e\n"]`, "- \"\\n\"\n- \"\\n\\n\"\n- \"\\ \\n\"\n- \" \"\n- \"\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff\\n\"\n- |\n  \u200b\n- |\n  \u180e\n"},
	"line breaks in a key":             {`{"a\nb":1,"a\n\"b":2}`, "\"a\\nb\": 1\n\"a\\n\\\"b\": 2\n"},
	"line breaks in single quotes":     {`"a\n\"b\"\n\t"`, "\"a\\n\\\"b\\\"\\n\\t\"\n"},
	"line breaks in short quotes":      {`["\u0001 \n a\n"]`, "- \"\\x01\\ \\n a\\n\"\n"},
	"line breaks in long quotes": {
		`{"a":"\u0001 long enough for line breaks in quotes\n\n\n b\nc \n\n"}`,
		"a: \"\\x01 long enough for line breaks in quotes\n\n\n\n  \\ b\n\n  c\\ \n\n  \\n\"\n",
	},
	"length of quotes in UTF-16": {
		`["\u0001\n😀😀😀😀😀😀😀😀😀😀😀😀😀😀","\u0001\n😀😀😀😀😀😀😀😀😀😀😀😀😀😀a","\u0001\n😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"]`,
		"- \"\\x01\\n" + strings.Repeat("😀", 14) + "\"\n- \"\\x01\\n" + strings.Repeat("😀", 14) + "a\"\n- \"\\x01\n\n  " + strings.Repeat("😀", 15) + "\"\n",
	},
	"a key of 1,024 units": {
		`{"` + strings.Repeat("k", 1024) + `":1,"` + strings.Repeat("😀", 512) + `":[2]}`,
		strings.Repeat("k", 1024) + ": 1\n" + strings.Repeat("😀", 512) + ":\n  - 2\n",
	},
	"keys above 1,024 units": {
		`[{"` + strings.Repeat("k", 1025) + `":null,"` + strings.Repeat("😀", 513) + `":{"a":1,"b":"c\nd"},"` + strings.Repeat("l", 1025) + `":{}}]`,
		"- ? " + strings.Repeat("k", 1025) + "\n  : null\n  ? " + strings.Repeat("😀", 513) + "\n  : a: 1\n    b: |-\n      c\n      d\n  ? " +
			strings.Repeat("l", 1025) + "\n  : {}\n",
	},
	"a long key in quotes": {
		`{"` + strings.Repeat(" ", 1022) + `":1,"` + strings.Repeat(" ", 1023) + `":2}`,
		`"` + strings.Repeat(" ", 1022) + "\": 1\n? \"" + strings.Repeat(" ", 1023) + "\"\n: 2\n",
	},
	"deep": {
		strings.Repeat(`{"a":`, 200) + "{}" + strings.Repeat("}", 200),
		deep(200),
	},
}

func deep(levels int) string {
	text := ""
	for i := range levels {
		text += strings.Repeat("  ", i) + "a:"
		if i < levels-1 {
			text += "\n"
		}
	}
	return text + " {}\n"
}
