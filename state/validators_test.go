package state_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

// If the rows of a modified page have been delivered and the table then fails, the state
// must not say that the platform still has the earlier content.
func TestARemovedValidatorIsNotSavedIfItsTableFails(t *testing.T) {
	doc, err := state.Parse([]byte(`{"orders":{"cursor":1,"validators":[{"request":"a","etag":"1"},{"request":"b","etag":"1"}]}}`))
	require.NoError(t, err)
	part := doc.Table("orders")
	require.NoError(t, part.Set("validators", []map[string]string{{"etag": "1", "request": "b"}}))
	require.NoError(t, part.Set("other", 1))
	require.NoError(t, part.Set("validators", []map[string]string{{"etag": "1", "request": "b"}, {"etag": "2", "request": "a"}}))
	assert.JSONEq(t, `{"orders":{"cursor":1,"validators":[{"request":"b","etag":"1"}]}}`, string(doc.Snapshot().State), "without a checkpoint")
	require.NoError(t, doc.Checkpoint())
	assert.JSONEq(t, `{"orders":{"cursor":1,"other":1,"validators":[{"request":"b","etag":"1"},{"request":"a","etag":"2"}]}}`, string(doc.Snapshot().State))
	require.NoError(t, part.Set("validators", []string{}))
	assert.JSONEq(t, `{"orders":{"cursor":1,"other":1}}`, string(doc.Snapshot().State))
}
