package schema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/penstock-sdk/penstock/schema"
)

// An Order is a row. The source's JSON is decoded into it, and it also declares
// the columns of its table.
type Order struct {
	ID        int64          `json:"id" schema:"primary_key"`
	Total     schema.Decimal `json:"total" schema:"precision=12,scale=2"`
	Note      *string        `json:"note" schema:"description=a comment by the buyer, if any"`
	UpdatedAt time.Time      `json:"updated_at"`
	Tags      []string       `json:"tags"`
	Items     []Item         `json:"items" schema:"-"` // rows of another table
}

type Item struct {
	OrderID  int64          `json:"order_id" schema:"primary_key"`
	Line     int32          `json:"line" schema:"primary_key"`
	Quantity int16          `json:"quantity"`
	Price    schema.Decimal `json:"price"`
}

// If the rows of a source are Go structs, one call declares its tables.
func ExampleNew() {
	s, err := schema.New("shop",
		schema.TableOf[Order]("orders"),
		schema.TableOf[Item]("order_items"),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range s.Tables() {
		fmt.Println(t, t.PrimaryKey())
	}
	// Output:
	// shop.orders [id]
	// shop.order_items [order_id line]
}

// New reports all problems with the tables at once and names the place of each.
func ExampleNew_mistakes() {
	type Customer struct {
		ID    int64  `json:"id" schema:"primarykey"`
		Email string `json:"email"`
	}
	_, err := schema.New("shop",
		schema.TableOf[Customer]("customers"),
		schema.Table{Name: "carts", Columns: []schema.Column{{Name: "id"}}},
	)
	fmt.Println(err)
	// Output:
	// schema: table "customers": schema_test.Customer.ID: schema tag "primarykey": unknown option (want primary_key, nullable, type, precision, scale or description)
	// schema: table "carts": column "id" has no type
}

func ExampleTableOf() {
	t := schema.TableOf[Order]("orders")
	for _, c := range t.Columns {
		fmt.Printf("%-10s  %-12v  key=%-5t  nullable=%t\n", c.Name, c.Type, c.PrimaryKey, c.Nullable)
	}
	// Output:
	// id          LONG          key=true   nullable=false
	// total       DECIMAL       key=false  nullable=false
	// note        STRING        key=false  nullable=true
	// updated_at  UTC_DATETIME  key=false  nullable=false
	// tags        JSON          key=false  nullable=true
}

// If the tables of a source are only known at run time, they are declared
// column by column. Other columns that rows have are also delivered.
func ExampleTable() {
	discovered := [][2]string{{"id", "LONG"}, {"name", "STRING"}, {"born", "NAIVE_DATE"}}
	t := schema.Table{Name: "people"}
	for _, d := range discovered {
		typ, err := schema.ParseType(d[1])
		if err != nil {
			fmt.Println(err)
			return
		}
		t.Columns = append(t.Columns, schema.Column{Name: d[0], Type: typ, PrimaryKey: d[0] == "id"})
	}
	s, err := schema.New("registry", t)
	if err != nil {
		fmt.Println(err)
		return
	}
	people, _ := s.Table("people")
	born, _ := people.Column("born")
	fmt.Println(people, people.PrimaryKey(), born.Type)
	// Output: registry.people [id] NAIVE_DATE
}

// Check checks a single row, for example in a test.
func ExampleTable_Check() {
	t := schema.TableOf[Order]("orders")
	err := t.Check(map[string]any{"id": 1, "total": 19.9}, schema.Full)
	fmt.Println(err)

	var misfit *schema.RowError
	if errors.As(err, &misfit) {
		fmt.Println(misfit.Column, misfit.Want)
	}
	fmt.Println(t.Check(map[string]any{"total": "19.90"}, schema.Full))
	fmt.Println(t.Check(map[string]any{"id": 1, "total": "19.90"}, schema.Full))
	// Output:
	// table orders, column total: want DECIMAL, got float64: it may already have lost digits: decode it as schema.Decimal or json.Number
	// total DECIMAL
	// table orders, column id: got no value: the row omits a part of the primary key
	// <nil>
}

// A database has several schemas. A table can be looked up by its own name if
// that name is unique.
func ExampleJoin() {
	sales, _ := schema.New("sales", schema.Table{Name: "orders"}, schema.Table{Name: "leads"})
	archive, _ := schema.New("archive", schema.Table{Name: "orders"})
	s, err := schema.Join(sales, archive)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range []string{"leads", "orders", "archive.orders"} {
		t, ok := s.Table(name)
		fmt.Println(name, ok, t)
	}
	// Output:
	// leads true sales.leads
	// orders false <nil>
	// archive.orders true archive.orders
}

// Names has a value for each table. A lookup of a name that two tables have
// fails, so no row reaches the wrong table.
func ExampleNames() {
	var rows schema.Names[*int]
	for _, t := range []schema.Table{
		{Schema: "sales", Name: "leads"},
		{Schema: "sales", Name: "orders"},
		{Schema: "archive", Name: "orders"},
	} {
		if err := rows.Add(&t, new(int)); err != nil {
			fmt.Println(err)
			return
		}
	}
	for _, name := range []string{"leads", "sales.leads", "archive.orders", "orders"} {
		n, err := rows.Lookup(name)
		if err != nil {
			fmt.Println(err)
			continue
		}
		*n++
	}
	for t, n := range rows.All() {
		fmt.Println(t, *n)
	}
	// Output:
	// table "orders" is not in the schema, which has leads, sales.orders, archive.orders; the name is ambiguous: use the qualified name, sales.orders or archive.orders
	// sales.leads 2
	// sales.orders 0
	// archive.orders 1
}

// Rows of all kinds have the same canonical form. Numbers keep all digits, and
// times are in UTC.
func ExampleEncoder() {
	t := schema.TableOf[Order]("orders")
	e := schema.NewEncoder(&t, nil)
	at := time.Date(2026, 1, 2, 4, 4, 5, 0, time.FixedZone("CET", 3600))

	rows := []any{
		&Order{ID: 9007199254740993, Total: "19.90", UpdatedAt: at, Tags: []string{"gift"}},
		map[string]any{"id": 9007199254740993, "total": json.Number("19.90"), "updated_at": at},
		[]byte(`{"id": 9007199254740993, "total": 19.90, "updated_at": "2026-01-02T04:04:05+01:00"}`),
	}
	var line []byte
	for _, row := range rows {
		var err error
		if line, err = e.Append(line[:0], row, schema.Full); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s\n", line)
	}
	// Output:
	// {"id":9007199254740993,"total":"19.90","note":null,"updated_at":"2026-01-02T03:04:05Z","tags":["gift"]}
	// {"id":9007199254740993,"total":"19.90","updated_at":"2026-01-02T03:04:05Z"}
	// {"id":9007199254740993,"total":"19.90","updated_at":"2026-01-02T03:04:05Z"}
}

// A delete needs only the primary key. Columns that the user has not selected
// are dropped.
func ExampleEncoder_Append() {
	t := schema.TableOf[Order]("orders")
	order := &Order{ID: 7, Total: "19.90", Tags: []string{"gift"}}

	key, _ := schema.NewEncoder(&t, nil).Append(nil, order, schema.Keys)
	fmt.Printf("%s\n", key)

	unwanted := func(column string) bool { return column == "note" || column == "updated_at" }
	row, _ := schema.NewEncoder(&t, unwanted).Append(nil, order, schema.Full)
	fmt.Printf("%s\n", row)
	// Output:
	// {"id":7}
	// {"id":7,"total":"19.90","tags":["gift"]}
}

// A Decimal is decoded from a JSON number or string and keeps all digits.
func ExampleDecimal() {
	var prices struct{ Net, Tax, Discount schema.Decimal }
	err := json.Unmarshal([]byte(`{"Net": 19.90, "Tax": "3.7810", "Discount": null}`), &prices)
	fmt.Println(err, prices.Net, prices.Tax, prices.Discount == "")

	again, _ := json.Marshal(prices)
	fmt.Printf("%s\n", again)
	// Output:
	// <nil> 19.90 3.7810 true
	// {"Net":"19.90","Tax":"3.7810","Discount":null}
}
