package value_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/value"
)

// want is the time of most texts below.
var want = time.Date(2024, 5, 1, 12, 30, 15, 0, time.UTC)

func TestParseTimeAcceptsTheFormatsThatSourcesWrite(t *testing.T) {
	for _, in := range []string{"2024-05-01T12:30:15Z", "2024-05-01T14:30:15+02:00", "2024-05-01T14:30:15+0200", "2024-05-01T14:30:15+02", "2024-05-01T12:30:15",
		"2024-05-01 12:30:15", "2024-05-01 14:30:15+02:00", "2024-05-01 14:30:15 +0200", "2024-05-01 12:30:15 UTC", "2024-05-01 12:30:15.000000", "20240501T123015Z",
		"Wed, 01 May 2024 12:30:15 GMT", "Wed, 1 May 2024 14:30:15 +0200", "Wed May  1 12:30:15 2024", "1714566615", "1714566615000", "1714566615000000", "1714566615000000000",
		"1714566615.0", "1714566615000.000", "1714566615000000000.0", "2024-05-01t12:30:15z", "2024-05-01t14:30:15+02:00", " 2024-05-01T12:30:15Z "} {
		got, err := value.ParseTime(in)
		assert.NoError(t, err, in)
		assert.True(t, want.Equal(got), "%s: %v", in, got)
	}
	for in, want := range map[string]time.Time{
		"2024-05-01": time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC), "2024-05": time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC), "01 May 2024": time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC), "2024-05-01 12:30": want.Truncate(time.Minute), "2024-05-01T12:30Z": want.Truncate(time.Minute),
		"1714566615.123456789": want.Add(123456789), "2024-05-01T12:30:15.123456789Z": want.Add(123456789), "1714566615123": want.Add(123 * time.Millisecond),
		"1714566615123.456": want.Add(123456 * time.Microsecond), "1714566615123.4567891": want.Add(123456789), "1714566615123456.789": want.Add(123456789), "1714566615.1234567899": want.Add(123456789),
	} {
		got, err := value.ParseTime(in)
		assert.NoError(t, err, in)
		assert.True(t, want.Equal(got), "%s: %v", in, got)
	}
}

func TestTextThatIsAmbiguousOrNotATimeIsAnError(t *testing.T) {
	for _, in := range []string{"", "05/06/2024", "01.02.2024", "20240501", "2024", "yesterday", "2024-13-01", "2024-05-01 12:30:15 CEST", "-1714566615", "1714566615.", "1714566615.x", "99999999999",
		"5.5", "45413.520833", "20240501.5", "0.5", "1.714566615e9", "10000000000.5", ".5", "9999999999999999999"} {
		_, err := value.ParseTime(in)
		assert.Error(t, err, in)
	}
}

func TestParseTimeWithLayoutsAcceptsNoOthers(t *testing.T) {
	got, err := value.ParseTime("05/06/2024", "02/01/2006")
	require.NoError(t, err)
	assert.Equal(t, time.Month(6), got.Month())
	_, err = value.ParseTime("2024-05-01", "02/01/2006", "02.01.2006")
	assert.Error(t, err)
}

func TestATimeIsDecodedFromJSONAndCSVAndEncodedAsRFC3339(t *testing.T) {
	rows, err := transporttest.Collect(format.Decode[struct{ A, B, C, D value.Time }](strings.NewReader(`[{"a":1714566615,"b":"2024-05-01 12:30:15","c":null,"d":""}]`), format.JSON{}))
	require.NoError(t, err)
	assert.True(t, rows[0].A.Equal(want) && rows[0].B.Equal(want) && rows[0].C.IsZero() && rows[0].D.IsZero())
	csv, err := transporttest.Collect(format.Decode[struct{ A, B value.Time }](strings.NewReader("a,b\n1714566615,\n"), format.CSV{}))
	require.NoError(t, err)
	assert.True(t, csv[0].A.Equal(want) && csv[0].B.IsZero())
	b, err := rows[0].A.MarshalJSON()
	require.NoError(t, err)
	assert.Equal(t, `"2024-05-01T12:30:15Z"`, string(b))
}

// RFC 8259, section 6, knows one kind of number.
func TestATimeIsDecodedFromANumberInEverySpelling(t *testing.T) {
	for number, nanos := range map[string]time.Duration{
		"1714566615": 0, "1714566615.0": 0, "1.714566615e9": 0, "1.714566615E+12": 0, "17145666150e-1": 0, "1714566615000.0": 0,
		"1.714566615123456789e9": 123456789, "1714566615123456789e-9": 123456789, "1.7145666151239999999999e9": 123999999,
	} {
		var got value.Time
		require.NoError(t, got.UnmarshalJSON([]byte(number)), number)
		assert.True(t, want.Add(nanos).Equal(got.Time), "%s: %v", number, got)
	}
	for _, number := range []string{"1e3", "1e999999999", "1e-999999999", "1e20", "0e9", "-1.7e9", "1.7e8e", `"1.714566615e9"`, strings.Repeat("1", 100) + "e1"} {
		var got value.Time
		assert.Error(t, got.UnmarshalJSON([]byte(number)), number)
	}
}

