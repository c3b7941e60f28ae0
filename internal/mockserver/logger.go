package mockserver

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// logger says what happens: in lines for people, or in JSON for programs.
type logger struct {
	out   io.Writer
	json  *slog.Logger // Nil for people.
	quiet bool         // Whether requests are left out.
}

func newLogger(out io.Writer, asJSON, quiet bool) *logger {
	l := &logger{out: out, quiet: quiet}
	if asJSON {
		l.json = slog.New(slog.NewJSONHandler(out, nil))
	}
	return l
}

// serving says where the mock listens and how to point a client at it.
func (l *logger) serving(url string, secrets int, restored bool) {
	if l.json != nil {
		l.json.Info("serving", "url", url, "secrets", secrets, "restored", restored)
		return
	}
	from := ""
	if restored {
		from = " as they were left"
	}
	fmt.Fprintf(l.out, "csms-mock serves %d secrets%s. Look at them at %s/, and to point Terraform at them:\n\n",
		secrets, from, url)
	variables := csmstest.Variables(url)
	for _, name := range sortedKeys(variables) {
		fmt.Fprintf(l.out, "export %s=%s\n", name, variables[name])
	}
	fmt.Fprintln(l.out)
}

// request describes one request, without its credentials and values.
func (l *logger) request(r csmstest.Request) {
	switch {
	case l.quiet:
	case l.json != nil:
		l.json.Info("request", "request", r)
	default:
		fmt.Fprintln(l.out, r.String())
	}
}

func (l *logger) stopped() {
	switch {
	case l.json != nil:
		l.json.Info("stopped")
	case !l.quiet:
		fmt.Fprintln(l.out, "csms-mock has stopped.")
	}
}
