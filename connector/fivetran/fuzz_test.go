package fivetran

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
)

// FuzzRow encodes rows and compares the decoded values with the row.
func FuzzRow(f *testing.F) {
	f.Add([]byte(`{"id":1,"text":"a\u20ac","at":"2026-03-14T15:09:26.123456789Z","price":"1.50","data":{"a":[1,2.50]},"raw":"AP8=","other":0.1}`))
	f.Add([]byte(`{"id":1,"ratio":1e308,"day":"0001-01-01","other":[true,false,null],"more":123456789012345678901234567890}`))
	f.Add([]byte(`{"id":1,"big":0.1234567890123456789,"exp":1E-7,"zero":-0.0,"":"\u0000"}`))
	table := &schema.Table{Schema: "s", Name: "t", Columns: []schema.Column{
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "text", Type: schema.TypeString}, {Name: "at", Type: schema.TypeUTCDatetime},
		{Name: "day", Type: schema.TypeNaiveDate}, {Name: "price", Type: schema.TypeDecimal}, {Name: "ratio", Type: schema.TypeDouble},
		{Name: "data", Type: schema.TypeJSON}, {Name: "raw", Type: schema.TypeBinary},
	}}
	rows := schema.NewEncoder(table, nil)
	f.Fuzz(func(t *testing.T, raw []byte) {
		row, err := rows.Append(nil, json.RawMessage(raw), schema.Full)
		if err != nil {
			return
		}
		var batch protocol.Batch
		batch.Start(nil)
		b, err := newRowEncoder(table, "s").append(batch.Begin(), row, protocol.Upsert)
		if err != nil {
			t.Fatalf("%s: %v", row, err)
		}
		batch.End(b)
		message, _ := batch.Message()
		var m protocol.UpdateResponse
		if err := m.Parse(message); err != nil || len(m.Records) != 1 {
			t.Fatalf("%s: %d records, %v", row, len(m.Records), err)
		}
		var r protocol.Record
		if err := r.Parse(m.Records[0]); err != nil {
			t.Fatalf("%s: %v", row, err)
		}
		cells, err := schema.NewRowReader(table).Read(row)
		if err != nil || len(cells) != len(r.Values) {
			t.Fatalf("%s: %d values, want %d, %v", row, len(r.Values), len(cells), err)
		}
		for i := range cells {
			if !equal(&cells[i], &r.Values[i]) {
				t.Fatalf("%s: the value of %q is %+v, want %s", row, cells[i].Name, r.Values[i], cells[i].Raw)
			}
		}
	})
}

// equal reports whether a value stands for the JSON of a cell.
func equal(c *schema.Cell, v *protocol.NamedValue) bool {
	if c.Name != v.Name {
		return false
	}
	var text string
	_ = json.Unmarshal(c.Raw, &text)
	switch v.Kind {
	case protocol.NullValue:
		return string(c.Raw) == "null"
	case protocol.BoolValue:
		return string(c.Raw) == map[int64]string{0: "false", 1: "true"}[v.Int]
	case protocol.LongValue:
		n, ok := new(big.Int).SetString(string(c.Raw), 10)
		return ok && n.IsInt64() && n.Int64() == v.Int
	case protocol.DoubleValue:
		if c.Column >= 0 {
			return v.Float == c.Float
		}
		shortest, err := json.Marshal(v.Float)
		return err == nil && sameNumber(string(shortest), string(c.Raw))
	case protocol.DecimalValue:
		return string(v.Bytes) == text || c.Column < 0 && bytes.Equal(v.Bytes, c.Raw)
	case protocol.NaiveDateValue:
		return v.Time.Format(time.DateOnly) == text
	case protocol.UTCDatetimeValue:
		want, err := time.Parse(time.RFC3339Nano, text)
		return err == nil && want.Equal(v.Time)
	case protocol.BinaryValue:
		return base64.StdEncoding.EncodeToString(v.Bytes) == text
	case protocol.StringValue:
		return string(v.Bytes) == text
	case protocol.JSONValue:
		return bytes.Equal(v.Bytes, c.Raw)
	}
	return false
}

// sameNumber reports whether two JSON numbers have the same value.
func sameNumber(a, b string) bool {
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) == 0
}

// FuzzRequest sends any bytes as the request of each method. The server must answer with a
// response or with the status of a request that is not valid.
func FuzzRequest(f *testing.F) {
	configuration := map[string]string{"api_key": "key-0123456789"}
	f.Add((&protocol.UpdateRequest{Configuration: configuration, State: `{"orders":{"cursor":1}}`}).Append(nil))
	f.Add((&protocol.UpdateRequest{Configuration: configuration, State: `[]`, Selection: &protocol.Selection{WithoutSchema: &protocol.TablesWithNoSchema{
		Tables: []protocol.TableSelection{{Included: true, Name: "orders", Columns: map[string]bool{"id": false}}},
	}}}).Append(nil))
	f.Add((&protocol.UpdateRequest{Selection: &protocol.Selection{WithSchema: &protocol.TablesWithSchema{Schemas: []protocol.SchemaSelection{{Name: "shop"}}}}}).Append(nil))
	f.Add((&protocol.TestRequest{Name: "connection", Configuration: configuration}).Append(nil))
	f.Add([]byte{0x0a, 0xff})

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- (&Server{Connector: &fixture.Shop{}, Options: []host.Option{fixture.Quiet}}).Serve(ctx, l)
	}()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodecV2(protocol.Codec{})))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		_ = conn.Close()
		stop()
		<-ended
	})
	f.Fuzz(func(t *testing.T, request []byte) {
		for _, method := range []string{protocol.MethodForm, protocol.MethodTest, protocol.MethodSchema, protocol.MethodUpdate} {
			var response []byte
			err := conn.Invoke(t.Context(), "/"+protocol.Service+"/"+method, mem.BufferSlice{mem.SliceBuffer(request)}, &response)
			// A stream has several responses, which Invoke refuses with the code Internal.
			switch code := status.Code(err); {
			case code == codes.OK, code == codes.InvalidArgument, code == codes.Internal && method == protocol.MethodUpdate:
			default:
				t.Fatalf("%s: %v", method, err)
			}
		}
	})
}
