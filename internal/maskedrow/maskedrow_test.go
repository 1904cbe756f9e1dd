package maskedrow_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/maskedrow"
	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/schema"
)

// types are the types of the columns of the tests.
var types = map[string]schema.Type{
	"blob": schema.TypeBinary, "amount": schema.TypeDecimal, "day": schema.TypeNaiveDate,
	"local": schema.TypeNaiveDatetime, "at": schema.TypeUTCDatetime, "text": schema.TypeString,
	"doc": schema.TypeJSON, "n": schema.TypeLong,
}

func typeOf(column string) schema.Type { return types[column] }

// masked returns a row without its secrets, and what was found in it.
func masked(t *testing.T, row string, secrets ...string) (clean string, found []string) {
	t.Helper()
	out, err := maskedrow.Row(redact.New(secrets), []byte(row), typeOf, func(m maskedrow.Member) error {
		found = append(found, fmt.Sprintf("%s=%s: %d, %d", m.Column, m.Value, m.Names, m.Values))
		return nil
	})
	require.NoError(t, err)
	return string(out), found
}

func TestAMaskedBinaryValueIsBase64(t *testing.T) {
	leak := base64.StdEncoding.EncodeToString([]byte("the key is hunter2-hunter2."))
	clean, found := masked(t, `{"blob":"`+leak+`","text":"x hunter2-hunter2","n":1}`, "hunter2-hunter2")
	assert.Equal(t, `{"blob":"`+base64.StdEncoding.EncodeToString([]byte("[redacted]"))+`","text":"x [redacted]","n":1}`, clean)
	assert.Equal(t, []string{`blob="` + leak + `": 0, 1`, `text="x hunter2-hunter2": 0, 1`}, found)
}

func TestNumbersDatesAndTimesAreNotMasked(t *testing.T) {
	row := `{"amount":"20260102.50","day":"2026-01-02","local":"2026-01-02T03:04:05","at":"2026-01-02T03:04:05Z","n":20260102,"doc":[20260102]}`
	clean, found := masked(t, row, "20260102", "2026-01-02", "2026-01-02T03:04:05")
	assert.Equal(t, row, clean)
	assert.Empty(t, found)
}

func TestASecretIsMaskedInAColumnThatDeclaresADate(t *testing.T) {
	clean, _ := masked(t, `{"day":"hunter2-hunter2","amount":"x hunter2-hunter2","at":["hunter2-hunter2"],"n":"hunter2-hunter2"}`, "hunter2-hunter2")
	assert.Equal(t, `{"day":"[redacted]","amount":"x [redacted]","at":["[redacted]"],"n":"[redacted]"}`, clean)
}

func TestASecretThatSpansAValueIsMaskedAsAWhole(t *testing.T) {
	const object, array = `{"user":"svc","pin":"Q9Q9Q9Q9Q9"}`, `[{"a":"abcdefgh1234"},{"a":"ijklmnop5678"}]`
	for _, value := range []string{
		object, array, `{"user": "svc", "pin": "Q9Q9Q9Q9Q9"}`, `[ {"a":"abcdefgh1234"} , {"a": "ijklmnop5678"} ]`, `{"a":[1,` + array + `],"n":1}`,
		`{"user":"svc","pin":"Q9Q9\u00519Q9Q9"}`, `[104,117,110,116,101,114,50,45,104]`, `[{"a":1,"b":[104,117,110,116, 101,114,50,45,104]}]`,
	} {
		clean, found := masked(t, `{"doc":`+value+`,"text":"x","n":1}`, object, array, "hunter2-h")
		assert.Equal(t, `{"doc":"[redacted]","text":"x","n":1}`, clean)
		assert.Equal(t, []string{"doc=" + value + ": 0, 1"}, found)
	}
	clean, found := masked(t, `{"doc":{"user": "svc","pin":"Q9Q9Q9Q9Q9"},"n":1}`, object)
	assert.Equal(t, `{"doc":"[redacted]","n":1}`, clean)
	assert.Equal(t, []string{`doc={"user": "svc","pin":"Q9Q9Q9Q9Q9"}: 0, 1`}, found)
	clean, _ = masked(t, `{"blob":[{"a":"abcdefgh1234"},{"a":"ijklmnop5678"}],"doc":[1234567890,{"n":1234567890}]}`, array, "1234567890")
	assert.Equal(t, `{"blob":"`+base64.StdEncoding.EncodeToString([]byte("[redacted]"))+`","doc":[1234567890,{"n":1234567890}]}`, clean)
}

