package schema_test

import (
	"database/sql"
	"encoding/json"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// Decimal and NullDecimal look like those of the usual decimal libraries.
type Decimal struct{ text string }

func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.text), nil }
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(`"` + d.text + `"`), nil }

type NullDecimal struct {
	Decimal Decimal
	Valid   bool
}

func (d NullDecimal) MarshalText() ([]byte, error) {
	if !d.Valid {
		return nil, nil
	}
	return d.Decimal.MarshalText()
}

// level is text by its method, and a slice of it a list of texts.
type level uint8

func (l level) MarshalText() ([]byte, error) { return []byte{'L', '0' + byte(l)}, nil }

type point struct{ x, y int }

func (p point) MarshalJSON() ([]byte, error) { return json.Marshal([]int{p.x, p.y}) }

type (
	status string
	days   []string
)

// oneColumn derives the column of a struct with a single field V of type T.
func oneColumn[T any](t *testing.T) schema.Column {
	t.Helper()
	type row struct {
		V T `json:"v"`
	}
	table := schema.TableOf[row]("t")
	require.NoError(t, table.Validate())
	require.Len(t, table.Columns, 1)
	return table.Columns[0]
}

func TestTheFieldsTypeDecidesTheColumns(t *testing.T) {
	for _, test := range []struct {
		field  string
		column schema.Column
		want   schema.Type
		null   bool
	}{
		{"bool", oneColumn[bool](t), schema.TypeBoolean, false},
		{"int8", oneColumn[int8](t), schema.TypeShort, false},
		{"uint8", oneColumn[uint8](t), schema.TypeShort, false},
		{"int16", oneColumn[int16](t), schema.TypeShort, false},
		{"uint16", oneColumn[uint16](t), schema.TypeInt, false},
		{"int32", oneColumn[int32](t), schema.TypeInt, false},
		{"int", oneColumn[int](t), schema.TypeLong, false},
		{"int64", oneColumn[int64](t), schema.TypeLong, false},
		{"uint32", oneColumn[uint32](t), schema.TypeLong, false},
		{"uint", oneColumn[uint](t), schema.TypeLong, false},
		{"uint64", oneColumn[uint64](t), schema.TypeLong, false},
		{"time.Duration", oneColumn[time.Duration](t), schema.TypeLong, false},
		{"float32", oneColumn[float32](t), schema.TypeFloat, false},
		{"float64", oneColumn[float64](t), schema.TypeDouble, false},
		{"schema.Decimal", oneColumn[schema.Decimal](t), schema.TypeDecimal, false},
		{"json.Number", oneColumn[json.Number](t), schema.TypeDecimal, false},
		{"big.Int", oneColumn[big.Int](t), schema.TypeDecimal, false},
		{"a library's Decimal", oneColumn[Decimal](t), schema.TypeDecimal, false},
		{"a library's NullDecimal", oneColumn[NullDecimal](t), schema.TypeDecimal, true},
		{"time.Time", oneColumn[time.Time](t), schema.TypeUTCDatetime, false},
		{"[]byte", oneColumn[[]byte](t), schema.TypeBinary, true},
		{"string", oneColumn[string](t), schema.TypeString, false},
		{"named string", oneColumn[status](t), schema.TypeString, false},
		{"MarshalText", oneColumn[netip.Addr](t), schema.TypeString, false},
		{"MarshalText of a number", oneColumn[level](t), schema.TypeString, false},
		{"MarshalJSON only", oneColumn[point](t), schema.TypeJSON, false},
		{"json.RawMessage", oneColumn[json.RawMessage](t), schema.TypeJSON, true},
		{"struct", oneColumn[address](t), schema.TypeJSON, false},
		{"map", oneColumn[map[string]int](t), schema.TypeJSON, true},
		{"slice", oneColumn[[]string](t), schema.TypeJSON, true},
		{"named slice", oneColumn[days](t), schema.TypeJSON, true},
		{"slice of texts that are bytes", oneColumn[[]level](t), schema.TypeJSON, true},
		{"array", oneColumn[[2]int](t), schema.TypeJSON, false},
		{"any", oneColumn[any](t), schema.TypeJSON, true},
		{"*int32", oneColumn[*int32](t), schema.TypeInt, true},
		{"**string", oneColumn[**string](t), schema.TypeString, true},
		{"*big.Int", oneColumn[*big.Int](t), schema.TypeDecimal, true},
		{"*struct", oneColumn[*address](t), schema.TypeJSON, true},
		{"sql.NullString", oneColumn[sql.NullString](t), schema.TypeString, true},
		{"sql.NullInt64", oneColumn[sql.NullInt64](t), schema.TypeLong, true},
		{"sql.NullTime", oneColumn[sql.NullTime](t), schema.TypeUTCDatetime, true},
		{"sql.Null[bool]", oneColumn[sql.Null[bool]](t), schema.TypeBoolean, true},
		{"sql.Null[schema.Decimal]", oneColumn[sql.Null[schema.Decimal]](t), schema.TypeDecimal, true},
	} {
		assert.Equal(t, schema.Column{Name: "v", Type: test.want, Nullable: test.null}, test.column, test.field)
	}
}

