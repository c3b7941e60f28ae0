package huaweicloud

import (
	"regexp"
	"strings"
)

// redaction stands where a credential stood.
const redaction = "***"

// shortestCredential keeps a credential of a test, such as "x", from making every message
// unreadable.
const shortestCredential = 4

// userInfo is the part of a URL that can hold a password. Errors about a proxy quote the proxy's
// URL.
var userInfo = regexp.MustCompile(`//[^/@\s]+@`)

// redact takes the credentials of a call out of a text that others have written. The gateway, for
// one, repeats the access key when it does not know it.
func (k *call) redact(s string) string {
	for _, credential := range append(k.used.values(), k.secrets...) {
		if len(credential) >= shortestCredential {
			s = strings.ReplaceAll(s, credential, redaction)
		}
	}
	return userInfo.ReplaceAllString(s, "//"+redaction+"@")
}

func (a authorization) values() []string {
	return []string{a.accessKey, a.secretKey, a.securityToken, a.token}
}

// redacted is redact for an error, which keeps its identity. What others have written in it is made
// printable too: a certificate, for one, holds names of its own.
func (k *call) redacted(err error) error {
	if s := sanitize(k.redact(err.Error())); s != err.Error() {
		return &redactedError{text: s, err: err}
	}
	return err
}

type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }
