package fivetran_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/schema"
)

func TestTheSchemaHasTheTypesKeysAndDigitsOfTheColumns(t *testing.T) {
	t.Parallel()
	table := everyType()
	table.Columns = append(table.Columns, schema.Column{Name: "price", Type: schema.TypeDecimal, Precision: 12, Scale: 2})
	m := served(t, &scripted{tables: []*schema.Table{table}}, fivetran.PartnerSDK).schema(t, nil)
	assert.False(t, m.NotSupported)
	assert.False(t, m.SelectionNotSupported)
	assert.Nil(t, m.Tables.WithSchema)
	assert.Equal(t, &protocol.TableList{Tables: []protocol.Table{{Name: "types", Columns: []protocol.Column{
		{Name: "id", Type: protocol.Long, PrimaryKey: true},
		{Name: "boolean", Type: protocol.Boolean}, {Name: "short", Type: protocol.Short}, {Name: "int", Type: protocol.Int},
		{Name: "long", Type: protocol.Long}, {Name: "float", Type: protocol.Float}, {Name: "double", Type: protocol.Double},
		{Name: "decimal", Type: protocol.Decimal}, {Name: "naive_date", Type: protocol.NaiveDate},
		{Name: "naive_datetime", Type: protocol.NaiveDatetime}, {Name: "utc_datetime", Type: protocol.UTCDatetime},
		{Name: "binary", Type: protocol.Binary}, {Name: "xml", Type: protocol.XML}, {Name: "string", Type: protocol.String},
		{Name: "json", Type: protocol.JSON}, {Name: "price", Type: protocol.Decimal, Precision: 12, Scale: 2},
	}}}}, m.Tables.WithoutSchema)
}

func TestTablesOfSeveralSchemasAreListedBySchema(t *testing.T) {
	t.Parallel()
	archive := notes()
	archive.Schema = "archive"
	more := notes()
	more.Name = "more"
	m := served(t, &scripted{tables: []*schema.Table{notes(), archive, more}}, fivetran.PartnerSDK).schema(t, nil)
	assert.Nil(t, m.Tables.WithoutSchema)
	var names []string
	for _, s := range m.Tables.WithSchema.Schemas {
		for _, table := range s.Tables {
			names = append(names, s.Name+"."+table.Name)
		}
	}
	assert.Equal(t, []string{"shop.notes", "shop.more", "archive.notes"}, names)
}

func TestASourceWithoutTablesHasAnEmptyList(t *testing.T) {
	t.Parallel()
	m := served(t, &formed{}, fivetran.PartnerSDK).schema(t, nil)
	assert.Equal(t, &protocol.TableList{}, m.Tables.WithoutSchema)
}