type tagged struct {
	ID       int64  `json:"id,omitempty" schema:"primary_key"`
	Region   string `json:"region" schema:"primary_key,description=where, exactly"`
	Total    string `json:"total" schema:"type=DECIMAL,precision=12,scale=2"`
	Day      string `json:"day" schema:"type=NAIVE_DATE,nullable"`
	Plain    bool
	Unread   string          `json:"-"`
	Elsewise []string        `json:"items" schema:"-"`
	Dash     int             `json:"-,"` //nolint:staticcheck // the name is really "-"
	Raw      json.RawMessage `json:"raw" schema:"type=LONG"`
	hidden   int             //nolint:unused // unexported fields are no columns
}

func TestTagsSayTheRest(t *testing.T) {
	table := schema.TableOf[tagged]("t")
	require.NoError(t, table.Validate())
	assert.Equal(t, []schema.Column{
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
		{Name: "region", Type: schema.TypeString, PrimaryKey: true, Description: "where, exactly"},
		{Name: "total", Type: schema.TypeDecimal, Precision: 12, Scale: 2},
		{Name: "day", Type: schema.TypeNaiveDate, Nullable: true},
		{Name: "Plain", Type: schema.TypeBoolean},
		{Name: "-", Type: schema.TypeLong},
		{Name: "raw", Type: schema.TypeLong, Nullable: true},
	}, table.Columns)
	assert.Equal(t, []string{"id", "region"}, table.PrimaryKey())
	c, ok := table.Column("day")
	assert.True(t, ok)
	assert.Equal(t, schema.TypeNaiveDate, c.Type)
	_, ok = table.Column("items")
	assert.False(t, ok)
}

func TestAKeyMayBeAPointer(t *testing.T) {
	type row struct {
		ID *int64 `json:"id" schema:"primary_key"`
	}
	table := schema.TableOf[*row]("t")
	require.NoError(t, table.Validate())
	assert.Equal(t, []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}, table.Columns)
}

