package patterns_test

import (
	"context"
	"iter"
	"net/url"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/children"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// A Tracker is a connector for a source that lists projects, and the issues of one project
// at a time.
type Tracker struct {
	BaseURL string `json:"base_url" jsonschema:"format=uri"`

	api *transport.Client
}

// A Project has issues. It is not delivered.
type Project struct {
	ID string `json:"id"`
}

// An Issue is a row of issues. Its number is unique within its project.
type Issue struct {
	ProjectID string    `json:"project_id" schema:"primary_key"`
	Number    int64     `json:"number" schema:"primary_key"`
	UpdatedAt time.Time `json:"updated_at"`
}

func (*Tracker) Schema(context.Context) (schema.Schema, error) {
	return schema.New("tracker", schema.TableOf[Issue]("issues"))
}

func (t *Tracker) Open(ctx context.Context) (err error) {
	t.api, err = transport.New(t.BaseURL, transport.WithLogger(connector.Logger(ctx)))
	return err
}

func (t *Tracker) Test(ctx context.Context) error {
	_, err := t.api.Do(ctx, transport.Request{Path: "/projects"})
	return err
}

// Sync reads the issues of four projects at a time and receives them project by project.
func (t *Tracker) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	cursors := state.NewPartitions[time.Time](st, "issues", 1000, state.Sorted(), state.StartAt(time.Unix(0, 0).UTC()))
	projects := transport.Records[Project](ctx, t.api, transport.Request{Path: "/projects", RecordsAt: "data"}, paging.NextURL{At: "next"})
	issues := children.Each(ctx, projects, 4, func(ctx context.Context, p Project) iter.Seq2[Issue, error] {
		return t.issuesOf(ctx, p.ID, cursors.Cursor(p.ID).Start())
	})
	for issue, err := range issues {
		if err != nil {
			return err
		}
		if err := out.Upsert("issues", issue); err != nil {
			return err
		}
		cursors.Cursor(issue.ProjectID).Advance(issue.UpdatedAt)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

// issuesOf reads the issues of a project that have changed since a time, in the order of
// their changes. The source leaves the project out of its issues.
func (t *Tracker) issuesOf(ctx context.Context, project string, since time.Time) iter.Seq2[Issue, error] {
	request := transport.Request{
		Path:      "/projects/" + url.PathEscape(project) + "/issues",
		Query:     url.Values{"updated_since": {since.Format(time.RFC3339Nano)}},
		RecordsAt: "data",
	}
	return func(yield func(Issue, error) bool) {
		for issue, err := range transport.Records[Issue](ctx, t.api, request, paging.NextURL{At: "next"}) {
			issue.ProjectID = project
			if !yield(issue, err) {
				return
			}
		}
	}
}

// The source lists the parents and filters the children of each by time. Each parent has
// a cursor of its own, because the children of different parents do not come in the order
// of their times: a common cursor would skip those of a parent that was read later. Here,
// an earlier sync has read the project acme, and the project globex is new. If the source
// reports the time of the last change of a parent, skip the parents that have not changed.
func Example_incrementalChildren() {
	platform := newPlatform(projects, nil)
	platform.state = []byte(`{"issues":{"partitions":{"acme":"2026-05-02T00:00:00Z"}}}`)
	platform.sync(&Tracker{})
	// Output:
	// {"type":"RECORD","record":{"tracker":{"issues":{"project_id":"acme","number":2,"updated_at":"2026-05-02T00:00:00Z"}}}}
	// {"type":"RECORD","record":{"tracker":{"issues":{"project_id":"globex","number":1,"updated_at":"2026-05-01T00:00:00Z"}}}}
	// {"type":"RECORD","record":{"tracker":{"issues":{"project_id":"globex","number":2,"updated_at":"2026-05-02T00:00:00Z"}}}}
	// {"type":"STATE","state":{"issues":{"partitions":{"acme":"2026-05-02T00:00:00Z","globex":"2026-05-02T00:00:00Z"}}}}
}
