package main_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExplainReportsProblemsThatAppearInProduction(t *testing.T) {
	const schema = `{"schemas":{"s":{"tables":{"t":{"columns":{"id":{"type":"LONG","primary_key":true},"price":{"type":"STRING"},"day":{"type":"STRING"},"json":{"type":"STRING"},"text":{"type":"STRING"},"never":{"type":"STRING"},"zip":{"type":"STRING"},"updated_at":{"type":"UTC_DATETIME"}}}}}}}`
	var lines []string
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range 30 {
		updated := at.Add(time.Duration(n) * time.Minute)
		if n == 7 {
			updated = at
		}
		if n == 29 {
			updated = time.Now().UTC().Add(time.Hour).Truncate(time.Second)
		}
		lines = append(lines, fmt.Sprintf(`{"type":"RECORD","record":{"s":{"t":{"id":%d,"price":"%d.50","day":"2026-01-%02d","json":"{\"a\":1}","text":"word %d","zip":"0%d","updated_at":%q}}}}`,
			n%29, n, n%28+1, n, n, updated.Format(time.RFC3339)))
		if n == 10 {
			lines = append(lines, `{"type":"STATE","state":{"t":{"cursor":"2026-01-01T00:10:00Z"}}}`)
		}
	}
	lines = append(lines, fmt.Sprintf(`{"type":"STATE","state":{"t":{"cursor":%q},"seen":%q}}`, strings.Split(lines[len(lines)-1], `"updated_at":"`)[1][:20], strings.Repeat("x", 20<<10)))
	b := newBench(t, "")
	out, failed := b.penstock("sync", "-explain", "--", recorded(t, schema, lines...))
	require.False(t, failed, out)
	for _, want := range []string{
		"s.t: 1 time, a primary key was delivered again with a different row",
		"s.t.price is a STRING, but all its 30 values look like numbers",
		"s.t.day is a STRING, but all its 30 values look like dates",
		"s.t.json is a STRING, but 30 of its 30 values hold JSON with escaped quotes",
		"s.t: columns that never had a value: never",
		"s.t.updated_at seems to be the cursor, but 1 row had a smaller value than the previous row",
		"s.t.updated_at holds 1 value in the future, by up to ",
		"the state grew from 39 B to 20 KB",
	} {
		assert.Contains(t, out, want)
	}
	assert.NotContains(t, out, "s.t.text is")
	assert.NotContains(t, out, "s.t.zip is")
	plain, _ := b.penstock("summary")
	assert.Contains(t, plain, "look at: s.t.price is a STRING")
}

func TestExplainAcceptsNumbersInAStringColumn(t *testing.T) {
	b := newBench(t, "")
	out, failed := b.penstock("sync", "-explain", "--", recorded(t, `{"schemas":{"s":{"tables":{"t":{"columns":{"id":{"type":"LONG","primary_key":true},"a":{"type":"STRING"}}}}}}}`,
		`{"type":"RECORD","record":{"s":{"t":{"id":1,"a":2}}}}`,
		`{"type":"STATE","state":{}}`))
	assert.False(t, failed, out)
}

func TestExplainSeesARowThatAddsAColumnOnce(t *testing.T) {
	b := newBench(t, "")
	out, _ := b.penstock("sync", "-explain", "--", recorded(t, `{"schemas":{"s":{"tables":{"t":{"columns":{"id":{"type":"LONG","primary_key":true}}}}}}}`,
		`{"type":"RECORD","record":{"s":{"t":{"id":1,"a":"1","j":1}}}}`,
		`{"type":"RECORD","record":{"s":{"t":{"id":1,"a":"2","j":2}}}}`,
		`{"type":"STATE","state":{}}`))
	assert.Contains(t, out, "s.t: 1 time, a primary key was delivered again with a different row")
}

func TestExplainFindsNoRepeatedKeyInRowsThatReplaceNoOthers(t *testing.T) {
	b := newBench(t, "")
	schema := `{"schemas":{"s":{"tables":{"keyed":{"columns":{"id":{"type":"LONG","primary_key":true},"a":{"type":"STRING"}}},"keyless":{"columns":{"a":{"type":"STRING"}}}}}}}`
	out, failed := b.penstock("sync", "-explain", "--", recorded(t, schema,
		`{"type":"RECORD","op":"TRUNCATE","record":{"s":{"keyless":{}}}}`,
		`{"type":"RECORD","record":{"s":{"keyless":{"a":"x"}}}}`,
		`{"type":"RECORD","record":{"s":{"keyless":{"a":"y"}}}}`,
		`{"type":"RECORD","record":{"s":{"keyed":{"id":1,"a":"x"}}}}`,
		`{"type":"RECORD","op":"TRUNCATE","record":{"s":{"keyed":{}}}}`,
		`{"type":"RECORD","record":{"s":{"keyed":{"id":1,"a":"y"}}}}`,
		`{"type":"STATE","state":{"n":1}}`))
	require.False(t, failed, out)
	assert.NotContains(t, out, "delivered again")
}
