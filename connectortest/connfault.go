package connectortest

import (
	"math/rand/v2"
	"time"
)

// A direction is that of bytes through a proxy.
type direction int

const (
	fromSource direction = iota
	toSource
	directions int = iota
)

func (d direction) String() string {
	if d == toSource {
		return "to the source"
	}
	return "from the source"
}

// A connFault is something that happens to a connection.
type connFault struct {
	kind connFaultKind
	// The fault occurs after this many bytes in this direction since the fault
	// before it, over all connections of a sync. A refused connection is the first
	// one after the fault before it.
	after     int64
	direction direction
}

type connFaultKind int

const (
	cutConn     connFaultKind = iota // the data ends
	resetConn                        // TCP resets the connection
	stalledConn                      // the data stops, and ends a moment later
	delayedConn                      // the data stops for a moment
	hangingConn                      // the sync is canceled, and the data stops for good
	lostSource                       // all connections are reset, and all further ones, too
	refusedConn                      // a new connection is reset
)

func (k connFaultKind) String() string {
	return [...]string{"cut", "reset", "stalled and cut", "delayed", "stalled", "reset, like all others after it", "refused"}[k]
}

const (
	// stallTime is how long a stalled connection stays open.
	stallTime = 100 * time.Millisecond
	// delayTime is how long a delayed connection stops.
	delayTime = 10 * time.Millisecond
)

// within returns a random number in slice i of n slices of a number of bytes.
func within(r *rand.Rand, bytes int64, i, n int) int64 {
	from, to := bytes*int64(i)/int64(n), bytes*int64(i+1)/int64(n)
	return from + r.Int64N(to-from+1)
}

// randomConnFaults plans the faults of sync i of n, so that together they break
// connections everywhere in the data. Most of the data comes from the source, so one
// sync in four breaks a connection on the way to it.
func randomConnFaults(r *rand.Rand, size traffic, i, n int) []connFault {
	dir := fromSource
	if i%4 == 3 {
		dir = toSource
	}
	at := within(r, size[dir], i, n)
	var plan []connFault
	for range r.IntN(3) {
		before := r.Int64N(at + 1)
		at -= before
		plan = append(plan, connFault{delayedConn, before, dir})
	}
	plan = append(plan, connFault{[]connFaultKind{cutConn, resetConn, stalledConn}[r.IntN(3)], at, dir})
	// A connector that reconnects meets further faults.
	for range r.IntN(3) {
		plan = append(plan, connFault{kind: refusedConn})
	}
	if r.IntN(2) == 0 {
		plan = append(plan, connFault{[]connFaultKind{cutConn, resetConn}[r.IntN(2)], r.Int64N(size[fromSource] + 1), fromSource})
	}
	return plan
}
