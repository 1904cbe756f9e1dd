package schema

import (
	"slices"
	"time"
)

// secondsOfYears are the seconds from the year 0 to the Unix epoch, and to the year
// 10000.
const (
	secondsToEpoch = 719528 * secondsOfDay
	secondsOfYears = 3652425 * secondsOfDay
	secondsOfDay   = 24 * 60 * 60
)

// localSeconds returns the seconds from the year 0 to v, by the clock of v's zone. It
// reports false for a year that RFC 3339 cannot represent.
func localSeconds(v time.Time) (seconds uint64, ok bool) {
	n := v.Unix()
	if v.Location() != time.UTC {
		_, offset := v.Zone()
		n += int64(offset)
	}
	seconds = uint64(n) + secondsToEpoch // a time before the year 0 is a great number
	return seconds, seconds < secondsOfYears
}

// appendTime appends a date and time of day such as 2006-01-02T15:04:05.999, without
// zeros at the end of the fraction. The format is that of [time.Time.AppendFormat],
// which takes several times as long.
func appendTime(b []byte, seconds uint64, nanosecond int) []byte {
	const form, fraction = "0000-00-00T00:00:00", ".000000000"
	b = slices.Grow(b, len(form)+len(fraction))
	n := len(b)
	text := b[n : n+len(form)+len(fraction)]
	putDate(text, seconds)
	ofDay := uint32(seconds % secondsOfDay)
	text[10] = 'T'
	putTwoDigits(text[11:], ofDay/3600)
	text[13] = ':'
	putTwoDigits(text[14:], ofDay/60%60)
	text[16] = ':'
	putTwoDigits(text[17:], ofDay%60)
	if nanosecond == 0 {
		return b[:n+len(form)]
	}
	return b[:n+len(form)+putFraction(text[len(form):], uint32(nanosecond))]
}

// appendDate appends a date such as 2006-01-02.
func appendDate(b []byte, seconds uint64) []byte {
	b = slices.Grow(b, len(time.DateOnly))
	n := len(b)
	putDate(b[n:n+len(time.DateOnly)], seconds)
	return b[:n+len(time.DateOnly)]
}

// putDate writes a date at the beginning of text. The calculation of the date is that of
// Neri and Schneider, "Euclidean affine functions and their application to calendar
// algorithms", in which a year begins in March.
func putDate(text []byte, seconds uint64) {
	const (
		daysToMarch = 31 + 29 // of the year 0
		daysOf400   = 146097  // years
	)
	n := 4*(uint32(seconds/secondsOfDay)+daysOf400-daysToMarch) + 3
	century := n / daysOf400
	product := 2939745 * uint64(n%daysOf400|3)
	dayOfYear := uint32(product) / 2939745 / 4
	year := 100*century + uint32(product>>32) - 400
	m := 2141*dayOfYear + 197913
	month, day := m>>16, (m&0xffff)/2141+1
	if dayOfYear >= 306 { // January and February
		year, month = year+1, month-12
	}
	_ = text[len(time.DateOnly)-1]
	putTwoDigits(text, year/100)
	putTwoDigits(text[2:], year%100)
	text[4] = '-'
	putTwoDigits(text[5:], month)
	text[7] = '-'
	putTwoDigits(text[8:], day)
}

// putTwoDigits writes n, which is less than 100, at the beginning of text.
func putTwoDigits(text []byte, n uint32) {
	digits := twoDigitTexts[2*n:]
	text[0], text[1] = digits[0], digits[1]
}

const twoDigitTexts = "00010203040506070809" +
	"10111213141516171819" +
	"20212223242526272829" +
	"30313233343536373839" +
	"40414243444546474849" +
	"50515253545556575859" +
	"60616263646566676869" +
	"70717273747576777879" +
	"80818283848586878889" +
	"90919293949596979899"
