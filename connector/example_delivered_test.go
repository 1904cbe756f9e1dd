package connector_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A queue keeps messages until they are acknowledged. Its messages are numbered.
type queue struct {
	mu       sync.Mutex
	messages []int64
}

// after returns the first message with a greater number.
func (q *queue) after(number int64) (message int64, found bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.IndexFunc(q.messages, func(m int64) bool { return m > number })
	if i < 0 {
		return 0, false
	}
	return q.messages[i], true
}

// acknowledge drops the messages up to a number.
func (q *queue) acknowledge(number int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.messages = slices.DeleteFunc(q.messages, func(m int64) bool { return m <= number })
}

// Mailbox is a connector. Its source is a queue.
type Mailbox struct{ queue *queue }

func (*Mailbox) Schema(context.Context) (schema.Schema, error) {
	return schema.New("mailbox", schema.Table{Name: "messages"})
}

func (*Mailbox) Test(context.Context) error { return nil }

func (m *Mailbox) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, "messages", state.Sorted())
	m.queue.acknowledge(cursor.Start()) // this state has been stored
	connector.OnDelivered(ctx, func(st state.State) {
		m.queue.acknowledge(state.NewCursor[int64](st, "messages").Start())
	})
	for at := cursor.Start(); ; {
		number, found := m.queue.after(at)
		if !found {
			return nil
		}
		if err := out.Upsert("messages", map[string]any{"number": number}); err != nil {
			return err
		}
		cursor.Advance(number)
		if err := out.Checkpoint(); err != nil { // nil does not mean that the state was sent
			return err
		}
		at = number
	}
}

// The platform fails when it receives message 4. Only the messages that a state
// covers are dropped from the queue.
func ExampleOnDelivered() {
	source := &queue{messages: []int64{1, 2, 3, 4, 5}}
	run := host.New(context.Background(), &Mailbox{source}, host.LogTo(slog.DiscardHandler), host.CheckpointEvery(0, 2))
	err := run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		switch {
		case op.Kind == host.OpUpsert && string(op.Row) == `{"number":4}`:
			return fmt.Errorf("the disk is full")
		case op.Kind == host.OpCheckpoint:
			fmt.Println("state", string(op.State))
		}
		return nil
	}))
	fmt.Println("error:", err)
	_ = run.Close()
	fmt.Println("in the queue:", source.messages)
	// Output:
	// state {"messages":{"cursor":1}}
	// state {"messages":{"cursor":2}}
	// state {"messages":{"cursor":3}}
	// error: the disk is full
	// in the queue: [4 5]
}
