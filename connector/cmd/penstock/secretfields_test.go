package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSecretFieldsAreThoseThatTheSpecCallsSecret(t *testing.T) {
	for spec, want := range map[string]map[string][]string{
		`{"properties":{"a":{"writeOnly":true},"b":{"format":"password"},"c":{"x-rotates":true},"d":{"airbyte_secret":true},"e":{"type":"string"}}}`: {"a": {"1"}, "b": {"2"}, "c": {"3"}, "d": {"4"}},
		`{"properties":{"o":{"properties":{"in":{"writeOnly":true},"out":{}}}}}`:                                                                     {"o.in": {"5"}},
		`{"properties":{"o":{"oneOf":[{"$ref":"#/$defs/o"},{"type":"null"}]}},"$defs":{"o":{"properties":{"in":{"format":"password"}}}}}`:            {"o.in": {"5"}},
		`{"properties":{"l":{"items":{"writeOnly":true}}}}`:                                                                                          {"l": {"6", "7"}},
		`{"properties":{"o":{"additionalProperties":{"writeOnly":true}}}}`:                                                                           {"o.in": {"5"}, "o.out": {"8"}},
		`{"allOf":[{"properties":{"a":{"writeOnly":true}}},{"anyOf":[{"properties":{"b":{"secret":true}}}]}]}`:                                       {"a": {"1"}, "b": {"2"}},
		`{"spec":{"connectionSpecification":{"properties":{"d":{"airbyte_secret":true}}}}}`:                                                          {"d": {"4"}},
		`{"properties":{"o":{"writeOnly":true}}}`:                                                                                                    {"o": {`{"in":"5","out":"8"}`, "5", "8"}},
		`{"properties":{"a":{"writeOnly":"yes"},"b":{"format":7},"c":3}}`:                                                                            {},
		`not JSON`:          {"api_key": {"9"}},
		`{"type":"object"}`: {"api_key": {"9"}},
	} {
		got := secretFields([]byte(spec), map[string]string{"a": "1", "b": "2", "c": "3", "d": "4", "e": "x", "o": `{"in":"5","out":"8"}`, "l": `["6","7"]`, "api_key": "9"})
		assert.Equal(t, want, got, spec)
	}
}

func TestASpecThatRefersToItselfEnds(t *testing.T) {
	spec := `{"properties":{"a":{"writeOnly":true}},"anyOf":[` + strings.TrimSuffix(strings.Repeat(`{"$ref":"#"},`, 20), ",") + `]}`
	assert.Equal(t, map[string][]string{"a": {"1"}}, secretFields([]byte(spec), map[string]string{"a": "1"}))
}
