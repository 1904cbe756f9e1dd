package shop

import (
	"strconv"
	"time"
)

var (
	firstUpdate = time.Date(2024, 1, 1, 0, 0, 0, 1_000, time.UTC)
	firstSignUp = time.Date(2020, 1, 1, 9, 30, 0, 0, time.UTC)
)

// step is the time between two runs of orders.
const step = 3*time.Second + 1_234_567*time.Microsecond

// Orders come in runs that share their updated_at: one, then two, up to seven,
// and again. A page border falls into one sooner or later.
const (
	runs   = 7
	inRuns = runs * (runs + 1) / 2
)

// updatedAt returns when an order that nobody has changed was last updated.
func updatedAt(index int) time.Time {
	round, within := index/inRuns, index%inRuns
	run := 0
	for within > run {
		run++
		within -= run
	}
	return firstUpdate.Add(time.Duration(round*runs+run) * step)
}

// firstSince returns the number of the first order that was updated at t or
// later.
func firstSince(t time.Time) int {
	since := t.Sub(firstUpdate)
	if since <= 0 {
		return 0
	}
	run := int((since + step - 1) / step)
	round, within := run/runs, run%runs
	return round*inRuns + within*(within+1)/2
}

var (
	names    = [...]string{"Zoë Ångström", "Jürgen Groß", "Ana María Peña", "O'Neil & Sons", "李小龍", `"Lucky" Luke`, "Иван Петров", "Nguyễn Văn A"}
	cities   = [...]string{"Zürich", "São Paulo", "Kraków", "Île-de-France", "東京", "Malmö", "Reykjavík"}
	statuses = [...]string{"open", "paid", "shipped", "returned"}
	tags     = [...]string{"gift", "express", "größe <XL>", "b2b"}
)

// mix turns a number into bits that look like chance.
func mix(n uint64) uint64 {
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

func appendCustomer(b []byte, index int) []byte {
	b = strconv.AppendInt(append(b, `{"id":`...), int64(index+1), 10)
	b = strconv.AppendQuote(append(b, `,"name":`...), names[index%len(names)])
	b = append(b, `,"email":"customer`...)
	b = strconv.AppendInt(b, int64(index+1), 10)
	b = append(b, `@example.com","created_at":"`...)
	b = firstSignUp.Add(time.Duration(index)*37*time.Minute).AppendFormat(b, time.RFC3339)
	return append(b, `"}`...)
}

func appendOrder(b []byte, config Config, index int, at time.Time, deleted bool) []byte {
	chance := mix(config.Seed + uint64(index))
	items := 1 + index%3
	b = strconv.AppendInt(append(b, `{"id":`...), FirstOrderID+int64(index), 10)
	b = strconv.AppendInt(append(b, `,"customer_id":`...), int64(index%max(config.Customers, 1)+1), 10)
	b = append(append(append(b, `,"status":"`...), statuses[chance%4]...), `","total":"`...)
	var total int64
	for line := range items {
		total += quantity(chance, line) * cents(chance, line)
	}
	b = appendMoney(b, total)
	b = append(b, `","currency":"EUR","updated_at":"`...)
	b = at.AppendFormat(b, "2006-01-02T15:04:05.000000Z07:00")
	b = strconv.AppendBool(append(b, `","deleted":`...), deleted)
	b = append(b, `,"tags":[`...)
	for i := range int(chance>>8) % 3 {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), tags[(int(chance>>16)+i)%4]...), '"')
	}
	b = append(append(append(b, `],"shipping":{"city":"`...), cities[index%len(cities)]...), `"},"items":[`...)
	for line := range items {
		if line > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, `{"line":`...), int64(line+1), 10)
		b = strconv.AppendUint(append(b, `,"sku":"SKU-`...), chance>>20%100_000+uint64(line), 10)
		b = strconv.AppendInt(append(b, `","quantity":`...), quantity(chance, line), 10)
		b = appendMoney(append(b, `,"price":"`...), cents(chance, line))
		b = append(b, `"}`...)
	}
	return append(b, "]}"...)
}

func quantity(chance uint64, line int) int64 { return int64(chance>>(24+4*line)%5) + 1 }

// cents returns an item's price, which ends in a zero or two often enough.
func cents(chance uint64, line int) int64 {
	switch cents := int64(chance>>(32+line)%20_000) + 5; chance % 3 {
	case 0:
		return cents * 100
	case 1:
		return cents * 10
	default:
		return cents
	}
}

func appendMoney(b []byte, cents int64) []byte {
	b = append(strconv.AppendInt(b, cents/100, 10), '.')
	return append(b, byte('0'+cents/10%10), byte('0'+cents%10))
}
