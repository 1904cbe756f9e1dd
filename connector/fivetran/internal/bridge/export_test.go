package bridge

import (
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/host"
)

type Tables = tables

func NewTables(answer *protocol.SchemaResponse) (*Tables, error) { return newTables("", answer) }

func (t *tables) Choose(selected host.Selection) (warnings []string) { return t.choose(selected) }
