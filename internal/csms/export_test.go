package csms

import "time"

// SetClock makes a client believe that it is another time when it looks whether its credentials end soon. It is to be
// called before the client is used.
func (c *Client) SetClock(now func() time.Time) { c.family.now = now }
