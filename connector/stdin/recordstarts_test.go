package stdin_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/stdin"
)

// recordStart is the beginning of a RECORD line as connectors of this library write it.
const recordStart = `{"type":"RECORD","record":{"shop":{"orders":`

// requireSameAsFirst reads lines with one Reader, which remembers how earlier lines begin.
// Each must give the same result as the first line of a Reader.
func requireSameAsFirst(t *testing.T, text string) {
	t.Helper()
	r := stdin.NewReader(strings.NewReader(text))
	number := 0
	for line := range strings.Lines(text) {
		number++
		if strings.TrimSpace(line) == "" && strings.HasSuffix(line, "\n") {
			continue
		}
		// Empty lines give the line the same number.
		first := stdin.NewReader(strings.NewReader(strings.Repeat("\n", number-1) + line))
		want, wantErr := first.Next()
		got, gotErr := r.Next()
		require.Equal(t, wantErr, gotErr, "%q", line)
		require.Equal(t, want, got, "%q", line)
		require.Equal(t, number, r.Lines())
	}
	_, err := r.Next()
	require.Equal(t, io.EOF, err)
}

// rowsOfEveryKind are valid and invalid rows.
var rowsOfEveryKind = []string{
	`{}`, ` { } `, "{\t\"a\" : [ 1 , 2 ] ,\r\"b\":null}", `{"a":1,"a":2}`, `{"":{"":[[],{},[{}]]}}`,
	`{"a":0,"b":-0,"c":-12.50e+3,"d":1E-7,"e":9007199254740993}`, `{"a":true,"b":false,"c":null}`,
	`{"a":"é😀\u00e9\uD83D\ude00\"\\\/\b\f\n\r\t"}`, "{\"a\":\"\u007f\u2028\uFFFD\"}",
	`{"a":` + strings.Repeat(`[`, 31) + strings.Repeat(`]`, 31) + `}`, `{"a":` + strings.Repeat(`[`, 32) + strings.Repeat(`]`, 32) + `}`,
	`{"a":` + strings.Repeat(`[`, 9996) + strings.Repeat(`]`, 9996) + `}`, `{"a":` + strings.Repeat(`[`, 9997) + strings.Repeat(`]`, 9997) + `}`,

	``, `{`, `}`, `[]`, `null`, `"a"`, `{a:1}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":1 "b":2}`, `{"a":[1,]}`, `{"a":[1}`, `{"a":{]}`, `{"a" 1}`,
	`{"a":01}`, `{"a":-}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":+1}`, `{"a":0x1}`, `{"a":--1}`, `{"a":NaN}`, `{"a":nul}`, `{"a":nulls}`, `{"a":True}`,
	`{"a":"`, `{"a":"\`, `{"a":"\u12`, `{"a":"\u12G4"}`, `{"a":"\x"}`, `{"a":"\ud800"}`, `{"a":"\uDC00\ud800"}`, `{"a":"\ud83d\u0041"}`,
	"{\"a\":\"\xff\"}", "{\"a\":\"\xc3\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"\xff\":1}", "{\"a\":\"\x00\"}", "{\"a\":\"\t\"}", "{\"a\":1\x00}",
	`{"a":1}{"b":2}`, `{"a":1},"carts":{}`, `{"a":1}}`, `{"a":1}},"more":{"b":{"c":1}`, `{"a":1}}},"type":"STATE","state":{"b":{"c":{"d":1}`,
}

func TestALineThatBeginsLikeEarlierOnesIsReadAsAFirstLine(t *testing.T) {
	check := func(start, end string) {
		var text strings.Builder
		for _, row := range rowsOfEveryKind {
			text.WriteString(start + `{"id":1}}}}` + "\n" + start + row + end)
		}
		requireSameAsFirst(t, text.String())
	}
	for _, end := range []string{
		"}}}\n", "}}}\r\n", "}}} \n", "}}}\r\r\n", "} } }\n", "}},\"type\":\"RECORD\"}\n", "}},\"state\":{\"a\":1}}\n", "}}}}\n", "}}\n", "\n",
	} {
		check(recordStart, end)
	}
	for _, start := range []string{
		`{"type":"RECORD","op":"DELETE","record":{"shop":{"orders":`, ` { "record" : {"sh\u006fp":{"":` + " ",
		`{"type":"RECORD","secrets":{"token":"x-hush"},"record":{"shop":{"orders":`, `{"type":"RECORD","state":{},"record":{"shop":{"orders":`,
		`{"type":"RECORD","record":{"a":{"b":{"c":1}}},"record":{"shop":{"orders":`, `{"more":"` + strings.Repeat("x", 600) + `","type":"RECORD","record":{"shop":{"orders":`,
		`{"type":"RECORD","op":"MERGE","record":{"shop":{"orders":`, `{"type":"STATE","state":{"shop":{"orders":`,
	} {
		check(start, "}}}\n")
	}
}

func TestRowsOfSeveralTablesMayAlternate(t *testing.T) {
	var text strings.Builder
	var want []string
	for i := range 60 {
		fmt.Fprintf(&text, `{"type":"RECORD","record":{"shop":{"t%d":{"id":%d}}}}`+"\n", i%7%(1+i/10), i)
		want = append(want, fmt.Sprintf(`UPSERT shop.t%d {"id":%d}`, i%7%(1+i/10), i))
	}
	lines, err := read(text.String())
	require.NoError(t, err)
	assert.Equal(t, want, lines)
	requireSameAsFirst(t, text.String())
}

func TestAStateBesideARecordDoesNotChangeItsRow(t *testing.T) {
	lines, err := read(`{"type":"RECORD","record":{"s":{"t":{"id":1}}},"state":{}}` + "\n")
	require.NoError(t, err)
	assert.Equal(t, []string{`UPSERT s.t {"id":1}`}, lines)
}

// FuzzALineThatBeginsLikeEarlierOnesIsReadAsAFirstLine compares both ways to decode a line.
func FuzzALineThatBeginsLikeEarlierOnesIsReadAsAFirstLine(f *testing.F) {
	for _, row := range rowsOfEveryKind {
		f.Add(recordStart, row, "}}}")
	}
	f.Add(`{"type":"STATE","state":`, `{"orders":{"cursor":1}}`, "}")
	f.Add(`{"op":"DELETE","type":"RECORD","record":{"s":{"t":`, `{"id":1}`, "}}}\r")
	f.Fuzz(func(t *testing.T, start, row, end string) {
		requireSameAsFirst(t, start+"{}}}}\n"+start+row+end+"\n"+start+`{"id":1}}}}`+"\n"+start+row)
	})
}
