package csmstest

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// response is what goes back to the client. The zero response is none at all.
type response struct {
	status int
	header http.Header
	body   []byte
}

// object is a JSON object under construction. A nil value is left out; use null to send one.
type object map[string]any

// null is JSON's null.
var null = json.RawMessage("null")

func (o object) MarshalJSON() ([]byte, error) {
	present := make(map[string]any, len(o))
	for name, value := range o {
		if value != nil {
			present[name] = value
		}
	}
	return encode(present)
}

// jsonResponse responds with a JSON body. The body is of this package's making: a failure to encode
// it is a bug.
func jsonResponse(status int, body any) response {
	encoded, err := encode(body)
	if err != nil {
		panic(fmt.Sprintf("csmstest: encode a response: %v", err))
	}
	return response{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: encoded}
}

// textResponse responds in plain text, as the metadata service does.
func textResponse(status int, text string) response {
	return response{status: status, header: http.Header{"Content-Type": {"text/plain"}}, body: []byte(text)}
}

func encode(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// timestamp is a time as the service sends it: milliseconds of whole seconds, unless the server was
// told otherwise.
func (c *call) timestamp(t time.Time) int64 {
	if c.server.cfg.seconds {
		return t.Unix()
	}
	return t.Unix() * 1000
}

// pageInfo describes the page made of ids, in the order listed.
func (c *call) pageInfo(ids []string, last bool) object {
	o := object{"current_count": len(ids)}
	if len(ids) > 0 {
		o["previous_marker"] = ids[0]
	}
	switch marker := c.server.cfg.lastPageMarker; {
	case len(ids) > 0 && (!last || marker == MarkerLastID):
		o["next_marker"] = ids[len(ids)-1]
	case marker == MarkerNull:
		o["next_marker"] = null
	case marker == MarkerEmpty:
		o["next_marker"] = ""
	}
	return o
}

// page cuts the part out of ids that the query's limit and marker ask for, and reports whether it
// is the last.
func (c *call) page(ids []string) (page []string, last bool, err error) {
	query := c.request.URL.Query()
	limit := 50
	if query.Has("limit") {
		if limit, err = strconv.Atoi(query.Get("limit")); err != nil || limit < 1 || limit > 1000 {
			return nil, false, errInvalidParameter
		}
	}
	if marker := query.Get("marker"); marker != "" {
		at := slices.Index(ids, marker)
		if at < 0 {
			return nil, false, errInvalidParameter
		}
		ids = ids[at+1:]
	}
	return ids[:min(limit, len(ids))], len(ids) <= limit, nil
}

// send writes the response, or does to the connection what the fault wants.
func (s *Server) send(w http.ResponseWriter, c *call, resp response, f *Fault) {
	if f != nil && f.Hang {
		select {
		case <-c.request.Context().Done():
		case <-s.closed:
		}
	}
	if f != nil && (f.Reset || f.Hang) {
		reset(w)
		return
	}
	header := w.Header()
	header.Set("X-Request-Id", c.record.RequestID)
	if strings.HasPrefix(c.request.URL.Path, "/v3") {
		header.Set("X-IAM-Trace-Id", "token_"+c.record.RequestID)
	}
	maps.Copy(header, resp.header)
	write(w, resp, f != nil && f.Truncate)
}

// write sends the response, or half of it. The connection of half a response is of no further use.
func write(w http.ResponseWriter, resp response, truncate bool) {
	text := resp.body
	if resp.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	}
	if truncate {
		text = text[:len(text)/2]
	}
	w.WriteHeader(resp.status)
	if len(text) > 0 {
		_, _ = w.Write(text) // It fails if the client is gone, who then needs no response.
	}
	if truncate {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// reset closes the connection so that the client sees it reset, not ended.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 resets the stream for this.
	}
	inner := conn
	if secured, ok := conn.(*tls.Conn); ok {
		inner = secured.NetConn()
	}
	if tcp, ok := inner.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = inner.Close()
}
