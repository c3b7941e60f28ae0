package main

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// journal tells what happens: in lines for people, or in JSON for programs.
type journal struct {
	out   io.Writer
	json  *slog.Logger // Nil for people.
	quiet bool         // Whether requests are left out.
}

func newJournal(out io.Writer, asJSON, quiet bool) *journal {
	j := &journal{out: out, quiet: quiet}
	if asJSON {
		j.json = slog.New(slog.NewJSONHandler(out, nil))
	}
	return j
}

// serving tells where the mock listens and how to point a client at it.
func (j *journal) serving(url string, secrets int, restored bool) {
	if j.json != nil {
		j.json.Info("serving", "url", url, "secrets", secrets, "restored", restored)
		return
	}
	from := ""
	if restored {
		from = " as they were left"
	}
	fmt.Fprintf(j.out, "csms-mock serves %d secrets%s. Look at them at %s/, and to point Terraform at them:\n\n%s\n", secrets, from, url,
		csmstest.Environment(url))
}

// request tells of one request, without its credentials and values.
func (j *journal) request(r csmstest.Request) {
	switch {
	case j.quiet:
	case j.json != nil:
		j.json.Info("request", "request", r)
	default:
		fmt.Fprintln(j.out, r.String())
	}
}

func (j *journal) stopped() {
	switch {
	case j.json != nil:
		j.json.Info("stopped")
	case !j.quiet:
		fmt.Fprintln(j.out, "csms-mock has stopped.")
	}
}
