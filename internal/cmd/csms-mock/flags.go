package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/mockserver"
)

// serviceRate is how many calls a second the service takes from one user.
const serviceRate = 20

// group is some flags that belong together, with what is to be said about them as a whole.
type group struct {
	title string
	*flag.FlagSet
}

func newGroup(title string) group { return group{title, flag.NewFlagSet("", flag.ContinueOnError)} }

// flags are what the command line says.
type flags struct {
	cfg         mockserver.Config
	enforceRate bool
	env         bool
	wait        bool
	version     bool
}

// parse reads the command line. Asked for help it writes it and returns flag.ErrHelp.
func parse(args []string, out io.Writer) (*flags, error) {
	f := &flags{}
	groups := []group{f.serving(), f.secrets(), f.faults(), f.variants()}
	all := flag.NewFlagSet("csms-mock", flag.ContinueOnError)
	all.SetOutput(io.Discard)
	for _, g := range groups {
		g.VisitAll(func(f *flag.Flag) { all.Var(f.Value, f.Name, f.Usage) })
	}
	if err := all.Parse(args); errors.Is(err, flag.ErrHelp) {
		writeHelp(out, groups)
		return nil, err
	} else if err != nil {
		return nil, fmt.Errorf("%w; csms-mock -h lists the flags", err)
	}
	if all.NArg() > 0 {
		return nil, fmt.Errorf("csms-mock takes only flags, not %q; csms-mock -h lists them", all.Arg(0))
	}
	if f.enforceRate && f.cfg.Faults.RateLimit == 0 {
		f.cfg.Faults.RateLimit = serviceRate
	}
	return f, nil
}

const usage = `csms-mock serves a Cloud Secret Management Service in memory, for trying things out and for
tests of Terraform modules.

Usage: csms-mock [flags]

It prints the environment that points the provider at it, and a line per request; Ctrl-C ends it. At /
it shows the secrets and their stages in the browser, and at /openapi.yaml it describes all calls, with
those under /_control that change secrets from outside or make requests fail at run time.
`

func writeHelp(out io.Writer, groups []group) {
	fmt.Fprint(out, usage)
	for _, g := range groups {
		fmt.Fprintf(out, "\n%s\n\n", g.title)
		g.SetOutput(out)
		g.PrintDefaults()
	}
}

func (f *flags) serving() group {
	g := newGroup("Serving:")
	g.StringVar(&f.cfg.Addr, "addr", "127.0.0.1:8440", "listen on this `host:port`; port 0 picks a free one")
	g.BoolVar(&f.cfg.AllowRemote, "allow-remote", false, "listen on an address that other machines can reach,\n"+
		"with the well-known keys; / and /_control stay for this machine only")
	g.BoolVar(&f.cfg.AllowRemoteAdmin, "allow-remote-admin", false, "as -allow-remote, and let other machines use\n"+
		"/ and /_control too: for a container, which sees even its own machine as another")
	g.BoolVar(&f.env, "env", false, "print the environment that points Terraform at a mock with the same\n"+
		"-addr, -seed and -project, and exit: eval \"$(csms-mock -env)\"")
	g.BoolVar(&f.wait, "wait", false, "wait until a mock answers at -addr, for half a minute at most, and exit")
	g.BoolVar(&f.version, "version", false, "print the version and exit")
	g.BoolVar(&f.cfg.JSON, "json", false, "print a JSON object per line instead of text")
	g.BoolVar(&f.cfg.Quiet, "quiet", false, "print no line per request")
	return g
}

func (f *flags) secrets() group {
	g := newGroup("Secrets:")
	g.StringVar(&f.cfg.Seed, "seed", "", "start with the secrets in this JSON or YAML `file` instead of built-in\n"+
		"examples; Seed in /openapi.yaml describes it")
	g.StringVar(&f.cfg.State, "state", "", "keep the secrets, values included, in this `file` over restarts; if it\n"+
		"exists already, it takes precedence over the seed")
	g.Func("project", "add the project `name` to those of the seed, or name=id with an id of your own; may be\n"+
		"repeated. It has the name of its region, such as cn-east-3, or begins with that\nand _", f.addProject)
	g.BoolVar(&f.cfg.ValuesAsStored, "values-as-stored", true, "respond with the very values that were stored, as\n"+
		"a provider that manages values needs; -values-as-stored=false marks each value,\n"+
		"so that it can be searched for where it must not turn up")
	g.BoolVar(&f.cfg.DistinctVersionTimes, "distinct-version-times", true, "date each version at least a second\n"+
		"after the previous one. The service keeps whole seconds, and the provider huaweicloud\n"+
		"takes the version of the latest create_time for the newest: in a quick test it\n"+
		"would read the wrong one")
	return g
}

func (f *flags) addProject(text string) error {
	name, id, err := mockserver.ParseProject(text)
	f.cfg.Options = append(f.cfg.Options, csmstest.WithProject(name, id))
	return err
}

func (f *flags) faults() group {
	g := newGroup("Faults (also at run time, by /_control/faults):")
	g.DurationVar(&f.cfg.Faults.Latency, "latency", 0, "make every request wait this long, such as 200ms")
	g.IntVar(&f.cfg.Faults.RateLimit, "rate-limit", 0,
		"respond only to this number of `calls` of CSMS a second with one credential,\n"+
			"and to others with 429 APIGW.0308")
	g.BoolVar(&f.enforceRate, "enforce-rate", false, "enforce the service's own limit, as -rate-limit 20. It is\n"+
		"documented for keys, a second and user; none is documented for secrets")
	g.Func("fault", "make requests fail as this `JSON` says, for example\n"+
		"{\"operation\":\"PutStage\",\"status\":503,\"times\":2}; may be repeated.\n"+
		"Fault in /openapi.yaml describes it",
		func(text string) error {
			fault, err := mockserver.ParseFault(text)
			f.cfg.Faults.Faults = append(f.cfg.Faults.Faults, fault)
			return err
		})
	return g
}

// variants has a flag for each point on which what is known of the service does not decide.
func (f *flags) variants() group {
	g := newGroup("Where the documentation of the service is silent or contradicts itself:")
	for _, c := range choices {
		g.Func(c.name, c.usage, func(text string) error {
			option, ok := c.options[text]
			if !ok {
				return errors.New("there is no such choice")
			}
			f.cfg.Options = append(f.cfg.Options, option)
			return nil
		})
	}
	for _, v := range variants {
		g.BoolFunc(v.name, v.usage, func(text string) error {
			on, err := strconv.ParseBool(text)
			if on {
				f.cfg.Options = append(f.cfg.Options, v.option)
			}
			return err
		})
	}
	return g
}
