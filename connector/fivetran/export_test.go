package fivetran

// OnEnd makes a server call f with the failure of each request, or nil.
func (s *Server) OnEnd(f func(error)) { s.testHookEnd = f }
