package transport

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAClientRemembersTheSamePointerForTheListsOfAllRecords(t *testing.T) {
	for path, want := range map[string]string{
		"/orders/17/items": "/orders/*/items", "/v2/orders": "/*/orders", "/orders": "/orders", "": "",
		"/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301/x": "/users/*/x",
	} {
		assert.Equal(t, want, withoutNumbers(path))
	}
}

func TestAClientRemembersALimitedNumberOfPointers(t *testing.T) {
	var r pointerRecord
	warned := 0
	for i := range 2 * maxPointers {
		k := pointer{path: fmt.Sprint("/", i), at: "next"}
		r.find(k)
		assert.Equal(t, i < maxPointers, r.wasFound(k))
		for range 2 {
			if r.warnsFirst(k) {
				warned++
			}
		}
	}
	assert.Equal(t, maxPointers, warned)
	assert.Len(t, r.found, maxPointers)
}
