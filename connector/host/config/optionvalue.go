package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

func anything(string) string { return "" }

func nonEmpty(value string) string {
	if value == "" {
		return "the value is missing"
	}
	return ""
}

func count(value string) string {
	if _, err := strconv.ParseUint(value, 10, 64); err != nil {
		return "want a non-negative whole number"
	}
	return ""
}

func number(value string) string {
	v := jsontext.Value(value)
	if _, err := strconv.ParseFloat(value, 64); err != nil || v.Kind() != '0' || !v.IsValid() || strings.TrimSpace(value) != value {
		return "want a number"
	}
	return ""
}

func positive(value string) string {
	if f, err := strconv.ParseFloat(value, 64); number(value) != "" || err != nil || f <= 0 {
		return "want a number above zero"
	}
	return ""
}

func boolean(value string) string {
	if _, err := strconv.ParseBool(value); err != nil {
		return "want true or false"
	}
	return ""
}

func pattern(value string) string {
	if _, err := regexp.Compile(value); err != nil {
		return fmt.Sprintf("want a regular expression: %v", err)
	}
	return nonEmpty(value)
}

func format(value string) string {
	if !slices.Contains(formats, value) {
		return "unknown format: want one of " + strings.Join(formats, ", ")
	}
	return ""
}

// formats holds the formats of JSON Schema 2020-12, further ones that the
// validator checks, and password, for forms.
var formats = []string{
	"date-time", "date", "time", "duration", "period", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6",
	"uri", "uri-reference", "iri", "iri-reference", "uri-template", "uuid", "json-pointer", "relative-json-pointer",
	"regex", "semver", "password",
}

func types(value string) string {
	for t := range strings.SplitSeq(value, ";") {
		if !slices.Contains(jsonTypeNames, t) {
			return "want " + strings.Join(jsonTypeNames, ", ") + ", or several of them separated by \";\""
		}
	}
	return ""
}

func oneOf(words ...string) check {
	return func(value string) string {
		if !slices.Contains(words, value) {
			return "want " + strings.Join(words, " or ")
		}
		return ""
	}
}