type (
	Base struct {
		ID   int64  `json:"id" schema:"primary_key"`
		Name string `json:"name"`
	}
	Meta struct {
		Source string `json:"source"`
		Name   string `json:"name"`
	}
	inner   struct{ Inner bool }
	byValue struct {
		Base
		inner
		Extra string `json:"extra"`
	}
	byPointer struct {
		*Base
		Extra string `json:"extra"`
	}
	shadowing struct {
		Base
		Name int32 `json:"name"`
	}
	ambiguous struct {
		Untagged
		Also
	}
	named struct {
		Base `json:"base"`
		ID   int64 `json:"id"`
	}
	settled struct {
		Base
		*Meta
		Name string `json:"name"`
	}
	taggedWins struct {
		Untagged
		Tagged
	}
	Untagged struct{ V int }
	Also     struct{ V bool }
	Tagged   struct {
		W string `json:"V"`
	}
	timed struct {
		time.Time
		ID int64
	}
	ofUnexported struct{ *inner }
	loop         struct {
		*loop2 //nolint:unused // it is what the type is for
		ID     int
	}
	loop2     struct{ *loop } //nolint:unused // as above
	Loop      struct{ *Loop }
	embTagged struct {
		Base `schema:"type=JSON"`
	}
	noField struct{ x int } //nolint:unused // the point of it
	aFunc   struct{ F func() }
	aChan   struct {
		C struct{ Deep []chan int } `json:"c"`
	}
	badTag struct {
		A int `schema:"primarykey"`
	}
	badType struct {
		A int `schema:"type=NUMBER"`
	}
	badFit struct {
		A bool `schema:"type=LONG"`
	}
	badNum struct {
		A schema.Decimal `schema:"precision=x"`
	}
	node struct {
		ID       int64   `json:"id"`
		Parent   *node   `json:"parent"`
		Children []*node `json:"children"`
	}
)

func names(table schema.Table) (names []string) {
	for _, c := range table.Columns {
		names = append(names, c.Name)
	}
	return names
}

func TestFieldsOfEmbeddedStructsAreColumns(t *testing.T) {
	for _, test := range []struct {
		what  string
		table schema.Table
		want  []string
	}{
		{"by value, in order", schema.TableOf[byValue]("t"), []string{"id", "name", "Inner", "extra"}},
		{"by pointer", schema.TableOf[byPointer]("t"), []string{"id", "name", "extra"}},
		{"the outer field hides the inner", schema.TableOf[shadowing]("t"), []string{"id", "name"}},
		{"the outer field settles what would be ambiguous", schema.TableOf[settled]("t"), []string{"id", "source", "name"}},
		{"a name in the json tag makes one column", schema.TableOf[named]("t"), []string{"base", "id"}},
		{"of two equally deep the tagged wins", schema.TableOf[taggedWins]("t"), []string{"V"}},
		{"a type with a form of its own is one column", schema.TableOf[timed]("t"), []string{"Time", "ID"}},
		{"recursive types are JSON", schema.TableOf[node]("t"), []string{"id", "parent", "children"}},
	} {
		require.NoError(t, test.table.Validate(), test.what)
		assert.Equal(t, test.want, names(test.table), test.what)
	}
	hides := schema.TableOf[shadowing]("t")
	c, _ := hides.Column("name")
	assert.Equal(t, schema.TypeInt, c.Type)
}

func TestWhatCannotBeAColumnIsNamedWithItsPackageAndType(t *testing.T) {
	for _, test := range []struct {
		table schema.Table
		want  string
	}{
		{schema.TableOf[ambiguous]("t"), `schema_test.Untagged.V and schema_test.Also.V are both column "V"`},
		{schema.TableOf[ofUnexported]("t"), "schema_test.ofUnexported.inner: an embedded pointer to an unexported struct"},
		{schema.TableOf[Loop]("t"), "schema_test.Loop embeds itself"},
		{schema.TableOf[loop]("t"), "schema_test.loop.loop2"},
		{schema.TableOf[embTagged]("t"), "schema_test.embTagged.Base: the fields of an embedded struct are columns of their own"},
		{schema.TableOf[noField]("t"), "schema_test.noField has no exported field"},
		{schema.TableOf[aFunc]("t"), "schema_test.aFunc.F: func() can't be a column"},
		{schema.TableOf[aChan]("t"), "schema_test.aChan.C"},
		{schema.TableOf[badTag]("t"), `schema_test.badTag.A: schema tag "primarykey": unknown option (want primary_key, nullable, type, precision, scale or description)`},
		{schema.TableOf[badType]("t"), `schema_test.badType.A: schema tag "type=NUMBER"`},
		{schema.TableOf[badFit]("t"), "schema_test.badFit.A: bool can't be delivered as LONG"},
		{schema.TableOf[badNum]("t"), `schema_test.badNum.A: schema tag "precision=x"`},
		{schema.TableOf[int]("t"), "int is not a struct"},
	} {
		assert.ErrorContains(t, test.table.Validate(), test.want)
		_, err := schema.New("s", test.table)
		assert.ErrorContains(t, err, `schema: table "t": `)
	}
}

