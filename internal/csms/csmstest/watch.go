package csmstest

// changed tells whoever waits that secrets have changed, and keeps the change if there is a file to keep it in.
func (s *Server) changed() error {
	s.wake()
	return s.save()
}

// wake tells whoever waits that something has happened.
func (s *Server) wake() {
	s.revision++
	close(s.happened)
	s.happened = make(chan struct{})
}

// watch gives the number of what has happened last, and a channel that is closed when something happens next.
func (s *Server) watch() (revision uint64, next <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revision, s.happened
}
