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

// serving says where the mock listens and how to point a client at it. All but the commands that do
// so are comments to a shell, so that the text can be evaluated as it is. Its last line says that
// the mock is ready.
func (l *logger) serving(url string, mock *csmstest.Server, restored bool) {
	variables := environment(url, mock)
	secrets := countSecrets(mock)
	if l.json != nil {
		l.json.Info("serving", "url", url, "secrets", secrets, "restored", restored, "environment", variables)
		return
	}
	noun, from := "secrets", ""
	if secrets == 1 {
		noun = "secret"
	}
	if restored {
		from = " from its state file"
	}
	fmt.Fprintf(l.out, "# csms-mock serves %d %s%s.\n", secrets, noun, from)
	fmt.Fprintf(l.out, "# Look at them at %s/, and point Terraform at them:\n\n", url)
	writeVariables(l.out, variables)
	fmt.Fprint(l.out, "\n# csms-mock is ready.\n")
}

func writeVariables(out io.Writer, variables map[string]string) {
	for _, name := range sortedKeys(variables) {
		fmt.Fprintf(out, "export %s=%s\n", name, variables[name])
	}
}

// environment returns the variables that point the provider at a mock. With several regions, each
// has an address of its own.
func environment(url string, mock *csmstest.Server) map[string]string {
	variables := csmstest.Variables(url)
	for _, p := range mock.Projects() {
		if p.Region() != csmstest.DefaultRegion {
			variables["CSMS_ENDPOINT"] = url + "/{region}"
		}
	}
	return variables
}

func countSecrets(mock *csmstest.Server) (n int) {
	for _, p := range mock.Projects() {
		n += len(p.Secrets())
	}
	return n
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
		fmt.Fprintln(l.out, "# csms-mock has stopped.")
	}
}
