package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/mockserver"
)

// group is some flags that belong together, with what is to be said about them as a whole.
type group struct {
	title string
	*flag.FlagSet
}

func newGroup(title string) group { return group{title, flag.NewFlagSet("", flag.ContinueOnError)} }

// parse reads the command line. Asked for help it writes it and returns flag.ErrHelp.
func parse(args []string, out io.Writer) (mockserver.Config, error) {
	var cfg mockserver.Config
	groups := []group{servingFlags(&cfg), secretFlags(&cfg), faultFlags(&cfg), variantFlags(&cfg)}
	all := flag.NewFlagSet("csms-mock", flag.ContinueOnError)
	all.SetOutput(io.Discard)
	for _, g := range groups {
		g.VisitAll(func(f *flag.Flag) { all.Var(f.Value, f.Name, f.Usage) })
	}
	if err := all.Parse(args); errors.Is(err, flag.ErrHelp) {
		writeHelp(out, groups)
		return cfg, err
	} else if err != nil {
		return cfg, fmt.Errorf("%w; csms-mock -h lists the flags", err)
	}
	if all.NArg() > 0 {
		return cfg, fmt.Errorf("csms-mock takes only flags, not %q; csms-mock -h lists them", all.Arg(0))
	}
	return cfg, nil
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

func servingFlags(cfg *mockserver.Config) group {
	flags := newGroup("Serving:")
	flags.StringVar(&cfg.Addr, "addr", "127.0.0.1:8440", "listen on this `host:port`; port 0 picks a free one")
	flags.BoolVar(&cfg.AllowRemote, "allow-remote", false, "listen on an address that other machines can reach,\n"+
		"with the well-known keys; / and /_control stay for this machine only")
	flags.BoolVar(&cfg.AllowRemoteAdmin, "allow-remote-admin", false, "as -allow-remote, and let other machines use\n"+
		"/ and /_control too: for a container, which sees even its own machine as another")
	flags.BoolVar(&cfg.JSON, "json", false, "print a JSON object per line instead of text")
	flags.BoolVar(&cfg.Quiet, "quiet", false, "print no line per request")
	return flags
}

func secretFlags(cfg *mockserver.Config) group {
	flags := newGroup("Secrets:")
	flags.StringVar(&cfg.Seed, "seed", "", "start with the secrets in this JSON or YAML `file` instead of built-in\n"+
		"examples; Seed in /openapi.yaml describes it")
	flags.StringVar(&cfg.State, "state", "", "keep the secrets, values included, in this `file` over restarts; if it\n"+
		"exists already, it takes precedence over the seed")
	flags.Func("project", "add the project `name` to those of the seed, or name=id with an id of your own; may be\n"+
		"repeated. It has the name of its region, such as cn-east-3, or begins with that and _", func(text string) error {
		name, id, ok := strings.Cut(text, "=")
		if !ok {
			id = mockserver.ProjectID(name)
		}
		if name == "" || id == "" {
			return errors.New("it has the form name or name=id")
		}
		cfg.Options = append(cfg.Options, csmstest.WithProject(name, id))
		return nil
	})
	flags.BoolVar(&cfg.ValuesAsStored, "values-as-stored", true, "respond with the very values that were stored, as\n"+
		"a provider that manages values needs; -values-as-stored=false marks each value,\n"+
		"so that it can be searched for where it must not turn up")
	flags.BoolVar(&cfg.DistinctVersionTimes, "distinct-version-times", true, "date each version at least a second\n"+
		"after the previous one. The service keeps whole seconds, and the provider huaweicloud\n"+
		"takes the version of the latest create_time for the newest: in a quick test it\n"+
		"would read the wrong one")
	return flags
}

func faultFlags(cfg *mockserver.Config) group {
	flags := newGroup("Faults (also at run time, by /_control/faults):")
	flags.DurationVar(&cfg.Faults.Latency, "latency", 0, "make every request wait this long, such as 200ms")
	flags.IntVar(&cfg.Faults.RateLimit, "rate-limit", 0,
		"respond only to this number of `calls` of CSMS a second, and to others with\n"+
			"429 APIGW.0308. The limit for keys is 20 a second and user; one for secrets\nis not documented")
	flags.Func("fault", "make requests fail as this `JSON` says, for example\n"+
		"{\"operation\":\"PutStage\",\"status\":503,\"times\":2}; may be repeated.\n"+
		"Fault in /openapi.yaml describes it",
		func(text string) error {
			f, err := mockserver.ParseFault(text)
			cfg.Faults.Faults = append(cfg.Faults.Faults, f)
			return err
		})
	return flags
}

// variantFlags has a flag for each point on which what is known of the service does not decide.
func variantFlags(cfg *mockserver.Config) group {
	flags := newGroup("Where the documentation of the service is silent or contradicts itself:")
	for _, c := range choices {
		flags.Func(c.name, c.usage, func(text string) error {
			option, ok := c.options[text]
			if !ok {
				return errors.New("there is no such choice")
			}
			cfg.Options = append(cfg.Options, option)
			return nil
		})
	}
	for _, v := range variants {
		flags.BoolFunc(v.name, v.usage, func(text string) error {
			on, err := strconv.ParseBool(text)
			if on {
				cfg.Options = append(cfg.Options, v.option)
			}
			return err
		})
	}
	return flags
}
