package connector

import (
	"context"

	"github.com/penstock-sdk/penstock/connector/internal/services"
	"github.com/penstock-sdk/penstock/state"
)

// OnDelivered makes the run call f with each state that it has handed to the
// platform from then on. Use it for a source that drops what has been acknowledged,
// such as a queue, a consumer group or a replication slot: f acknowledges what the
// state covers.
//
//	connector.OnDelivered(ctx, func(st state.State) {
//		queue.Acknowledge(state.NewCursor[int64](st, "events").Start())
//	})
//
// [Emitter].Checkpoint only saves the state, and the runtime sends it later. When
// Checkpoint returns nil, the platform may not have received the state yet.
//
// # What is known
//
// When f is called, all rows that the state covers and the state itself have been
// handed to the platform, in that order. The platform may not have stored them. With
// the stdin protocol, the STATE line has been written to the standard output of the
// process, but the platform may not have read it. For other hosts, see their
// documentation. The platform has certainly stored the state that the next sync
// starts from. If a source must lose nothing even if the platform does, acknowledge
// at the start of Sync what the state that Sync receives covers. OnDelivered is for
// a source that cannot wait that long.
//
// # Calls
//
// The calls of f are in the order of the states and do not overlap. They include
// the last state of the sync, which is sent after Sync has returned, even if the
// sync fails or is told to end. The connector's Close is called after them. The
// context of Sync may be done by then. A state that the platform did not accept is
// not reported.
//
// The function f runs in a goroutine of its own and does not delay the delivery of
// rows. It may call the methods of Sync's emitter, which return [ErrClosed] for the
// last states. If f is slower than the states, states wait in memory, up to 8 MiB.
// Beyond that, f is not called for the oldest of them, which the later ones
// supersede. If the run is told to end, it waits for f no longer than for Sync.
//
// If f panics, the sync fails with an error of kind [Defect], and f is not called
// again. Changes that f makes to its state have no effect.
//
// If OnDelivered is called several times, each function is called. Outside a run,
// it does nothing. OnDelivered is safe for concurrent use.
func OnDelivered(ctx context.Context, f func(st state.State)) {
	if s := services.From(ctx); s != nil {
		s.OnDelivered(f)
	}
}
