package main

import (
	"fmt"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

// standIns answers what penstock package asks of a program, until penstock.Main serves
// Airbyte and Singer itself.
func standIns() []host.Option {
	return []host.Option{standIn("airbyte", `{"type":"SPEC","spec":{"connectionSpecification":%s}}`), standIn("singer", `{"name":"tap-everyfield","capabilities":["catalog","state","discover","about","activate-version"],"settings":%s}`)}
}

func standIn(name, answer string) host.Option {
	return host.With(host.Wire{Name: name, Deadline: time.Second, Serve: func(p *host.Process) int {
		form, err := config.FormOf(p.Connector)
		if err != nil {
			return 1
		}
		spec, err := form.Spec()
		if err != nil {
			return 1
		}
		fmt.Fprintf(p.Stdout, answer+"\n", spec)
		return 0
	}})
}
