package config

import (
	"reflect"
	"strings"
	"time"
)

// duration sets a time.Duration.
func (d *decoder) duration(v reflect.Value, in input) {
	length, err := time.ParseDuration(strings.TrimSpace(in.text))
	if err != nil {
		d.report(in.path, `want a duration with its unit, such as "30s" or "1h30m"`)
		return
	}
	v.SetInt(int64(length))
}

// time sets a time.Time.
func (d *decoder) time(v reflect.Value, in input) {
	text := strings.TrimSpace(in.text)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	if err != nil {
		d.report(in.path, `want a time such as "2006-01-02T15:04:05Z" or a date such as "2006-01-02"`)
		return
	}
	v.Set(reflect.ValueOf(at))
}
