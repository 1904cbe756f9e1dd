package connector_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
)

func TestATablesErrorRepeatsNoText(t *testing.T) {
	failure := func(table, text string) connector.TableFailure {
		return connector.TableFailure{Table: table, Err: errors.New(text)}
	}
	for want, failures := range map[string][]connector.TableFailure{
		"2 of 5 tables failed: a: no access; b: not found":        {failure("a", "no access"), failure("b", "not found")},
		"3 of 5 tables failed: a, c: login: no access; b: closed": {failure("a", "login: no access"), failure("b", "closed"), failure("c", "login: no access")},
		"1 of 5 tables failed: a: <nil>":                          {{Table: "a"}},
		"0 of 5 tables failed":                                    nil,
	} {
		assert.EqualError(t, &connector.TablesError{Total: 5, Failures: failures}, want)
	}
}
