package schema_test

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// timesOf returns the canonical form of a time in a column of each type that it
// fits, as package time writes it.
func timesOf(at time.Time) map[schema.Type]string {
	quoted := func(at time.Time, layout string) string {
		if at.Year() < 0 || at.Year() > 9999 {
			return "null"
		}
		return strconv.Quote(at.Format(layout))
	}
	zoned := at
	if _, offset := at.Zone(); offset%60 != 0 || offset <= -24*3600 || offset >= 24*3600 || quoted(at, "") == "null" {
		zoned = at.UTC()
	}
	return map[schema.Type]string{
		schema.TypeUTCDatetime: quoted(at.UTC(), time.RFC3339Nano), schema.TypeString: quoted(at.UTC(), time.RFC3339Nano),
		schema.TypeNaiveDatetime: quoted(at, "2006-01-02T15:04:05.999999999"), schema.TypeNaiveDate: quoted(at, time.DateOnly),
		schema.TypeJSON: quoted(zoned, time.RFC3339Nano),
	}
}

func requireTimes(t *testing.T, at time.Time) {
	t.Helper()
	for typ, want := range timesOf(at) {
		if at.IsZero() {
			want = "null"
		}
		table := oneOf(typ)
		table.Unfit = schema.NullUnfit
		require.Equal(t, `{"v":`+want+`}`, appendRow(t, table, row(at), schema.Full), "%v %v", typ, at)
	}
}

// FuzzTime compares times with those that package time formats.
func FuzzTime(f *testing.F) {
	for _, seconds := range []int64{0, -1, 1767323045, -62135596800, -62167219200, -62167219201, 253402300799, 253402300800, 951782400, math.MaxInt64, math.MinInt64} {
		f.Add(seconds, int64(0), 0)
		f.Add(seconds, int64(123456000), 3600)
		f.Add(seconds, int64(1), -3661)
		f.Add(seconds, int64(999999999), 90000)
	}
	f.Fuzz(func(t *testing.T, seconds, nanoseconds int64, offset int) {
		at := time.Unix(seconds, nanoseconds)
		requireTimes(t, at)
		requireTimes(t, at.UTC())
		requireTimes(t, at.In(time.FixedZone("", offset%100_000)))
	})
}

func TestEachDateIsThatOfPackageTime(t *testing.T) {
	for at := time.Date(-1, 12, 30, 0, 0, 0, 0, time.UTC); at.Year() <= 10_000; at = at.AddDate(0, 0, 1) {
		if step := at.Year() % 400; step > 4 && step < 96 || step > 104 && step < 396 {
			at = at.AddDate(90, 0, 0)
		}
		requireTimes(t, at.Add(86_399*time.Second))
	}
}

// FuzzTimeText compares text that is recognized as a time with text that is parsed.
func FuzzTimeText(f *testing.F) {
	for _, seed := range []string{
		"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456+00:00", "2026-01-02T03:04:05-00:00", "2024-02-29T23:59:59.9Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2000-02-29T00:00:00Z",
		"0000-02-29T00:00:00Z", "2026-01-02T24:00:00Z", "2026-01-02T03:60:05Z", "2026-01-02T03:04:60Z", "2026-13-02T03:04:05Z", "2026-00-02T03:04:05Z", "2026-01-00T03:04:05Z", "2026-04-31T03:04:05Z",
		"2026-01-02t03:04:05z", "2026-01-02T03:04:05,5Z", "2026-01-02T03:04:05.Z", "2026-01-02 03:04:05Z", "2026-01-02T03:04:05", "2026-01-02", "2023-02-29", "12026-01-02T03:04:05Z", "2026/01-02T03:04:05Z",
		"2026-01-02T03:04:05+02:00", "0000-01-01T00:00:00+01:00", "infinity", "", "Z", "+00:00", "2026-01-02T03:04:0:Z", "2026-01-02T03:04:05.0123456789012Z", "202\xb6-01-02T03:04:05Z",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		utc, isUTC := schema.ParsedUTC(text)
		for _, c := range []struct {
			typ  schema.Type
			want string
			ok   bool
		}{
			{schema.TypeUTCDatetime, utc, isUTC}, {schema.TypeNaiveDatetime, text, schema.ParsedNaive(text)}, {schema.TypeNaiveDate, text, schema.ParsedDate(text)},
		} {
			got, err := schema.NewEncoder(oneOf(c.typ), nil).Append(nil, row(text), schema.Full)
			require.Equal(t, c.ok, err == nil, "%v %q: %v", c.typ, text, err)
			if err == nil {
				require.Equal(t, `{"v":"`+c.want+`"}`, string(got))
			}
		}
	})
}
