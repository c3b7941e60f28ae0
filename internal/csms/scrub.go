package csms

import (
	"regexp"
	"strings"
)

// concealed stands where a credential stood.
const concealed = "***"

// shortestCredential keeps a credential of a test, such as "x", from making every message unreadable.
const shortestCredential = 4

// userInfo is the part of a URL that can hold a password. Errors about a proxy quote the proxy's URL.
var userInfo = regexp.MustCompile(`//[^/@\s]+@`)

// scrub takes the credentials of a call out of a text that others have written. The gateway, for one, repeats the access
// key when it does not know it.
func (k *call) scrub(s string) string {
	for _, credential := range append(k.used.values(), k.conceal...) {
		if len(credential) >= shortestCredential {
			s = strings.ReplaceAll(s, credential, concealed)
		}
	}
	return userInfo.ReplaceAllString(s, "//"+concealed+"@")
}

func (a authorization) values() []string {
	return []string{a.accessKey, a.secretKey, a.securityToken, a.token}
}

// scrubbed is scrub for an error, which keeps its identity. What others have written in it is made printable too: a
// certificate, for one, holds names of its own.
func (k *call) scrubbed(err error) error {
	if s := plain(k.scrub(err.Error())); s != err.Error() {
		return &scrubbedError{text: s, err: err}
	}
	return err
}

type scrubbedError struct {
	text string
	err  error
}

func (e *scrubbedError) Error() string { return e.text }
func (e *scrubbedError) Unwrap() error { return e.err }
