package schema_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/schema"
)

func TestValidateReportsAllProblems(t *testing.T) {
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
		"the name of the table begins or ends with white space",
		`the name of column "" is empty`,
		`columns "x" and "X" are the same column at a destination that ignores case`,
		`column "none" has no type`,
		"contains a control character",
		"is not valid UTF-8",
		`column "doc" of type JSON cannot be part of a primary key`,
		`column "both" cannot be both nullable and part of the primary key`,
		`column "long": only a DECIMAL has a precision and scale, not a column of type LONG`,
		`column "scale": precision 3 and scale 4 are not valid`,
		`column "odd" has no type`,
	} {
		assert.ErrorContains(t, err, want)
	}
	assert.NoError(t, (&schema.Table{Name: "accepts any row"}).Validate())
}
