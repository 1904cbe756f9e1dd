package main_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAQueryOfAnUnknownTableListsTheTables(t *testing.T) {
	b := newBench(t, "")
	out, failed := b.penstock("sync", "--", newScripted(t, map[string]string{"schema": `echo '{"schemas":{}}'`}).path)
	require.False(t, failed, out)
	out, failed = b.penstock("query", "select * from s.none")
	assert.True(t, failed)
	assert.Contains(t, out, "no such table: s.none; the warehouse has no tables yet\n")
	out, failed = b.penstock("sync", "--", newScripted(t, map[string]string{"sync": aRow}).path)
	require.False(t, failed, out)
	out, failed = b.penstock("query", "select * from s.none")
	assert.True(t, failed)
	assert.Contains(t, out, "no such table: s.none; the tables are s.t, s.u\n")
	out, failed = b.penstock("query", "select none from s.t")
	assert.True(t, failed)
	assert.NotContains(t, out, "the tables are")
}

func TestQueryWritesTablesCSVAndJSON(t *testing.T) {
	b := newBench(t, `{"team":"blue","flaw":"no"}`)
	b.penstock("sync", "--", tickets(t))
	const sql = "select id, title from help.tickets where id > 3"
	out, _ := b.penstock("query", sql)
	assert.Equal(t, "id                title\n4                 fourth\n9007199254740993  first\n2 rows\n", out)
	out, _ = b.penstock("query", "select '東京' as city, 1 as n union all select 'Oslo', 2 union all select '"+strings.Repeat("京", 30)+"', 3")
	assert.Equal(t, "city"+strings.Repeat(" ", 37)+"n\n東京"+strings.Repeat(" ", 37)+"1\nOslo"+strings.Repeat(" ", 37)+"2\n"+strings.Repeat("京", 19)+"…  3\n3 rows\n", out,
		"characters that are two columns wide on a terminal")
	out, _ = b.penstock("query", "-format", "json", sql)
	assert.Equal(t, `{"id":4,"title":"fourth"}`+"\n"+`{"id":9007199254740993,"title":"first"}`+"\n", out)
	out, _ = b.penstock("query", "-format", "json", `select max([id]) as id, 9e999 as "most", -9e999 as least, null as none, x'00ff' as bytes from [help.tickets]`)
	assert.Equal(t, `{"id":9007199254740993,"most":"Infinity","least":"-Infinity","none":null,"bytes":"AP8="}`+"\n", out)
	out, _ = b.penstock("query")
	assert.Regexp(t, `help\.tickets +3 +1 `, out)
	for sql, want := range map[string]string{
		"delete from help.tickets": "the statement would write",
		"select 1; select 2":       "want one SQL statement, got more than one",
		"select * from help.none":  "no such table: help.none",
	} {
		out, failed := b.penstock("query", sql)
		assert.True(t, failed, sql)
		assert.Contains(t, out, want)
	}
	assert.Equal(t, "4", b.query("select count(*) from help.tickets"))
}
