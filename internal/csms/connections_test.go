package csms_test

import (
	"io"
	"log"
	"net"
	"net/http"
	"sync"
)

// connections counts those that a server has accepted.
type connections struct {
	mu       sync.Mutex
	accepted int
}

func (c *connections) observe(_ net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state == http.StateNew {
		c.accepted++
	}
}

func (c *connections) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.accepted
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
