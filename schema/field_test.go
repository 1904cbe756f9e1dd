package schema_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

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
	hidden   int             //nolint:unused // unexported fields are not columns
}

func TestASchemaTagOverridesTheDefaults(t *testing.T) {
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

func TestAFieldOfThePrimaryKeyMayBeAPointer(t *testing.T) {
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
		*loop2 //nolint:unused // only its type matters
		ID     int
	}
	loop2     struct{ *loop } //nolint:unused // only its type matters
	Loop      struct{ *Loop }
	embTagged struct {
		Base `schema:"type=JSON"`
	}
	noField  struct{ x int } //nolint:unused // only its type matters
	aFunc    struct{ F func() }
	misnamed struct {
		A int `json:"a" scheme:"primary_key"`
	}
	embMisnamed struct{ misnamed }
	aChan       struct {
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
		{"the outer field resolves the ambiguity", schema.TableOf[settled]("t"), []string{"id", "source", "name"}},
		{"an embedded struct with a name in its json tag is one column", schema.TableOf[named]("t"), []string{"base", "id"}},
		{"a tagged field hides an untagged one of the same depth", schema.TableOf[taggedWins]("t"), []string{"V"}},
		{"an embedded type with a marshaling method is one column", schema.TableOf[timed]("t"), []string{"Time", "ID"}},
		{"recursive types are JSON", schema.TableOf[node]("t"), []string{"id", "parent", "children"}},
	} {
		require.NoError(t, test.table.Validate(), test.what)
		assert.Equal(t, test.want, names(test.table), test.what)
	}
	hides := schema.TableOf[shadowing]("t")
	c, _ := hides.Column("name")
	assert.Equal(t, schema.TypeInt, c.Type)
}

func TestAFieldThatCannotBeAColumnIsNamedWithItsPackageAndType(t *testing.T) {
	for _, test := range []struct {
		table schema.Table
		want  string
	}{
		{schema.TableOf[ambiguous]("t"), `schema_test.Untagged.V and schema_test.Also.V both have the column name "V"`},
		{schema.TableOf[ofUnexported]("t"), "schema_test.ofUnexported.inner: an embedded pointer to an unexported struct"},
		{schema.TableOf[Loop]("t"), "schema_test.Loop embeds itself"},
		{schema.TableOf[loop]("t"), "schema_test.loop.loop2"},
		{schema.TableOf[embTagged]("t"), "schema_test.embTagged.Base: each field of an embedded struct is a column"},
		{schema.TableOf[noField]("t"), "schema_test.noField has no exported field"},
		{schema.TableOf[aFunc]("t"), "schema_test.aFunc.F: func() cannot be a column"},
		{schema.TableOf[aChan]("t"), "schema_test.aChan.C"},
		{schema.TableOf[embMisnamed]("t"), `schema_test.misnamed.A: its tag has the key scheme: write schema`},
		{schema.TableOf[misnamed]("t"), `schema_test.misnamed.A: its tag has the key scheme: write schema`},
		{schema.TableOf[badTag]("t"), `schema_test.badTag.A: schema tag "primarykey": unknown option (want primary_key, nullable, type, precision, scale or description)`},
		{schema.TableOf[badType]("t"), `schema_test.badType.A: schema tag "type=NUMBER"`},
		{schema.TableOf[badFit]("t"), "schema_test.badFit.A: bool cannot be delivered as LONG"},
		{schema.TableOf[badNum]("t"), `schema_test.badNum.A: schema tag "precision=x"`},
		{schema.TableOf[int]("t"), "int is not a struct"},
	} {
		assert.ErrorContains(t, test.table.Validate(), test.want)
		_, err := schema.New("s", test.table)
		assert.ErrorContains(t, err, `schema: table "t": `)
	}
}
