package shop

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// Times are in microseconds since 1970. The initial rows were updated before changesFrom.
// Changes have times before end, unless there are billions of them.
var (
	firstUpdate = time.Date(2024, 1, 1, 0, 0, 0, 1_000, time.UTC).UnixMicro()
	changesFrom = time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	end         = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
)

const (
	// longestStep is the maximum time between two runs of orders, and between two
	// customers. The time is shorter if there are too many of them.
	longestStep = 4_234_567
	// changeStep is the time between two changes.
	changeStep = 1_001
)

// Orders form runs that share their updated_at. A round consists of runs of one, two, and
// up to seven orders. The first order is in the middle of a run of seven. Otherwise, pages
// of 28 orders would never end within a run.
const (
	longestRun = 7
	inRound    = longestRun * (longestRun + 1) / 2
	leftOut    = inRound - longestRun/2
)

// runOf is the number of an order's run within its round, by the order's position there.
var runOf = func() (runs [inRound]int) {
	within := 0
	for run := range longestRun {
		for range run + 1 {
			runs[within] = run
			within++
		}
	}
	return runs
}()

// runAt returns the number of an order's run.
func runAt(number int) int {
	place := number + leftOut
	return place/inRound*longestRun + runOf[place%inRound]
}

// rows computes a shop's rows from their numbers.
type rows struct {
	seed              uint64
	customers, orders int
	customerStep      int64
	step              int64 // between two runs of orders
	lastRun           int
	lastUpdate        int64 // the latest updated_at of the initial orders
}

func newRows(config Config) rows {
	r := rows{seed: mix(config.Seed), customers: config.Customers, orders: config.Orders}
	span := changesFrom - firstUpdate
	r.customerStep = min(longestStep, span/int64(max(r.customers, 1)))
	r.lastRun = runAt(max(r.orders-1, 0))
	r.step = min(longestStep, span/int64(r.lastRun+1))
	r.lastUpdate = r.updatedAt(max(r.orders-1, 0))
	return r
}

// updatedAt returns the updated_at of an unchanged order.
func (r *rows) updatedAt(number int) int64 {
	return firstUpdate + int64(runAt(number)-runOf[leftOut])*r.step
}

// firstSince returns the number of the first order that was updated at t or later,
// without regard to changes. If there is none, it returns the number of orders.
func (r *rows) firstSince(t int64) int {
	if t <= firstUpdate {
		return 0
	}
	if t > r.lastUpdate {
		return r.orders
	}
	run := int((t-firstUpdate+r.step-1)/r.step) + runOf[leftOut]
	round, within := run/longestRun, run%longestRun
	return round*inRound + within*(within+1)/2 - leftOut
}

func deletedFromTheStart(number int) bool { return number%50 == 7 }

var (
	firstNames = quotedAll("Zoë", "Jürgen", "Ana María", "O'Neil", "小龍", `Luke "Lucky"`, "Иван", "Nguyễn", "Siân", "Þóra")
	lastNames  = quotedAll("Ångström", "Groß", "Peña", "& Sons", "李", "<Luke>", "Петров", "Văn A", `Back\slash`, "Smith", "D'Arcy")
	cities     = quotedAll("Zürich", "São Paulo", "Kraków", "L'Aquila", "東京", "Malmö", "Reykjavík", `Halle "Saale"`, "Brighton & Hove")
	statuses   = quotedAll("open", "paid", "shipped", "returned")
	tags       = quotedAll("gift", "express", "größe <XL>", "b2b", "R&D", `"as is"`, "🎁")
)

// quoted returns text as a JSON string. Like most APIs, it does not escape <, > and &.
func quoted(text string) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always encodes
	return bytes.TrimRight(b.Bytes(), "\n")
}

func quotedAll(texts ...string) (all []string) {
	for _, text := range texts {
		all = append(all, string(quoted(text)))
	}
	return all
}

func pick(texts []string, chance uint64) string { return texts[chance%uint64(len(texts))] }

// mix turns a number into pseudo-random bits, by the finalizer of SplitMix64.
func mix(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

func (r *rows) appendCustomer(b []byte, number int) []byte {
	chance := mix(^r.seed ^ uint64(number))
	first, last := pick(firstNames, chance), pick(lastNames, chance>>16)
	b = strconv.AppendInt(append(b, `{"id":`...), int64(number)+1, 10)
	b = append(append(b, `,"name":`...), first[:len(first)-1]...) // without the closing quotation mark
	b = append(append(b, ' '), last[1:]...)
	b = append(b, `,"email":"customer`...)
	b = strconv.AppendInt(b, int64(number)+1, 10)
	b = append(b, `@example.com","created_at":"`...)
	b = appendTime(b, firstUpdate+int64(number)*r.customerStep)
	return append(b, `"}`...)
}

// appendOrder appends an order. The argument at is its updated_at as text.
func (r *rows) appendOrder(b []byte, number int, at []byte, c change) []byte {
	chance := mix(r.seed ^ uint64(number))
	var items [3]struct{ sku, quantity, cents int64 }
	count := 1 + chance>>62%3
	var total int64
	for i := range items[:count] {
		item, chance := &items[i], mix(chance+uint64(i))
		item.sku = int64(chance % 100_000)
		item.quantity = int64(chance>>20%5) + 1
		item.cents = cents(chance >> 24)
		total += item.quantity * item.cents
	}
	b = strconv.AppendInt(append(b, `{"id":`...), FirstOrderID+int64(number), 10)
	b = strconv.AppendUint(append(b, `,"customer_id":`...), chance>>8%uint64(max(r.customers, 1))+1, 10)
	b = append(append(b, `,"status":`...), pick(statuses, chance+uint64(c.revision))...)
	b = appendMoney(append(b, `,"total":"`...), total)
	b = append(append(b, `","currency":"EUR","updated_at":"`...), at...)
	b = strconv.AppendBool(append(b, `","deleted":`...), c.deleted)
	b = append(b, `,"tags":[`...)
	for i := range chance >> 2 % 3 {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, pick(tags, chance>>16+i)...)
	}
	b = append(append(b, `],"shipping":{"city":`...), pick(cities, chance>>24)...)
	b = append(b, `},"items":[`...)
	for i, item := range items[:count] {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, `{"line":`...), int64(i)+1, 10)
		b = strconv.AppendInt(append(b, `,"sku":"SKU-`...), item.sku, 10)
		b = strconv.AppendInt(append(b, `","quantity":`...), item.quantity, 10)
		b = appendMoney(append(b, `,"price":"`...), item.cents)
		b = append(b, `"}`...)
	}
	return append(b, "]}"...)
}

// cents returns an item's price, which often ends in one or two zeros.
func cents(chance uint64) int64 {
	switch cents := int64(chance>>2%20_000) + 5; chance % 4 {
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

func appendTime(b []byte, at int64) []byte {
	return time.UnixMicro(at).UTC().AppendFormat(b, "2006-01-02T15:04:05.000000Z07:00")
}

// A clock formats times. It formats equal successive times only once.
type clock struct {
	at int64
	b  []byte
}

func (c *clock) text(at int64) []byte {
	if at != c.at || c.b == nil {
		c.at, c.b = at, appendTime(c.b[:0], at)
	}
	return c.b
}
