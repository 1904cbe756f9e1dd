package connectortest

import (
	"context"
	"errors"
	"net"
	"sync"
)

// prepareNameResolver lets package net make the channels that it keeps for all lookups. If
// a lookup in a bubble made them, a lookup in the next bubble would end the process. A
// connector looks up a name if it sends a request that does not go through package
// transport.
var prepareNameResolver = sync.OnceFunc(func() {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	offline := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no lookup is sent")
	}}
	for _, r := range []*net.Resolver{offline, net.DefaultResolver} {
		_, _ = r.LookupHost(ctx, "localhost")
	}
})
