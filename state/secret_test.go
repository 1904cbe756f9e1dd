package state_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

type secret string

func (secret) Reveal() string { return "" }

type byPointer struct{ s string }

func (p *byPointer) Reveal() string { return p.s }

func TestSetRejectsSecrets(t *testing.T) {
	type config struct {
		Name string
		Key  secret
	}
	type deep struct{ List []map[string]*config }
	type recursive struct {
		Next *recursive
		Any  any
	}
	s := secret("hunter2")
	d := state.New()
	for _, v := range []any{
		s, &s, config{}, &config{}, []secret{}, [1]secret{}, map[string]secret{}, map[secret]int{}, deep{}, byPointer{"hunter2"},
		map[string]any{"a": []any{s}}, []any{&config{}}, recursive{Next: &recursive{Any: s}}, any(&[]any{map[string]any{"x": byPointer{}}}),
	} {
		err := d.Table("t").Set("k", v)
		assert.ErrorContains(t, err, "contains a secret", "%T", v)
		assert.NotContains(t, err.Error(), "hunter2")
	}
	require.NoError(t, d.Table("t").Set("k", recursive{Next: &recursive{Any: []any{1, nil, "x", map[string]any{}}}}))
}
