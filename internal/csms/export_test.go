package csms

import (
	"context"
	"net"
	"net/http"
	"time"
)

// SetDial makes clients of this configuration connect through a function in place of the network.
func SetDial(cfg *Config, dial func(context.Context) (net.Conn, error)) {
	cfg.dial = func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }
}

// SetClock makes a client believe that it is another time when it looks whether its credentials end soon. It is to be
// called before the client is used.
func (c *Client) SetClock(now func() time.Time) { c.family.now = now }

// AnswerWith lets a function answer all plain HTTP requests of a client in place of the network. It is to be called once.
func (c *Client) AnswerWith(answer func(*http.Request) (*http.Response, error)) {
	c.family.transport.base.RegisterProtocol("http", roundTripper(answer))
}
