package warehouse_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

func TestPlatformNamesFollowThePlatformsRules(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	w, err := warehouse.Open(path, warehouse.PlatformNames)
	require.NoError(t, err)
	require.NoError(t, w.Apply(stdin.Upsert, "myShop", "_OrderLines", []byte(
		`{"userData":1,"user.name":2,"address_line1":3,"Größe":4,"__a--b":5,"ID":6,"2nd":7,"a b":8}`)))
	var names []string
	for _, c := range w.Tables()[0].Columns {
		names = append(names, c.Name)
	}
	assert.Equal(t, "my_shop.order_lines", w.Tables()[0].Name)
	assert.Equal(t, []string{"user_data", "user_name", "address_line_1", "grosse", "_a_b", "id", "2_nd", "a_b"}, names)
	assert.ErrorContains(t, w.Apply(stdin.Upsert, "myShop", "_OrderLines", []byte(`{"user_data":1}`)), "columns userData and user_data are both user_data")
	require.NoError(t, w.Commit([]byte(`{}`)))
	require.NoError(t, w.Close())
	_, err = warehouse.Open(path, warehouse.SourceNames)
	assert.ErrorContains(t, err, "the warehouse was created with -naming platform")
}

func TestTablesWhoseDottedNamesAreEqualAreRefused(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	require.NoError(t, w.Apply(stdin.Upsert, "a.b", "c", []byte(`{"x":1}`)))
	assert.ErrorContains(t, w.Apply(stdin.Upsert, "a", "b.c", []byte(`{"x":1}`)), "table c of schema a.b and table b.c of schema a are both a.b.c")
}

func TestNamesWithNULAreRefused(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	assert.ErrorContains(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"b\u0000c":1}`)), `the name of column "b\x00c" contains a NUL character`)
	assert.ErrorContains(t, w.Apply(stdin.Upsert, "s\x00", "t", []byte(`{"b":1}`)), "contains a NUL character")
	require.NoError(t, w.Apply(stdin.Upsert, "s", "u", []byte(`{"b":"a\u0000b"}`)))
}
