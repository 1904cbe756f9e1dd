package connectortest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestAssertionsCompareDigitsAndReportDifferences(t *testing.T) {
	sync := connectortest.Sync(t, &script{tables: []schema.Table{keyed}, sync: func(st state.State, out connector.Emitter) error {
		_ = out.Upsert("keyed", raw(`{"id":9007199254740993,"name":null,"data":{"b":[1.50],"a":1}}`))
		_ = out.Upsert("keyed", raw(`{"id":2,"name":"b"}`))
		_ = out.Delete("keyed", raw(`{"id":3}`))
		return st.Table("keyed").Set("cursor", int64(9007199254740993))
	}})
	for _, test := range []struct{ name, of, want, failure string }{
		{"equal rows", "rows", `[{"data":{"a":1,"b":[1.50]},"id":9007199254740993},{"id":2,"name":"b"}]`, ""},
		{"equal deletes", "deletes", `[{"id":3}]`, ""},
		{"equal states", "state", `{ "keyed": {"cursor":9007199254740993} }`, ""},
		{"a digit", "rows", `[{"data":{"a":1,"b":[1.5]},"id":9007199254740992},{"id":2,"name":"b"}]`, `unexpected rows of table keyed (- want, + got):
    - row 1: {"data":{"a":1,"b":[1.5]},"id":9007199254740992}
    + row 1: {"data":{"a":1,"b":[1.50]},"id":9007199254740993}`},
		{"a row too few", "deletes", `[{"id":3},{"id":4}]`, "unexpected keys deleted from table keyed (- want, + got):\n    - row 2: {\"id\":4}"},
		{"another state", "state", `{"keyed":{"cursor":9007199254740992}}`, `unexpected state:
    want {"keyed":{"cursor":9007199254740992}}
    got  {"keyed":{"cursor":9007199254740993}}`},
		{"invalid JSON", "rows", `{`, "the wanted rows of table keyed are not a JSON array: unexpected end of JSON input"},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake := &fakeTB{TB: t}
			equal := false
			switch test.of {
			case "rows":
				equal = connectortest.AssertRows(fake, sync, "keyed", test.want)
			case "deletes":
				equal = connectortest.AssertDeletes(fake, sync, "keyed", test.want)
			case "state":
				equal = connectortest.AssertState(fake, sync, test.want)
			}
			assert.Equal(t, test.failure == "", equal)
			assert.Equal(t, test.failure, fake.failure)
		})
	}
	assert.True(t, connectortest.AssertRows(t, sync, "events", `[]`))
}
