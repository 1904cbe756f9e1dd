package hosttest

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

var largeRule = rule{
	name:     "Large",
	contract: "a row of 3 MiB, a state of 1 MiB and everything after them arrive complete",
	fix:      "do not shorten rows or states, and raise the limit of any buffer or message of the wire that is smaller",
	check: func(c *check) {
		huge := strings.Repeat("0123456789abcdef", 3<<20/16)
		saved := strings.Repeat("fedcba9876543210", 1<<20/16)
		s := syncing(shop, func(_ context.Context, st state.State, out connector.Emitter) error {
			for _, row := range []note{{1, "small"}, {2, huge}, {3, "small"}} {
				if err := out.Upsert("orders", row); err != nil {
					return err
				}
			}
			return st.Table("orders").Set("page", saved)
		})
		a := c.succeed(call{source: s, request: Request{Configuration: []byte(configured)}})
		tables, err := shop()
		if err != nil {
			c.fatal("%v", err)
		}
		c.want(a, tables, change{host.OpUpsert, "shop.orders", `{"id":1,"note":"small"}`},
			change{host.OpUpsert, "shop.orders", `{"id":2,"note":"` + huge + `"}`},
			change{host.OpUpsert, "shop.orders", `{"id":3,"note":"small"}`})
		var part struct{ Page string }
		_ = json.Unmarshal(c.resume(s, a.state())["orders"], &part) // if it fails, the page is empty
		if part.Page != saved {
			c.broken("a sync from the state receives %d of the %d bytes that were saved", len(part.Page), len(saved))
		}
	},
}