func TestValidateReportsAllThatIsWrong(t *testing.T) {
	table := schema.Table{Name: " a", Columns: []schema.Column{
		{Name: "", Type: schema.TypeLong},
		{Name: "x", Type: schema.TypeLong},
		{Name: "X", Type: schema.TypeLong},
		{Name: "none"},
		{Name: "bell\a", Type: schema.TypeString},
		{Name: "utf\xff", Type: schema.TypeString},
		{Name: "doc", Type: schema.TypeJSON, PrimaryKey: true},
		{Name: "both", Type: schema.TypeLong, PrimaryKey: true, Nullable: true},
		{Name: "long", Type: schema.TypeLong, Precision: 3},
		{Name: "scale", Type: schema.TypeDecimal, Precision: 3, Scale: 4},
		{Name: "odd", Type: schema.Type(99)},
	}}
	err := table.Validate()
	for _, want := range []string{
		"the table's name begins or ends with white space",
		`the name of column "" is empty`,
		`columns "x" and "X" are one to a destination that folds case`,
		`column "none" has no type`,
		"holds a control character",
		"is not valid UTF-8",
		`column "doc" of type JSON can't be in a primary key`,
		`column "both" can't be both in the primary key and nullable`,
		`column "long": precision and scale belong to DECIMAL, not to LONG`,
		`column "scale": precision 3 and scale 4 make no decimal`,
		`column "odd" has no type`,
	} {
		assert.ErrorContains(t, err, want)
	}
	assert.NoError(t, (&schema.Table{Name: "accepts what comes"}).Validate())
}

func TestNewChecksTheTablesAndKnowsThemByBothNames(t *testing.T) {
	columns := []schema.Column{{Name: "id", Type: schema.TypeLong}}
	s, err := schema.New("shop", schema.Table{Name: "orders", Columns: columns}, schema.Table{Name: "items"})
	require.NoError(t, err)
	columns[0].Name = "changed later"
	require.Len(t, s.Tables(), 2)
	for _, name := range []string{"orders", "shop.orders"} {
		table, ok := s.Table(name)
		require.True(t, ok, name)
		assert.Equal(t, "shop.orders", table.String())
		assert.Equal(t, "id", table.Columns[0].Name)
	}
	_, ok := s.Table("shop")
	assert.False(t, ok)
	s.Tables()[0] = nil
	assert.NotNil(t, s.Tables()[0], "the slice is the caller's")

	_, err = schema.New("", schema.Table{Name: "a"}, schema.Table{Name: "A"}, schema.Table{Name: "b", Columns: []schema.Column{{Name: "c"}}})
	assert.ErrorContains(t, err, `the schema's name "" is empty`)
	assert.ErrorContains(t, err, `tables "a" and "A" are one to a destination that folds case`)
	assert.ErrorContains(t, err, `table "b": column "c" has no type`)
}

