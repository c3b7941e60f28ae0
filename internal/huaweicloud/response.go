package huaweicloud

import (
	"bytes"
	"encoding/json"
	"html"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// answer is what one HTTP response says, apart from the object that a success carries.
type answer struct {
	status                   int
	code, message, requestID string
	// date is the time by the clock of the service, zero if it does not say.
	date time.Time
}

// read takes the response in. The body has been read whole before.
func read(got received) answer {
	a := answer{status: got.status, requestID: requestIDOf(got.header)}
	a.date, _ = http.ParseTime(got.header.Get("Date"))
	if a.succeeded() {
		return a
	}
	a.code, a.message = "", sanitize(describe(got.header, got.body))
	fields, ok := decode(got.body)
	if !ok {
		return a
	}
	if a.requestID == "" {
		a.requestID = text(fields["request_id"])
	}
	if code, message := findError(fields, maxNesting); code != "" || message != "" {
		a.code, a.message = code, sanitize(message)
	}
	return a
}

func (a answer) succeeded() bool {
	return a.status >= http.StatusOK && a.status < http.StatusMultipleChoices
}

// Codes of the KMS endpoint for a token that is not valid or not valid any more, which it sends
// with status 403.
const (
	CodeTokenMissing = "KMS.0301"
	CodeTokenInvalid = "KMS.0302"
	CodeTokenExpired = "KMS.0303"
)

// refusesCredentials reports whether the credentials are what the service did not like.
func (a answer) refusesCredentials() bool {
	switch a.status {
	case http.StatusUnauthorized:
		return true
	case http.StatusForbidden:
		return a.code == CodeTokenMissing || a.code == CodeTokenInvalid || a.code == CodeTokenExpired
	default:
		return false
	}
}

// requestIDOf prefers the id that CSMS and the gateway send. IAM has its own.
func requestIDOf(header http.Header) string {
	if id := header.Get("X-Request-Id"); id != "" {
		return sanitize(id)
	}
	return sanitize(header.Get("X-Iam-Trace-Id"))
}

func decode(body []byte) (map[string]any, bool) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var fields map[string]any
	err := decoder.Decode(&fields)
	return fields, err == nil && fields != nil
}

// maxNesting is deeper than any documented error body and shallow enough for any body.
const maxNesting = 5

// findError looks for the pair of code and message. CSMS and the gateway send error_code and
// error_msg, IAM sends code and message, the code often as a number; KMS and IAM put the pair into
// an object of its own.
func findError(fields map[string]any, nesting int) (code, message string) {
	for _, keys := range [...]struct{ code, message string }{{"error_code", "error_msg"}, {"code", "message"}} {
		code, message = text(fields[keys.code]), text(fields[keys.message])
		if code != "" || message != "" {
			return code, message
		}
	}
	if nesting == 0 {
		return "", ""
	}
	for _, key := range sortedKeys(fields) {
		if inner, ok := fields[key].(map[string]any); ok {
			if code, message = findError(inner, nesting-1); code != "" || message != "" {
				return code, message
			}
		}
	}
	return "", ""
}

func sortedKeys(fields map[string]any) []string {
	keys := make([]string, 0, len(fields))
	for key := range fields {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func text(value any) string {
	switch value := value.(type) {
	case string:
		return sanitize(value)
	case json.Number:
		return value.String()
	default:
		return ""
	}
}

var titleElement = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// describe says in a few words what kind of body this is, for answers that do not say anything
// themselves. JSON is not quoted: it may be an object that was never meant to be an error.
func describe(header http.Header, body []byte) string {
	body = bytes.TrimSpace(body)
	switch {
	case header.Get("Location") != "":
		return "a redirect to " + hostOf(header.Get("Location")) + ", which is not followed"
	case len(body) == 0:
		return "an empty body"
	case isHTML(header, body):
		if title := titleElement.FindSubmatch(body); title != nil {
			return "an HTML page titled " + quoted(html.UnescapeString(string(title[1])))
		}
		return "an HTML page"
	case body[0] == '{' || body[0] == '[':
		return "JSON of an unexpected shape"
	default:
		return "the text " + quoted(string(body))
	}
}

func isHTML(header http.Header, body []byte) bool {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return body[0] == '<' || err == nil && media == "text/html"
}

// hostOf leaves out what follows the host: a redirect to a login page carries tickets in its query.
func hostOf(location string) string {
	u, err := url.Parse(location)
	if err != nil || u.Host == "" {
		return "another place"
	}
	return u.Host
}

func quoted(s string) string { return `"` + sanitize(s) + `"` }

// CanBeName reports whether the service can have meant these as names, ids or the like. What it
// sends is repeated in errors, warnings and plans, and a terminal obeys what cannot be printed.
func CanBeName(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		return len(name) > maxMessage || !utf8.ValidString(name) ||
			strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
	})
}

// maxMessage is how much of a foreign text, in runes, an error repeats.
const maxMessage = 500

// sanitize makes foreign text fit for one line of a terminal: printable, single spaced and not too
// long.
func sanitize(s string) string {
	s = strings.Map(func(r rune) rune {
		if r != unicode.ReplacementChar && unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > maxMessage {
		return string(runes[:maxMessage]) + "…"
	}
	return s
}
