package connector_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A Club is a connector for a source that reports the deletions of each table in a
// different way.
type Club struct{}

// A Change is an entry in the source's feed of changes of members.
type Change struct {
	Number int64
	Kind   string // "changed" or "removed"
	Member Member
}

// A Member is a row of members.
type Member struct {
	ID   int64  `json:"id" schema:"primary_key"`
	Name string `json:"name"`
}

// A Course is a row of courses. The source keeps courses that were deleted.
type Course struct {
	ID       int64  `json:"id" schema:"primary_key"`
	Title    string `json:"title"`
	Archived bool   `json:"archived" schema:"-"`
}

// A Room is a row of rooms. The source says nothing about rooms that were deleted.
type Room struct {
	ID int64 `json:"id" schema:"primary_key"`
}

func (*Club) Schema(context.Context) (schema.Schema, error) {
	return schema.New("club", schema.TableOf[Member]("members"), schema.TableOf[Course]("courses"), schema.TableOf[Room]("rooms"))
}

func (*Club) Test(context.Context) error { return nil }

func (c *Club) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	tables := connector.Tables{Parallel: 1} // one after the other, for the output of the example
	tables.Add("members", c.syncMembers)
	tables.Add("courses", c.syncCourses)
	tables.Add("rooms", c.syncRooms)
	return tables.Sync(ctx, st, out)
}

// syncMembers reads a feed that has an entry for each deletion.
func (*Club) syncMembers(_ context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, "members")
	for _, change := range []Change{{1, "changed", Member{1, "Ada"}}, {2, "changed", Member{2, "Bo"}}, {3, "removed", Member{ID: 1}}} {
		if change.Number <= cursor.Start() {
			continue
		}
		deliver := out.Upsert
		if change.Kind == "removed" {
			deliver = out.Delete
		}
		if err := deliver("members", change.Member); err != nil {
			return err
		}
		cursor.Advance(change.Number)
	}
	return nil
}

// syncCourses reads rows with a flag.
func (*Club) syncCourses(_ context.Context, _ state.State, out connector.Emitter) error {
	for _, course := range []Course{{ID: 1, Title: "Judo"}, {ID: 2, Title: "Chess", Archived: true}} {
		deliver := out.Upsert
		if course.Archived {
			deliver = out.Delete
		}
		if err := deliver("courses", course); err != nil {
			return err
		}
	}
	return nil
}

// syncRooms replaces the whole table.
func (*Club) syncRooms(_ context.Context, _ state.State, out connector.Emitter) error {
	if err := out.Truncate("rooms"); err != nil {
		return err
	}
	for _, room := range []Room{{ID: 1}, {ID: 2}} {
		if err := out.Upsert("rooms", room); err != nil {
			return err
		}
	}
	return nil
}

// A source reports deletions, or has a flag, or says nothing about them.
func Example_deletes() {
	request := strings.NewReader(`{"secrets":{},"state":{"members":{"cursor":1}}}`)
	if err := stdin.Serve(context.Background(), &Club{}, request, os.Stdout, host.LogTo(slog.DiscardHandler)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"type":"RECORD","record":{"club":{"members":{"id":2,"name":"Bo"}}}}
	// {"type":"RECORD","op":"DELETE","record":{"club":{"members":{"id":1}}}}
	// {"type":"RECORD","record":{"club":{"courses":{"id":1,"title":"Judo"}}}}
	// {"type":"RECORD","op":"DELETE","record":{"club":{"courses":{"id":2}}}}
	// {"type":"RECORD","op":"TRUNCATE","record":{"club":{"rooms":{}}}}
	// {"type":"RECORD","record":{"club":{"rooms":{"id":1}}}}
	// {"type":"RECORD","record":{"club":{"rooms":{"id":2}}}}
	// {"type":"STATE","state":{"members":{"cursor":3}}}
}
