package connectortest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestAssertionsCompareDigitsAndSayWhatDiffers(t *testing.T) {
	sync := connectortest.Sync(t, &script{tables: []schema.Table{keyed}, sync: func(st state.State, out connector.Emitter) error {
		_ = out.Upsert("keyed", raw(`{"id":9007199254740993,"name":null,"data":{"b":[1.50],"a":1}}`))
		_ = out.Upsert("keyed", raw(`{"id":2,"name":"b"}`))
		_ = out.Delete("keyed", raw(`{"id":3}`))
		return st.Table("keyed").Set("cursor", int64(9007199254740993))
	}})
	for _, test := range []struct {
		name   string
		assert func(testing.TB) bool
		want   string
	}{
		{"equal rows", func(t testing.TB) bool {
			return connectortest.AssertRows(t, sync, "keyed", `[{"data":{"a":1,"b":[1.50]},"id":9007199254740993},{"id":2,"name":"b"}]`)
		}, ""},
		{"equal deletes", func(t testing.TB) bool { return connectortest.AssertDeletes(t, sync, "keyed", `[{"id":3}]`) }, ""},
		{"equal states", func(t testing.TB) bool {
			return connectortest.AssertState(t, sync, `{ "keyed": {"cursor":9007199254740993} }`)
		}, ""},
		{"no rows of another table", func(t testing.TB) bool { return connectortest.AssertRows(t, sync, "events", `[]`) }, ""},
		{"a digit", func(t testing.TB) bool {
			return connectortest.AssertRows(t, sync, "keyed", `[{"data":{"a":1,"b":[1.5]},"id":9007199254740992},{"id":2,"name":"b"}]`)
		}, `other rows of table keyed than are wanted:
    - row 1: {"data":{"a":1,"b":[1.5]},"id":9007199254740992}
    + row 1: {"data":{"a":1,"b":[1.50]},"id":9007199254740993}`},
		{"a row too few", func(t testing.TB) bool { return connectortest.AssertDeletes(t, sync, "keyed", `[{"id":3},{"id":4}]`) },
			"other keys deleted from table keyed than are wanted:\n    - row 2: {\"id\":4}"},
		{"another state", func(t testing.TB) bool {
			return connectortest.AssertState(t, sync, `{"keyed":{"cursor":9007199254740992}}`)
		}, `the state is another one:
    want {"keyed":{"cursor":9007199254740992}}
    got  {"keyed":{"cursor":9007199254740993}}`},
		{"what is no JSON", func(t testing.TB) bool { return connectortest.AssertRows(t, sync, "keyed", `{`) },
			"the rows of table keyed that are wanted are no JSON array: unexpected end of JSON input"},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake := &fakeTB{TB: t}
			assert.Equal(t, test.want == "", test.assert(fake))
			assert.Equal(t, test.want, fake.failure)
		})
	}
}
