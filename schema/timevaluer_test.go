package schema_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// An epoch is a time type of a connector: seconds since 1970, or -1 for none.
type epoch int64

func (e epoch) ColumnTime() (time.Time, bool) { return time.Unix(int64(e), 0), e >= 0 }

// A pointed has the method with a pointer receiver.
type pointed struct{ seconds int64 }

func (p *pointed) ColumnTime() (time.Time, bool) { return time.Unix(p.seconds, 0), true }

type (
	defined time.Time
	wrapped struct{ time.Time }
	// A date has a text of its own.
	date struct{ time.Time }
	// A birthday is more than a time.
	birthday struct {
		At   time.Time
		Name string
	}
)

func (d date) MarshalText() ([]byte, error) { return []byte(d.Format(time.DateOnly)), nil }

func TestATypeThatHasATimeIsAColumnOfTypeUTCDatetime(t *testing.T) {
	assert.Equal(t, schema.TypeUTCDatetime, oneColumn[epoch](t).Type)
	assert.Equal(t, schema.TypeUTCDatetime, oneColumn[*pointed](t).Type)
	assert.Equal(t, schema.TypeUTCDatetime, oneColumn[pointed](t).Type)
	assert.Equal(t, schema.TypeUTCDatetime, oneColumn[defined](t).Type)
	assert.Equal(t, schema.TypeUTCDatetime, oneColumn[*wrapped](t).Type)
	assert.Equal(t, schema.TypeString, oneColumn[date](t).Type, "its text is its own")
	assert.Equal(t, schema.TypeJSON, oneColumn[birthday](t).Type)
	assert.Equal(t, schema.TypeJSON, oneColumn[[]epoch](t).Type)
}

func TestATypeThatHasATimeIsDeliveredInUTCOrAsNull(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("", 3600))
	for _, c := range []struct {
		v    any
		want string
	}{
		{epoch(0), `"1970-01-01T00:00:00Z"`}, {epoch(-1), "null"}, {pointed{1}, `"1970-01-01T00:00:01Z"`}, {&pointed{1}, `"1970-01-01T00:00:01Z"`},
		{defined(at), `"2026-01-02T02:04:05.0000006Z"`}, {defined{}, "null"}, {wrapped{at}, `"2026-01-02T02:04:05.0000006Z"`}, {&wrapped{}, "null"},
	} {
		for _, table := range []schema.Table{{Name: "t"}, {Name: "t", Columns: []schema.Column{{Name: "v", Type: schema.TypeUTCDatetime}}}} {
			got, err := schema.NewEncoder(&table, nil).Append(nil, map[string]any{"v": c.v}, schema.Full)
			require.NoError(t, err)
			assert.Equal(t, `{"v":`+c.want+`}`, string(got), "%#v", c.v)
		}
	}
}

func TestATimeDoesNotFitAColumnOfNumbers(t *testing.T) {
	type row struct {
		At epoch `json:"at" schema:"type=LONG"`
	}
	table := schema.TableOf[row]("t")
	require.ErrorContains(t, table.Validate(), "cannot be delivered as LONG")
}

// A UnixTime is decoded from the seconds that a source sends.
type UnixTime int64

// ColumnTime returns the instant. The source sends 0 for no time.
func (t UnixTime) ColumnTime() (at time.Time, ok bool) { return time.Unix(int64(t), 0), t != 0 }

// A field of a type with the method ColumnTime is an instant.
func ExampleTimeValuer() {
	type Event struct {
		ID       int64    `json:"id" schema:"primary_key"`
		Created  UnixTime `json:"created"`
		Canceled UnixTime `json:"canceled"`
	}
	table := schema.TableOf[Event]("events")
	created, _ := table.Column("created")
	fmt.Println(created.Type)
	row, err := schema.NewEncoder(&table, nil).Append(nil, Event{ID: 1, Created: 1767323045}, schema.Full)
	fmt.Println(string(row), err)
	// Output:
	// UTC_DATETIME
	// {"id":1,"created":"2026-01-02T03:04:05Z","canceled":null} <nil>
}
