package connectortest_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
)

// digitsReport returns the report of Unread on rows of type T, whose source has a record
// with the number and one with a small number.
func digitsReport[T any](t *testing.T, number string) *connectortest.Report {
	t.Helper()
	source := withKey(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `[{"id":1,"name":"a","balance":%s},{"id":2,"name":"b","balance":1}]`, number)
	})
	return connectortest.Record(t, &apiRows[T]{Key: apiKey}, connectortest.Source(source), connectortest.Only(connectortest.RuleNames(), "Unread"))["Unread"]
}

func TestANumberThatLosesDigitsIsReported(t *testing.T) {
	t.Parallel()
	type double struct {
		ID      int64   `json:"id" schema:"primary_key"`
		Balance float64 `json:"balance"`
	}
	type single struct {
		ID      int64   `json:"id" schema:"primary_key"`
		Balance float32 `json:"balance"`
	}
	type exact struct {
		ID      int64          `json:"id" schema:"primary_key"`
		Balance schema.Decimal `json:"balance"`
	}
	type quoted struct {
		ID      int64   `json:"id" schema:"primary_key"`
		Balance float64 `json:"balance,string"`
	}
	for _, test := range []struct {
		number string
		report func(*testing.T, string) *connectortest.Report
		lost   bool
	}{
		{"12345678901234562.89", digitsReport[double], true},
		{"12345678901234562.89", digitsReport[exact], false},
		{"-12345678901234562.89", digitsReport[double], true},
		{"9007199254740993", digitsReport[double], true},
		{"9007199254740992", digitsReport[double], false},
		{"1234567.89", digitsReport[single], true},
		{"1234567.89", digitsReport[double], false},
		{"19.90", digitsReport[double], false},
		{"19.90", digitsReport[single], false},
		{"1.50E+3", digitsReport[double], false},
		{"1.23456789012345678901e30", digitsReport[double], false},
		{"0.1000000000000000055511151231257827", digitsReport[double], false}, // written by a source with float64
		{"19.899999999999999", digitsReport[double], false},                   // likewise
		{"52.52000659999999999999", digitsReport[double], false},              // a coordinate
		{"12345678901234567000", digitsReport[double], false},                 // a float64 with zeros
		{"0", digitsReport[double], false},
		{"-0.0", digitsReport[double], false},
	} {
		r := test.report(t, test.number)
		assert.Equal(t, test.lost, r.Failed(), "%s: %v", test.number, r)
		if test.lost {
			assert.Contains(t, r.String(), "table s.items: column balance has lost digits in 1 row: "+test.number+" of the source arrives as ")
		}
	}
	// The other record has its balance in quotes, too.
	source := withKey(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[{"id":1,"balance":"12345678901234562.89"},{"id":2,"balance":"2"}]`)
	})
	r := connectortest.Record(t, &apiRows[quoted]{Key: apiKey}, connectortest.Source(source), connectortest.Only(connectortest.RuleNames(), "Unread"))["Unread"]
	assert.Contains(t, r.String(), "12345678901234562.89 of the source arrives as")
}

// The column has another name than the member.
func TestANumberThatLosesDigitsUnderAnotherNameIsReported(t *testing.T) {
	t.Parallel()
	type renamed struct {
		ID      int64          `json:"id" schema:"primary_key"`
		Name    string         `json:"name"`
		Balance float64        `json:"balance" schema:"-"`
		Amount  schema.Decimal `json:"amount"`
	}
	type exactly struct {
		ID      int64          `json:"id" schema:"primary_key"`
		Name    string         `json:"name"`
		Balance schema.Decimal `json:"balance" schema:"-"`
		Amount  schema.Decimal `json:"amount"`
	}
	report := func(number string, c connector.Connector) *connectortest.Report {
		source := withKey(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `[{"id":1,"name":"a","balance":%s}]`, number)
		})
		return connectortest.Record(t, c, connectortest.Source(source), connectortest.Only(connectortest.RuleNames(), "Unread"))["Unread"]
	}
	asFloat := &apiRows[renamed]{Key: apiKey, set: func(r *renamed) { r.Amount = schema.Decimal(strconv.FormatFloat(r.Balance, 'f', 2, 64)) }}
	assert.Contains(t, report("12345678901234562.89", asFloat).String(), "table s.items: column amount has lost digits in 1 row: 12345678901234562.89 of the source arrives as 12345678901234562.00")
	assert.Empty(t, report("9007199254740993", asFloat).Failures, "it may be another ID")
	asDecimal := &apiRows[exactly]{Key: apiKey, set: func(r *exactly) { r.Amount = r.Balance }}
	assert.Empty(t, report("12345678901234562.89", asDecimal).Failures)
}
