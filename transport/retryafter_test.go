package transport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport"
)

func TestParseRetryAfterAcceptsSecondsAndDates(t *testing.T) {
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Duration{
		"0": 0, "1": time.Second, " 120 ": 2 * time.Minute, "1.5": 1500 * time.Millisecond, "0.0001": time.Millisecond,
		"99999999999999999999": 366 * 24 * time.Hour, "Wed, 01 May 2024 12:00:30 GMT": 30 * time.Second,
		"Wednesday, 01-May-24 12:00:30 GMT": 30 * time.Second, "Wed May  1 12:00:30 2024": 30 * time.Second,
		"Wed, 01 May 2024 11:00:00 GMT": 0, "Mon, 01 Jan 9999 00:00:00 GMT": 366 * 24 * time.Hour,
	} {
		got, ok := transport.ParseRetryAfter(in, now)
		assert.True(t, ok, in)
		assert.Equal(t, want, got, in)
	}
}

func TestParseRetryAfterReportsFalseForAnyOtherText(t *testing.T) {
	for _, in := range []string{"", "soon", "-1", "+1", "1e3", "0x10", "NaN", "Inf", "1s", "1 2", "2024-05-01T12:00:30Z"} {
		_, ok := transport.ParseRetryAfter(in, time.Now())
		assert.False(t, ok, in)
	}
}