func TestJoinKeepsNamesApart(t *testing.T) {
	mustNew := func(name string, tables ...schema.Table) schema.Schema {
		s, err := schema.New(name, tables...)
		require.NoError(t, err)
		return s
	}
	sales := mustNew("sales", schema.Table{Name: "orders"}, schema.Table{Name: "leads"})
	shop := mustNew("shop", schema.Table{Name: "orders"})
	third := mustNew("third", schema.Table{Name: "orders"}, schema.Table{Name: "shop.orders"})
	both, err := schema.Join(sales, shop, third)
	require.NoError(t, err)
	assert.Len(t, both.Tables(), 5)
	_, ok := both.Table("orders")
	assert.False(t, ok, "it could be any of three")
	_, ok = both.Table("shop.orders")
	assert.False(t, ok, "it could be orders of shop or shop.orders of third")
	for name, want := range map[string]string{"leads": "sales.leads", "sales.orders": "sales.orders", "third.orders": "third.orders", "third.shop.orders": "third.shop.orders"} {
		table, ok := both.Table(name)
		require.True(t, ok, name)
		assert.Equal(t, want, table.String())
	}
	_, err = schema.Join(sales, sales)
	assert.EqualError(t, err, `schema: table "sales.orders" is declared twice`)
	_, err = schema.Join(sales, mustNew("Sales", schema.Table{Name: "Orders"}))
	assert.EqualError(t, err, `schema: tables "sales.orders" and "Sales.Orders" are one to a destination that folds case`)
	_, err = schema.Join(mustNew("a", schema.Table{Name: "b.c"}), mustNew("a.b", schema.Table{Name: "c"}))
	assert.EqualError(t, err, `schema: table "b.c" of schema "a" and table "c" of schema "a.b" have the same qualified name: rename one of them`)
}

func TestTypesHaveATextThatReadsBack(t *testing.T) {
	for typ := schema.TypeBoolean; typ <= schema.TypeJSON; typ++ {
		text, err := typ.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, typ.String(), string(text))
		var back schema.Type
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, typ, back)
	}
	_, err := schema.Type(0).MarshalText()
	assert.Error(t, err)
	assert.Equal(t, "Type(15)", schema.Type(15).String())
	_, err = schema.ParseType("long")
	assert.ErrorContains(t, err, `"long" is not a column type`)
	var typ schema.Type
	assert.Error(t, json.Unmarshal([]byte(`"TEXT"`), &typ))
}

func TestDecimalKeepsItsDigits(t *testing.T) {
	for in, want := range map[string]schema.Decimal{
		`19.90`: "19.90", `"19.90"`: "19.90", `-0`: "-0", `1e3`: "1e3", `"+.5E-7"`: "+.5E-7", `null`: "", `""`: "",
		`123456789012345678901234567890.10`: "123456789012345678901234567890.10",
	} {
		var d schema.Decimal
		require.NoError(t, json.Unmarshal([]byte(in), &d), in)
		assert.Equal(t, want, d, in)
		out, err := json.Marshal(d)
		require.NoError(t, err)
		var back schema.Decimal
		require.NoError(t, json.Unmarshal(out, &back))
		assert.Equal(t, d, back)
	}
	for _, in := range []string{`true`, `[1]`, `{}`, `"12,50"`, `"1 "`, `"NaN"`, `"."`, `"1e"`, `"0x1"`} {
		var d schema.Decimal
		err := json.Unmarshal([]byte(in), &d)
		require.Error(t, err, in)
		assert.NotContains(t, err.Error(), "12,50", "no value in an error")
	}
	_, err := json.Marshal(schema.Decimal("a lot"))
	assert.ErrorContains(t, err, "not a number")
}

func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{`1`, `"1.50"`, `-0.0e-10`, `null`, `"\u0031"`, `"+5"`, `"."`, `{}`, `"1`, ``} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var d schema.Decimal
		if json.Unmarshal([]byte(in), &d) != nil {
			_ = d.UnmarshalJSON([]byte(in)) // called without the decoder's check
			return
		}
		out, err := json.Marshal(d)
		require.NoError(t, err)
		var back schema.Decimal
		require.NoError(t, json.Unmarshal(out, &back))
		require.Equal(t, d, back)
		if d == "" {
			return
		}
		var text string
		if json.Unmarshal([]byte(in), &text) == nil {
			require.Equal(t, text, string(d))
		}
		if !strings.ContainsAny(string(d), "eE") { // big.Rat takes exponents up to a bound
			_, ok := new(big.Rat).SetString(string(d))
			require.True(t, ok, "a number to others, too")
		}
	})
}
