package connectortest

import (
	"context"
	"fmt"
	"net"
	"reflect"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// ThroughProxy lets Faults, Cancel and SlowConsumer test how a connector uses its
// connections if its source is not an HTTP API but, for example, a database. address
// is the address of the source as host:port. set changes the address in the
// configuration of a copy of the connector:
//
//	connectortest.Run(t, &Connector{Address: "127.0.0.1:5432", Password: "pw-0123456789"},
//		connectortest.ThroughProxy("127.0.0.1:5432", func(c *Connector, address string) {
//			c.Address = address
//		}))
//
// If the address is part of a URL or a DSN, set writes the whole one:
//
//	connectortest.ThroughProxy("127.0.0.1:5432", func(c *Connector, address string) {
//		c.URL = "postgres://test@" + address + "/shop"
//	})
//
// The three subtests pass the address of a TCP proxy on the loopback interface to set.
// The proxy passes connections on to the source. Faults cuts, resets, refuses, stalls
// and delays them. The seed determines the faults, and after how many bytes in which
// direction they occur. Cancel stalls a connection in the middle of a response, and
// then cancels the sync. SlowConsumer counts the bytes that the connector receives
// while the platform does not read. More than 8 MiB are a failure; the system itself
// buffers up to 6 MB. The other checks of these subtests, and the other subtests,
// reach the source directly.
//
// The copy is shallow: set must replace a pointer, a map or a slice that contains the
// address, and not change what it refers to. If the connector uses TLS, it must
// accept the certificate of the source for the host of the proxy, 127.0.0.1. It is an
// error if no connection of a sync goes through the proxy.
//
// Connections take real time, so ThroughProxy cannot be combined with [Source]. Run
// takes the time of about 40 further syncs, up to 3 seconds for stalled and delayed
// connections, and up to 15 seconds if the connector keeps reconnecting to a source
// that cannot be reached. ThroughProxy applies to Run.
func ThroughProxy[C connector.Connector](address string, set func(c C, address string)) Option {
	return Option{"ThroughProxy", inRun, func(o *options) {
		o.proxied = &proxiedSource{address, func(original connector.Connector, address string) (connector.Connector, bool) {
			if v := reflect.ValueOf(original); v.Kind() == reflect.Pointer && !v.IsNil() {
				fresh := reflect.New(v.Type().Elem())
				fresh.Elem().Set(v.Elem())
				original, _ = fresh.Interface().(connector.Connector) // the type is the same
			}
			c, ok := original.(C)
			if ok {
				set(c, address)
			}
			return c, ok
		}}
	}}
}

// A proxiedSource is a source whose connections the suite can break.
type proxiedSource struct {
	address string
	// redirect returns a copy of a connector that dials another address. It reports
	// whether the connector has the type that the option expects.
	redirect func(c connector.Connector, address string) (connector.Connector, bool)
}

// check returns an error if the option does not suit the connector.
func (p *proxiedSource) check(c connector.Connector) error {
	if _, port, err := net.SplitHostPort(p.address); err != nil || port == "" {
		return fmt.Errorf("the option ThroughProxy: the address %q does not have the form host:port", p.address)
	}
	if _, ok := p.redirect(c, p.address); !ok {
		return fmt.Errorf("the option ThroughProxy: its function expects another type of connector than the %T that was passed to Run", c)
	}
	return nil
}

// newProxy returns a proxy with the planned faults. syncThrough closes it.
func (s *suite) newProxy(c *check, plan ...connFault) *tcpProxy {
	p, err := newTCPProxy(s.proxied.address, plan)
	if err != nil {
		c.fatalf("start a proxy on the loopback interface: %v", err)
	}
	return p
}

// syncThrough runs a sync that reaches its source through a proxy, and closes the
// proxy.
func (s *suite) syncThrough(ctx context.Context, c *check, p *tcpProxy, a attempt) *delivery {
	defer p.close()
	a.connector, _ = s.proxied.redirect(s.connector, p.addr()) // newSuite has checked the type
	d := s.sync(ctx, a)
	if err := p.dialError(); err != nil {
		c.rule.fix = "pass the address at which the source listens to the option ThroughProxy"
		c.fatalf("the proxy could not connect to the source: %v", err)
	}
	return d
}

// proxyTimeout is how long a sync through a proxy may take.
func (s *suite) proxyTimeout(c *check) time.Duration {
	baseline := s.baseline(c)
	return 30*time.Second + 10*baseline.ended.Sub(baseline.began)
}

// proxiedTraffic returns how much a sync exchanges with its source through a proxy
// without faults. It fails if the sync does not use the proxy, or if it differs from
// one that does not.
func (s *suite) proxiedTraffic(c *check) traffic {
	baseline := s.baseline(c)
	s.findings.proxiedOnce.Do(func() {
		s.findings.notProxied = "no sync can run through a proxy, as an earlier subtest reports"
		p := s.newProxy(c)
		d := s.syncThrough(context.WithoutCancel(c.Context()), c, p, attempt{timeout: s.proxyTimeout(c)})
		s.findings.proxied = p.traffic()
		diff := ""
		if d.err == nil {
			diff = s.compareComplete().diff(d.platform, baseline.platform)
		}
		switch {
		case s.findings.proxied[fromSource] == 0:
			s.findings.notProxied = "no data from the source went through the proxy: the function passed to ThroughProxy must set the address that Sync connects to"
		case d.err != nil:
			s.findings.notProxied = "a sync that reached its source through a proxy without faults failed: " + d.failure()
		case diff != "":
			s.findings.notProxied = "the rows of a sync that reached its source through a proxy without faults differ from those of a direct one:\n" + diff
		default:
			s.findings.notProxied = ""
		}
	})
	if s.findings.notProxied != "" {
		c.rule.fix = "check the function passed to ThroughProxy; with TLS, the connector must accept the certificate of the source for the host 127.0.0.1"
		c.fatalf("%s", s.findings.notProxied)
	}
	return s.findings.proxied
}
