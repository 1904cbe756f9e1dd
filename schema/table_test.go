package schema_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/schema"
)

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
