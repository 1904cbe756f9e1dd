package format_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func TestJSONReadsTheArrayAtAPath(t *testing.T) {
	for text, at := range map[string]string{
		`[{"id":1},{"id":2}]`: "", "\xef\xbb\xbf [ {\"id\":1} , {\"id\":2} ] \n": "",
		`{"meta":{"a":[1,{"data":[]}]},"data":[{"id":1},{"id":2}],"next":null}`: "data",
		`{"x":[0,{"y":{"z":[{"id":1},{"id":2}]}},5]}`:                           "x.1.y.z",
		`{"a.b":[{"id":1},{"id":2}]}`:                                           "/a.b",
	} {
		got, err := decodeString[transporttest.Item](text, format.JSON{At: at})
		assert.NoError(t, err, text)
		assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got), text)
	}
	for _, text := range []string{`{"data":[]}`, `{"data":null}`} {
		got, err := decodeString[transporttest.Item](text, format.JSON{At: "data"})
		assert.NoError(t, err)
		assert.Empty(t, got)
	}
}

func TestJSONThatIsTruncatedNotJSONOrWithoutRecordsIsAnErrorOfItsKind(t *testing.T) {
	for text, want := range map[string]error{
		`{"data":[{"id":1}`: format.ErrCut, `{"data":[{"id":1}]`: format.ErrCut, `{"data":[{"id":1},`: format.ErrCut, `{"da`: format.ErrCut, ``: format.ErrCut,
		`{"data":[{"id":1}]} x`: format.ErrNotJSON, `{"data":[{"id":1} {}]}`: format.ErrNotJSON, `<html>`: format.ErrNotJSON,
		`{"items":[]}`: format.ErrNoRecords, `{"data":{}}`: format.ErrNoRecords, `5`: format.ErrNoRecords, `{}`: format.ErrNoRecords,
	} {
		_, err := decodeString[transporttest.Item](text, format.JSON{At: "data"})
		assert.ErrorIs(t, err, want, text)
	}
}

func TestTheErrorOfAJSONRecordNamesTheRecord(t *testing.T) {
	_, err := decodeString[transporttest.Item](`[{"id":1},null]`, format.JSON{})
	assert.ErrorContains(t, err, "record 2")
	_, err = decodeString[transporttest.Item](`[{"id":1},{"id":"x"}]`, format.JSON{})
	assert.ErrorContains(t, err, "decode record 2 as transporttest.Item")
}

func TestAPathWithAWildcardOrANilFormatIsAnError(t *testing.T) {
	_, err := decodeString[transporttest.Item](`[]`, format.JSON{At: "a.*"})
	assert.ErrorContains(t, err, "does not support wildcards")
	_, err = decodeString[transporttest.Item](`[]`, nil)
	assert.ErrorContains(t, err, "no format")
}

func TestNumbersKeepTheirDigitsAndInvalidUTF8IsReplaced(t *testing.T) {
	maps, err := decodeString[map[string]any]("[{\"id\":9007199254740993,\"s\":\"a\xffb\"}]", format.JSON{})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"id": json.Number("9007199254740993"), "s": "a\uFFFDb"}, maps[0])
	raws, err := decodeString[json.RawMessage]("[{\"s\":\"a\xffb\"},2]", format.JSON{})
	require.NoError(t, err)
	assert.Equal(t, "{\"s\":\"a\uFFFDb\"}", string(raws[0]))
	assert.Equal(t, "2", string(raws[1]))
}

// decodeOne decodes the first record of a JSON array.
func decodeOne[T any](t testing.TB, text string) (T, error) {
	t.Helper()
	for record, err := range format.Decode[T](strings.NewReader(text), format.JSON{}) {
		return record, err
	}
	require.Fail(t, "no record", text)
	panic("unreachable")
}

// RFC 8259 §6 defines one kind of number: 100, 100.0 and 1e2 are equal.
func TestAnIntegerIsReadInEveryNotation(t *testing.T) {
	type integer struct {
		N int64 `json:"n"`
	}
	knownfault.Run(t, []string{"100.0", "1e3", "1.5e1", "-7.00", "9007199254740993.0"}, func(t *knownfault.T) {
		for digits, want := range map[string]int64{
			"100.0": 100, "1e3": 1000, "1.5e1": 15, "-7.00": -7, "9007199254740993": 9007199254740993, "9007199254740993.0": 9007199254740993,
		} {
			t.Run(digits, func(t *knownfault.T) {
				got, err := decodeOne[integer](t, `[{"n":`+digits+`}]`)
				require.NoError(t, err)
				assert.Equal(t, want, got.N)
			})
		}
		for _, digits := range []string{"100.5", "1e-1", "1e300"} {
			t.Run(digits, func(t *knownfault.T) {
				got, err := decodeOne[integer](t, `[{"n":`+digits+`}]`)
				assert.Error(t, err, "decoded as %d", got.N)
			})
		}
	})
}

func TestADecimalKeepsItsDigits(t *testing.T) {
	got, err := decodeOne[struct{ D schema.Decimal }](t, `[{"d":"19.90"}]`)
	require.NoError(t, err)
	assert.Equal(t, schema.Decimal("19.90"), got.D)
}
