package csmstest

import (
	"cmp"
	"encoding/json"
	"maps"
	"mime"
	"slices"
)

// fields are the members of a JSON object in a request. Names are matched to the letter, which the
// usual decoding into structs does not do: a client that misspells a name by its case must fail
// here as it does at the real service.
type fields map[string]json.RawMessage

// readFields reads the request's body, which must be one JSON object and be declared as such.
func (c *call) readFields() (fields, error) {
	mediaType, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return nil, errBodyFormat
	}
	return parseFields(c.body)
}

// readIAMFields reads the request's body as IAM does: the vendor's own SDK leaves some bodies
// undeclared.
func (c *call) readIAMFields() (fields, error) {
	if c.request.Header.Get("Content-Type") == "" {
		return parseFields(c.body)
	}
	return c.readFields()
}

func parseFields(text []byte) (fields, error) {
	var f fields
	if err := json.Unmarshal(text, &f); err != nil || f == nil {
		return nil, errBodyFormat
	}
	return f, nil
}

// has reports whether a member is there and not null.
func (f fields) has(name string) bool {
	raw, ok := f[name]
	return ok && string(raw) != "null"
}

// read decodes a member, leaving the target alone if it is absent or null. A member of another type
// is an invalid parameter.
func (f fields) read(name string, target any) error {
	if !f.has(name) {
		return nil
	}
	if err := json.Unmarshal(f[name], target); err != nil {
		return errInvalidParameter
	}
	return nil
}

// readAll reads the members that are the keys of targets.
func (f fields) readAll(targets map[string]any) error {
	for name, target := range targets {
		if err := f.read(name, target); err != nil {
			return err
		}
	}
	return nil
}

// object returns the object inside a member; no fields if there is none.
func (f fields) object(name string) fields {
	var inner fields
	if f.read(name, &inner) != nil {
		return nil
	}
	return inner
}

// text returns a string member; empty if there is none.
func (f fields) text(name string) string {
	var s string
	if f.read(name, &s) != nil {
		return ""
	}
	return s
}

// distinct reports whether no name comes twice.
func distinct(names []string) bool {
	sorted := slices.Sorted(slices.Values(names))
	return len(slices.Compact(sorted)) == len(names)
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
