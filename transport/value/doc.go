// Package value parses the times and numbers that sources send as text. It does
// not depend on net/http.
//
//	type record struct {
//		ID        int64      `json:"id"`
//		UpdatedAt value.Time `json:"updated_at"` // "2024-05-01 12:30:00", 1714566600000, ...
//	}
//
// [ParseTime] and [ParseNumber] parse single values; [Time] is the type of a
// struct field.
package value
