package connectortest

import (
	"net/http"
)

// startSource makes the source and the network that leads to it. It returns a
// function that closes the network.
func (s *suite) startSource() (closeNetwork func()) {
	source := s.source()
	s.secrets.forget()
	network := newMemoryNetwork(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.findings.sourceRequests.Add(1)
		source.ServeHTTP(w, r)
	}))
	s.network = network
	return network.shutDown
}

// noRequestHint returns a hint for a failure if no request has reached the source
// in memory, or "".
func (s *suite) noRequestHint() string {
	if s.source == nil || s.findings.sourceRequests.Load() > 0 {
		return ""
	}
	return "\nno request has reached the handler of Source: give clients other than package transport's the network transport.RoundTripper, and pass the context of Sync to requests"
}

// baseNetwork returns the network that the suite's own round trippers pass
// requests on to.
func (s *suite) baseNetwork() http.RoundTripper {
	if s.network != nil {
		return s.network
	}
	if s.ownNetwork == nil {
		s.ownNetwork = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
		if usual, ok := http.DefaultTransport.(*http.Transport); ok {
			s.ownNetwork = usual.Clone()
		}
		s.ownNetwork.DisableCompression = true // the client decompresses
	}
	return s.ownNetwork
}

// closeIdleConnections closes the connections that the suite has opened.
func (s *suite) closeIdleConnections() {
	if s.ownNetwork != nil {
		s.ownNetwork.CloseIdleConnections()
	}
}