func TestTheDigitsOfACalendarAreNotAUnixTime(t *testing.T) {
	for in, nanos := range map[string]time.Duration{
		"20240501123015": 0, "20240501123015.0": 0, "20240501123015Z": 0, "20240501143015+0200": 0, "20240501123015.25Z": 250 * time.Millisecond, "20240501123015.25": 250 * time.Millisecond,
		"20240501123015123": 123 * time.Millisecond, "20240501123015123456": 123456 * time.Microsecond, "20240501123015123456789": 123456789, "20240501123015.1234567899": 123456789,
	} {
		got, err := value.ParseTime(in)
		require.NoError(t, err, in)
		assert.True(t, want.Add(nanos).Equal(got), "%s: %v", in, got)
	}
	for _, in := range []string{"2024050112", "2024050112.0", "202405011230", "1999123123", "199912312359", "202405011230151", "2024050112301512", "202405011230151234", "2024050112301512345"} {
		_, err := value.ParseTime(in)
		assert.ErrorContains(t, err, "could be a Unix time or the digits of a date", in)
	}
	for _, in := range []string{"20241301123015", "20240532123015", "20240501243015", "20240230123015", "18990501123015", "21000501123015", "20240501126015", "20240501123015123.5", "202405011230151234567890"} {
		_, err := value.ParseTime(in)
		assert.Error(t, err, in)
	}
	got, err := value.ParseTime("202405011230", "200601021504")
	require.NoError(t, err)
	assert.Equal(t, want.Truncate(time.Minute), got)
}

func TestDigitsThatAreNotADateAreAUnixTime(t *testing.T) {
	for in, year := range map[string]int{
		"2024130112": 2034, "1999999999": 2033, "2051222400": 2035, "2024050112.5": 2034, "202413011230": 1976, "694224000000": 1992, "1714566615": 2024, "1900000000": 2030, "2099000000": 2036, "1714566615123": 2024,
	} {
		got, err := value.ParseTime(in)
		require.NoError(t, err, in)
		assert.Equal(t, year, got.Year(), in)
	}
}

func TestAJSONNumberIsAUnixTimeUnlessItWouldBeOneOf1976(t *testing.T) {
	for in, year := range map[string]int{"2024050112": 2034, "2.024050112e9": 2034, "2024050112301512": 2034, "20240501123015": 2024, "20240501123015123": 2024} {
		var got value.Time
		require.NoError(t, got.UnmarshalJSON([]byte(in)), in)
		assert.Equal(t, year, got.Year(), in)
	}
	for _, in := range []string{"202405011230", `"2024050112"`, "202405011230151234"} {
		var got value.Time
		assert.ErrorContains(t, got.UnmarshalJSON([]byte(in)), "could be", in)
	}
}

// Sources send the last day of 9999 for a time that has no end. By the number of their
// digits, these would be times of 1978.
func TestTheLastDayOf9999IsAUnixTime(t *testing.T) {
	for in, want := range map[string]string{
		"253402214400":          "9999-12-31T00:00:00Z",
		"253402300799":          "9999-12-31T23:59:59Z",
		"253402300799.5":        "9999-12-31T23:59:59.5Z",
		"253402214400000":       "9999-12-31T00:00:00Z",
		"253402300799999":       "9999-12-31T23:59:59.999Z",
		"253402300799000.0":     "9999-12-31T23:59:59Z",
		"253402300799999999":    "9999-12-31T23:59:59.999999Z",
		"253402171200000":       "9999-12-30T12:00:00Z", // midnight in New Zealand
		"253000000000":          "1978-01-07T05:46:40Z",
		"253500000000":          "1978-01-13T00:40:00Z",
		"253500000000000":       "1978-01-13T00:40:00Z",
		"253402300799999999000": "",
	} {
		got, err := value.ParseTime(in)
		if want == "" {
			assert.Error(t, err, in)
			continue
		}
		require.NoError(t, err, in)
		assert.Equal(t, want, got.Format(time.RFC3339Nano), in)
	}
	var v value.Time
	require.NoError(t, v.UnmarshalJSON([]byte("2.53402300799e11")))
	assert.Equal(t, 9999, v.Year())
}
