package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// settings are what the command line asks for.
type settings struct {
	addr        string
	allowRemote bool
	seed        string
	state       string
	json        bool
	quiet       bool
	latency     time.Duration
	rateLimit   int
	faults      []csmstest.Fault
	options     []csmstest.Option
}

// group is some flags that belong together, with what is to be said about them as a whole.
type group struct {
	title string
	flags *flag.FlagSet
}

// parse reads the command line. Asked for help it writes it and returns flag.ErrHelp.
func parse(args []string, out io.Writer) (settings, error) {
	s := settings{options: []csmstest.Option{csmstest.WithRequestLimit(1000)}}
	values := valueSettings{stored: true, apart: true}
	groups := []group{s.serving(), s.secrets(&values), s.badDay(), s.disputes()}
	all := flag.NewFlagSet("csms-mock", flag.ContinueOnError)
	all.SetOutput(io.Discard)
	for _, g := range groups {
		g.flags.VisitAll(func(f *flag.Flag) { all.Var(f.Value, f.Name, f.Usage) })
	}
	if err := all.Parse(args); errors.Is(err, flag.ErrHelp) {
		help(out, groups)
		return s, err
	} else if err != nil {
		return s, fmt.Errorf("%w; csms-mock -h lists the flags", err)
	}
	if all.NArg() > 0 {
		return s, fmt.Errorf("csms-mock takes flags alone, not %q; csms-mock -h lists them", all.Arg(0))
	}
	s.options = append(s.options, values.options()...)
	return s, nil
}

func help(out io.Writer, groups []group) {
	fmt.Fprint(out, `csms-mock serves a Cloud Secret Management Service in memory, for trying things out and for tests of Terraform modules.

Usage: csms-mock [flags]

It prints the environment that points the provider at it, and a line per request; Ctrl-C ends it. At / it shows the secrets and
their labels in the browser, and at /openapi.yaml it describes all calls, with those under /_control that play somebody else or
make requests fail at run time.
`)
	for _, g := range groups {
		fmt.Fprintf(out, "\n%s\n\n", g.title)
		g.flags.SetOutput(out)
		g.flags.PrintDefaults()
	}
}

func (s *settings) serving() group {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8440", "listen on this `host:port`; port 0 picks a free one")
	flags.BoolVar(&s.allowRemote, "allow-remote", false,
		"listen on an address that other machines can reach, with the well-known keys; / and /_control stay for this machine alone")
	flags.BoolVar(&s.json, "json", false, "print a JSON object per line instead of text")
	flags.BoolVar(&s.quiet, "quiet", false, "print no line per request")
	return group{"Serving:", flags}
}

// valueSettings are options that the command turns on unless it is told not to.
type valueSettings struct{ stored, apart bool }

func (v valueSettings) options() []csmstest.Option {
	var options []csmstest.Option
	if v.stored {
		options = append(options, csmstest.WithValuesAsStored())
	}
	if v.apart {
		options = append(options, csmstest.WithVersionsApart())
	}
	return options
}

func (s *settings) secrets(v *valueSettings) group {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.StringVar(&s.seed, "seed", "",
		"start with the secrets in this JSON or YAML `file` instead of built-in examples; Seed in /openapi.yaml describes it")
	flags.StringVar(&s.state, "state", "",
		"keep the secrets, values included, in this `file` over restarts; if it exists already, it goes before the seed")
	flags.Func("project", "add the project `region=id` beside "+csmstest.DefaultRegion+"="+csmstest.DefaultProjectID+"; may be repeated",
		func(text string) error {
			name, id, ok := strings.Cut(text, "=")
			if !ok || name == "" || id == "" {
				return errors.New("it has the form region=id")
			}
			s.options = append(s.options, csmstest.WithProject(name, id))
			return nil
		})
	flags.BoolVar(&v.stored, "values-as-stored", v.stored,
		"answer with the very values that were stored, as a provider that manages values needs;\n"+
			"-values-as-stored=false marks each value, so that it can be searched for where it must not turn up")
	flags.BoolVar(&v.apart, "versions-apart", v.apart,
		"date each version at least a second after the one before. The service keeps whole seconds, and the provider\n"+
			"huaweicloud takes the version of the latest create_time for the newest: in a quick test it would read the wrong one")
	return group{"Secrets:", flags}
}

func (s *settings) badDay() group {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.DurationVar(&s.latency, "latency", 0, "make every request wait this long, such as 200ms")
	flags.IntVar(&s.rateLimit, "rate-limit", 0,
		"answer only this number of `calls` of CSMS a second, and others with 429 APIGW.0308. The limit for keys is 20 a second\n"+
			"and user; one for secrets is not documented")
	flags.Func("fault", "make requests fail as this `JSON` says, for example {\"operation\":\"PutStage\",\"status\":503,\"times\":2};\n"+
		"may be repeated. Fault in /openapi.yaml describes it", func(text string) error {
		f, err := csmstest.ParseFault(text)
		s.faults = append(s.faults, f)
		return err
	})
	return group{"A bad day (also at run time, by /_control/faults):", flags}
}

// flip makes a flag without a value, which adds an option.
func (s *settings) flip(flags *flag.FlagSet, name, usage string, option csmstest.Option) {
	flags.BoolFunc(name, usage, func(text string) error {
		on, err := strconv.ParseBool(text)
		if on {
			s.options = append(s.options, option)
		}
		return err
	})
}

// choose makes a flag with a few values, each of which adds an option.
func (s *settings) choose(flags *flag.FlagSet, name, usage string, choices map[string]csmstest.Option) {
	flags.Func(name, usage, func(text string) error {
		option, ok := choices[text]
		if !ok {
			return errors.New("there is no such choice")
		}
		s.options = append(s.options, option)
		return nil
	})
}
