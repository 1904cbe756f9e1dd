package transport_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

// An account has floats in all positions in which a record can have them.
type account struct {
	ID      int64    `json:"id"`
	Balance float64  `json:"balance"`
	Limit   *float64 `json:"limit"`
	Rate    float32  `json:"rate"`
	Lines   []struct {
		Total amount `json:"total"`
	} `json:"lines"`
	Rates   []float64          `json:"rates"`
	ByMonth map[string]float64 `json:"by_month"`
	Own     float64            `json:"own" schema:"-"`
	Exact   schema.Decimal     `json:"exact"`
	Any     any                `json:"any"`
}

type amount float64

// slowAccount is an account that the decoder must read, because the names of two fields differ
// only in case.
type slowAccount struct {
	account
	A int `json:"a"`
	B int `json:"A"`
}

// digitWarnings passes a client for a text to read. It returns the log and
// the warnings for the platform's user.
func digitWarnings(t *testing.T, text string, read func(context.Context, *transport.Client) error) (string, map[string]int) {
	t.Helper()
	log := new(transporttest.LogRecord)
	client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }, log.Warnings())
	shown := map[string]int{}
	ctx := userwarning.With(t.Context(), func(_, message string, n int) { shown[message] += n })
	require.NoError(t, read(ctx, client))
	return log.String(), shown
}

// decodersOf are the functions that decode records of the type T.
func decodersOf[T any]() map[string]func(context.Context, *transport.Client) error {
	return map[string]func(context.Context, *transport.Client) error{
		"Records": func(ctx context.Context, c *transport.Client) error {
			_, err := collect(transport.Records[T](ctx, c, transport.Request{}, nil))
			return err
		},
		"Stream": func(ctx context.Context, c *transport.Client) error {
			_, err := collect(transport.Stream[T](ctx, c, transport.Request{}, format.JSON{}))
			return err
		},
		"Get": func(ctx context.Context, c *transport.Client) error {
			_, err := transport.Get[[]T](ctx, c, transport.Request{})
			return err
		},
	}
}

func testDigits[T any](t *testing.T) {
	t.Helper()
	const lost = `{"id":1,"balance":12345678901234562.89},{"id":9007199254740993,"balance":-1.2345678901234562891e3},{"limit":9007199254740993},` +
		`{"rate":16777217},{"lines":[{"total":1.0},{"total" : 0.1234567890123456789}]},{"rates":[1.5,99999999999999999.99]},{"by_month":{"5":99999999999999999.99}}`
	for name, read := range decodersOf[T]() {
		log, shown := digitWarnings(t, "["+lost+"]", read)
		lines := strings.Split(strings.TrimSpace(log), "\n")
		require.Len(t, lines, 6, "%s: one line for each field of a client:\n%s", name, log)
		path := map[bool]string{true: "[]", false: ""}[name == "Get"]
		for i, want := range []string{"balance", "limit", "rate", "lines[].total", "rates[]", "by_month.*"} {
			assert.Contains(t, lines[i], "level=WARN")
			assert.Contains(t, lines[i], "digits are lost")
			assert.Contains(t, lines[i], "member="+strings.TrimPrefix(path+"."+want, "."), name)
			assert.Contains(t, lines[i], `fix="use schema.Decimal"`)
		}
		assert.Contains(t, lines[0], "field=transport_test.account.Balance type=float64 keeps=\"15 to 17 digits\"")
		assert.NotContains(t, log, "123456", "no value of a record is shown")
		require.Len(t, shown, 6)
		times := 0
		for message, count := range shown {
			times += count
			assert.NotContains(t, message, "123456")
		}
		assert.Equal(t, 7, times)

		log, shown = digitWarnings(t, `[{"id":9007199254740993,"balance":0.1,"limit":100000000000000000000,"rate":0.1,"rates":[1.10000000000000000000,11e-1,0.30000000000000004,0.10000000000000001],`+
			`"own":12345678901234562.89,"exact":12345678901234562.89,"any":{"balance":12345678901234562.89},"unknown":12345678901234562.89}]`, read)
		assert.Empty(t, log, name)
		assert.Empty(t, shown)
	}
}

// Otherwise, 12345678901234562.89 silently becomes 12345678901234562.
func TestANumberWithMoreDigitsThanItsFloatHoldsIsReportedOncePerField(t *testing.T) {
	t.Run("read directly", testDigits[account])
	t.Run("read by the decoder", testDigits[slowAccount])
}

func TestTheWarningAboutLostDigitsSaysHowToKeepThem(t *testing.T) {
	_, shown := digitWarnings(t, `[{"balance":12345678901234562.89},{"balance":12345678901234562.89}]`, decodersOf[account]()["Records"])
	assert.Equal(t, map[string]int{
		"a number at balance of a record loses digits, because the Go type of transport_test.account.Balance, float64, keeps 15 to 17 of them: use schema.Decimal to keep all digits": 2,
	}, shown, fmt.Sprint(shown))
}

func TestLostDigitsOfAFileAreReported(t *testing.T) {
	type row struct {
		Name    string  `json:"name"`
		Balance float64 `json:"balance"`
	}
	for name, one := range map[string]struct {
		format format.Format
		text   string
	}{
		"NDJSON": {format.NDJSON{}, `{"balance":12345678901234562.89,"name":"9007199254740993"}` + "\n" + `{"balance":0.5}`},
		"CSV":    {format.CSV{}, "name,balance\n9007199254740993,12345678901234562.89\na,0.10000000000000000\n"},
	} {
		log, shown := digitWarnings(t, one.text, func(ctx context.Context, c *transport.Client) error {
			_, err := collect(transport.Stream[row](ctx, c, transport.Request{}, one.format))
			return err
		})
		assert.Equal(t, 1, strings.Count(log, "digits are lost"), "%s: %s", name, log)
		assert.Contains(t, log, "field=transport_test.row.Balance")
		require.Len(t, shown, 1)
	}
}

// A null and a lost digit of the same field are two problems.
func TestAFieldCanLoseBothNullsAndDigits(t *testing.T) {
	_, shown := digitWarnings(t, `[{"balance":null},{"balance":12345678901234562.89}]`, decodersOf[account]()["Records"])
	assert.Len(t, shown, 2)
}