func TestARowThatIsASecretIsMasked(t *testing.T) {
	row := `{"text":"svc","n":17,"blob":"Q9Q9Q9Q9","day":"2026-01-02","doc":["a"]}`
	clean, found := masked(t, row, row)
	assert.Equal(t, `{"text":"[redacted]","n":17,"blob":"`+base64.StdEncoding.EncodeToString([]byte("[redacted]"))+`","day":"2026-01-02","doc":"[redacted]"}`, clean)
	assert.Equal(t, []string{`text="svc": 0, 1`, `blob="Q9Q9Q9Q9": 0, 1`, `doc=["a"]: 0, 1`}, found)
}

func TestMaskedNamesStayDistinct(t *testing.T) {
	clean, found := masked(t, `{"hunter2-hunter2":1,"second\u002dsecret":2,"x":{"hunter2-hunter2":"second-secret"}}`, "hunter2-hunter2", "second-secret")
	assert.Equal(t, `{"[redacted]":1,"[redacted] 2":2,"x":{"[redacted]":"[redacted]"}}`, clean)
	assert.Equal(t, []string{`hunter2-hunter2=1: 1, 0`, `second-secret=2: 1, 0`, `x={"hunter2-hunter2":"second-secret"}: 0, 2`}, found)
}

// A reader would lose one of two members of the same name.
func TestAMaskedNameDiffersFromTheOtherNames(t *testing.T) {
	for row, want := range map[string]string{
		`{"id":1,"[redacted]":"a","hunter2-hunter2":2}`:                                           `{"id":1,"[redacted]":"a","[redacted] 2":2}`,
		`{"hunter2-hunter2":2,"[redacted]":"a"}`:                                                  `{"[redacted] 2":2,"[redacted]":"a"}`,
		`{"hunter2-hunter2":1,"\u005bredacted] 2":2,"second-secret":3,"[redacted]":4}`:            `{"[redacted] 3":1,"[redacted] 2":2,"[redacted] 4":3,"[redacted]":4}`,
		`{"é\"<hunter2-hunter2":1,"é\"<[redacted]":2}`:                                            `{"é\"<[redacted] 2":1,"é\"<[redacted]":2}`,
		`{"x":[{"[redacted]":1},{"hunter2-hunter2":2}],"y":{"hunter2-hunter2":3,"[redacted]":4}}`: `{"x":[{"[redacted]":1},{"[redacted]":2}],"y":{"[redacted] 2":3,"[redacted]":4}}`,
		`{"x":{"hunter2-hunter2":{"[redacted]":1},"[redacted]":2},"hunter2-hunter2":3}`:           `{"x":{"[redacted] 2":{"[redacted]":1},"[redacted]":2},"[redacted]":3}`,
	} {
		clean, _ := masked(t, row, "hunter2-hunter2", "second-secret")
		assert.JSONEq(t, want, clean)
		assert.Len(t, clean, len(want))
	}
}

func TestMaskingKeepsRepeatedColumns(t *testing.T) {
	clean, _ := masked(t, `{"text":"hunter2-hunter2","text":"b"}`, "hunter2-hunter2")
	assert.Equal(t, `{"text":"[redacted]","text":"b"}`, clean)
}

func TestMaskingRefusesARowThatIsNotAnObject(t *testing.T) {
	for _, row := range []string{``, `["hunter2-hunter2"]`, `{"text":"hunter2-hunter2"`, `{"text":"hunter2-hunter2",`, `{"text"}`, `"hunter2-hunter2"`} {
		_, err := maskedrow.Row(redact.New([]string{"hunter2-hunter2"}), []byte(row), typeOf, func(maskedrow.Member) error { return nil })
		assert.Error(t, err, row)
	}
}

func TestAnErrorOfFoundEndsTheMasking(t *testing.T) {
	refused := errors.New("refused")
	_, err := maskedrow.Row(redact.New([]string{"hunter2-hunter2"}), []byte(`{"text":"hunter2-hunter2"}`), typeOf, func(maskedrow.Member) error { return refused })
	assert.ErrorIs(t, err, refused)
}
