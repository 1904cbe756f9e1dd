package format_test

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

func TestInvalidUTF8IsReplacedWhereverItIsAndHalfOfASurrogatePairIsAnError(t *testing.T) {
	for _, record := range []string{"{\"s\":\"a\xffb\",\"n\":1}", "{\"n\":1.0,\"s\":\"a\xffb\"}", "{\"s\":\"a\xffb\",\"S\":\"x\",\"n\":1,\"\xfe\":0}"} {
		got, err := decodeString[struct {
			S string `json:"s"`
			N int    `json:"n"`
		}]("["+record+","+record+"]", format.JSON{})
		require.NoError(t, err, record)
		require.Len(t, got, 2)
		assert.Equal(t, "a\uFFFDb", got[1].S)
		assert.Equal(t, 1, got[1].N)
	}
	_, err := decodeOne[map[string]any](t, `[{"s":"\ud83d"}]`)
	assert.ErrorIs(t, err, format.ErrNotJSON)
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
	for digits, want := range map[string]int64{
		"100.0": 100, "1e3": 1000, "1.5e1": 15, "-7.00": -7, "9007199254740993": 9007199254740993, "9007199254740993.0": 9007199254740993,
		"-0.0": 0, "-0": 0, "0e5": 0, "0.000e-9999999999999": 0, "1.0E+2": 100, "1E18": 1e18, "9223372036854775807.0": math.MaxInt64, "-9.223372036854775808e18": math.MinInt64,
		"1200e-2": 12, "0.0012e4": 12, "123456789012345678.90e1": 1234567890123456789,
	} {
		t.Run(digits, func(t *testing.T) {
			got, err := decodeOne[integer](t, `[{"n":`+digits+`}]`)
			require.NoError(t, err)
			assert.Equal(t, want, got.N)
		})
	}
	for _, digits := range []string{"100.5", "1e-1", "1e300", "1e19", "9223372036854775808.0", "1e400", "1e999999999999999999999", "1e-999999999999999999999", "0.1", "1e", "1.", "NaN", "Infinity", "-1e-1", `"100.0"`} {
		t.Run(digits, func(t *testing.T) {
			got, err := decodeOne[integer](t, `[{"n":`+digits+`}]`)
			assert.Error(t, err, "decoded as %d", got.N)
		})
	}
}

func TestTheErrorOfANumberThatDoesNotFitNamesItsMember(t *testing.T) {
	for _, digits := range []string{"100.5", "1e19", "1e400"} {
		_, err := decodeOne[struct{ A struct{ N int64 } }](t, `[{"a":{"n":`+digits+`}}]`)
		assert.ErrorContains(t, err, "/a/n", digits)
	}
}

func TestAnIntegerIsReadInEveryNotationWhereverItIs(t *testing.T) {
	type named uint16
	type base struct {
		Embedded int32 `json:"embedded"`
	}
	type list[T any] struct{ Items []T }
	type all struct {
		base
		Pointer *int64            `json:"pointer"`
		List    []int             `json:"list"`
		Array   [2]int8           `json:"array"`
		Map     map[string]uint64 `json:"map"`
		Named   named             `json:"named"`
		Generic list[named]       `json:"generic"`
		Deep    map[string][]*all `json:"deep"`
		Text    int64             `json:"text,string"`
		Big     *big.Int          `json:"big"`
		Folded  int               `json:"folded"`
		Any     any               `json:"any"`
		Number  json.Number       `json:"number"`
		Raw     json.RawMessage   `json:"raw"`
		Decimal schema.Decimal    `json:"decimal"`
	}
	const text = `{"embedded":1.0,"pointer":1e0,"list":[1.0,2],"array":[1e0,-2.0],"map":{"a":1.8446744073709551615e19},"named":6.5535e4,` +
		`"generic":{"ITEMS":[1.0]},"deep":{"x":[{"list":[7.0]},null]},"text":"1.0","big":1e20,"FOLDED":1.0,"any":1.0,"number":1.0,"raw":[1.0],"decimal":1.0}`
	pointer := int64(1)
	want := all{
		base: base{1}, Pointer: &pointer, List: []int{1, 2}, Array: [2]int8{1, -2}, Map: map[string]uint64{"a": math.MaxUint64}, Named: 65535,
		Generic: list[named]{[]named{1}}, Deep: map[string][]*all{"x": {{List: []int{7}}, nil}}, Text: 1, Big: new(big.Int).Exp(big.NewInt(10), big.NewInt(20), nil), Folded: 1,
		Any: json.Number("1.0"), Number: "1.0", Raw: json.RawMessage("[1.0]"), Decimal: "1.0",
	}
	for _, f := range []struct {
		format format.Format
		text   string
	}{{format.JSON{}, "[" + text + "]"}, {format.NDJSON{}, text}} {
		got, err := decodeString[all](f.text, f.format)
		require.NoError(t, err)
		assert.Equal(t, []all{want}, got)
	}
	for _, text := range []string{`{"array":[1.5]}`, `{"array":[128.0]}`, `{"named":-1.0}`, `{"named":65536.0}`, `{"map":{"a":1e20}}`, `{"big":1.5}`} {
		_, err := decodeOne[all](t, "["+text+"]")
		assert.Error(t, err, text)
	}
}

func TestAHugeExponentTakesNoMemory(t *testing.T) {
	text := `[{"N":1e` + strings.Repeat("9", 1000) + `,"Big":1e999999999}]`
	assert.Less(t, testing.AllocsPerRun(5, func() {
		_, err := decodeOne[struct {
			N   int64
			Big *big.Int
		}](t, text)
		assert.Error(t, err)
	}), 1000.0)
}

func TestAnIntegerOfCSVMayHaveAFractionOfZeros(t *testing.T) {
	type row struct {
		N int64
		P *uint8
	}
	got, err := decodeString[row]("n,p\n100.0,7.00\n-3.,\n", format.CSV{})
	assert.Error(t, err, "a number needs digits behind its point")
	assert.EqualValues(t, 100, got[0].N)
	assert.EqualValues(t, 7, *got[0].P)
	for _, cell := range []string{"100.5", "1e3", "1.23457E+11", "1,000.0", "0x10"} {
		_, err := decodeString[row]("n\n"+`"`+cell+`"`+"\n", format.CSV{})
		assert.ErrorContains(t, err, "line 2", cell)
	}
}

func TestADecimalKeepsItsDigits(t *testing.T) {
	got, err := decodeOne[struct{ D schema.Decimal }](t, `[{"d":"19.90"}]`)
	require.NoError(t, err)
	assert.Equal(t, schema.Decimal("19.90"), got.D)
}
