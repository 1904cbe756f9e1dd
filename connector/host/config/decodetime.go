package config

import (
	"reflect"
	"strings"
	"time"
)

func (d *decoder) duration(v reflect.Value, text, path string) {
	length, err := time.ParseDuration(strings.TrimSpace(text))
	if err != nil {
		d.report(path, `want a duration with its unit, such as "30s" or "1h30m"`)
		return
	}
	v.SetInt(int64(length))
}

func (d *decoder) time(v reflect.Value, text, path string) {
	text = strings.TrimSpace(text)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	if err != nil {
		d.report(path, `want a time such as "2006-01-02T15:04:05Z" or a date such as "2006-01-02"`)
		return
	}
	v.Set(reflect.ValueOf(at))
}
