package provider_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"

	"github.com/csms/terraform-provider-csms/internal/provider"
)

// noOpObjects are objects that the server may answer for without the framework.
var noOpObjects = map[string]struct {
	typeName string
	config   map[string]any
}{
	"a label of one's own": {stageType, stage("GREEN", "v1")},
	"a built-in label":     {stageType, stage("SYSCURRENT", "v2")},
	"a label with limits":  {stageType, with(stage("GREEN", "v1"), "timeouts", map[string]any{"read": "30s"})},
	"an expiry":            {expiryType, expiry("v1", "2090-01-01T00:00:00Z")},
	"an expiry elsewhere":  {expiryType, expiry("v1", "2090-01-01T08:00:00+08:00")},
}

func TestTheServerItselfAnswersForAnUnchangedObjectAsTheFrameworkWould(t *testing.T) {
	t.Parallel()
	for name, tt := range noOpObjects {
		for identity, change := range map[string]func(w *walk, i *instance){
			"its identity":    func(*walk, *instance) {},
			"no identity":     func(_ *walk, i *instance) { i.identity = nil },
			"a null identity": func(w *walk, i *instance) { i.identity = w.nullIdentity(i.typeName) },
		} {
			t.Run(name+", with "+identity, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				created := newWalk(t, m).create(tt.typeName, tt.config)
				ours := newWalk(t, m)
				change(ours, &created)
				_, _ = ours.read(created) // looks, which the next one need not
				calls := provider.CountFrameworkCalls(ours.ProviderServer)
				expectSameAnswers(t, ours, newFrameworkWalk(t, m), created, tt.config)
				if calls.Reads+calls.Plans != 0 {
					t.Errorf("the framework was asked for %d reads and %d plans", calls.Reads, calls.Plans)
				}
			})
		}
	}
}

// TestWhateverTheStateTheServerAnswersAsTheFrameworkWould draws states, private states,
// identities, configurations and what the service has by then.
func TestWhateverTheStateTheServerAnswersAsTheFrameworkWould(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newSecret(t)
		typeName, config := drawObject(t, "created")
		created := newWalk(t, m).create(typeName, config)
		ours, theirs := newWalk(t, m), newFrameworkWalk(t, m)
		drawDrift(t, m)
		drawState(t, ours, &created)
		if rapid.Bool().Draw(t, "looked before") {
			_, _ = ours.read(created)
			_, _ = theirs.read(created)
		}
		if rapid.Bool().Draw(t, "configured otherwise") {
			if other, changed := drawObject(t, "configured"); other == typeName {
				config = changed
			}
		}
		expectSameAnswers(t, ours, theirs, created, config)
	})
}

func drawObject(t *rapid.T, what string) (typeName string, config map[string]any) {
	version := rapid.SampledFrom(histVersions[:3]).Draw(t, what+" version")
	if rapid.Bool().Draw(t, what+" expires") {
		typeName, config = expiryType, expiry(version, rapid.SampledFrom(histTimes).Draw(t, what+" time"))
	} else {
		typeName, config = stageType, stage(rapid.SampledFrom(histLabels).Draw(t, what+" label"), version)
	}
	if rapid.Bool().Draw(t, what+" limits") {
		config["timeouts"] = map[string]any{"read": "30s"}
	}
	return typeName, config
}

// drawDrift lets somebody else change what the service has.
func drawDrift(t *rapid.T, m *mock) {
	switch rapid.IntRange(0, 9).Draw(t, "drift") {
	case 6:
		m.MoveStage("db", rapid.SampledFrom(histLabels).Draw(t, "moved"), "v3")
	case 7:
		m.SetExpiry("db", rapid.SampledFrom(histVersions[:3]).Draw(t, "expiring"), time.Date(2095, 1, 1, 0, 0, 0, 0, time.UTC))
	case 8:
		if label := rapid.SampledFrom(histLabels).Draw(t, "deleted"); m.StageHolder("db", label) != "" {
			m.DeleteStage("db", label)
		}
	case 9:
		m.DeleteSecret("db")
	}
}

// drawState makes the state one that is older, imported, moved here, or of another run.
func drawState(t *rapid.T, w *walk, i *instance) {
	for _, name := range slices.Sorted(maps.Keys(i.state)) {
		others := []string{"", "v3", "BLUE", "web", "cn-south-1"}
		if strings.HasSuffix(name, "_time") {
			others = histTimes
		}
		switch _, isText := i.state[name].(string); rapid.IntRange(0, 20).Draw(t, name) {
		case 19:
			delete(i.state, name)
		case 20:
			if isText {
				i.state[name] = rapid.SampledFrom(others).Draw(t, name+" is")
			}
		}
	}
	switch rapid.IntRange(0, 3).Draw(t, "identity") {
	case 2:
		i.identity = nil
	case 3:
		i.identity = w.nullIdentity(i.typeName)
	}
	i.private = rapid.SampledFrom([][]byte{nil, {}, []byte(`{}`), []byte(`{"instance":"Im9uZSI="}`), []byte(`{"other":"Im9uZSI="}`), []byte("null"), []byte(`{"a":{"b":1}}`)}).Draw(t, "private")
}

// newFrameworkWalk is newWalk on the framework alone.
func newFrameworkWalk(t tester, m *mock) *walk {
	t.Helper()
	w := newWalkOn(t, providerserver.NewProtocol6(provider.New("test")())())
	w.must(w.configure(m.settings()))
	return w
}

func expectSameAnswers(t tester, ours, theirs *walk, i instance, config map[string]any) {
	t.Helper()
	if got, want := ours.answerToRead(i), theirs.answerToRead(i); !reflect.DeepEqual(got, want) {
		t.Errorf("read: the server says\n%v\nthe framework\n%v", got, want)
	}
	if got, want := ours.answerToPlan(i, config), theirs.answerToPlan(i, config); !reflect.DeepEqual(got, want) {
		t.Errorf("plan: the server says\n%v\nthe framework\n%v", got, want)
	}
}

// answer is what Terraform is told of an object, decoded.
type answer struct {
	state, identity string
	private         []string // Its keys: the name of an instance is random.
	diagnostics     []string // Their summaries: details have ids of requests.
	replace         []*tftypes.AttributePath
}

func (w *walk) answerToRead(i instance) answer {
	w.t.Helper()
	resp, err := w.ReadResource(w.t.Context(), w.readRequest(i))
	if err != nil {
		w.t.Fatal(err)
	}
	if errorsOf(resp.Diagnostics) != "" {
		return answer{diagnostics: summaries(resp.Diagnostics)} // which is all that Terraform looks at then
	}
	return answer{
		state: w.decoded(resp.NewState, w.typeOf(i.typeName)), identity: w.decodedIdentity(i.typeName, resp.NewIdentity),
		private: w.keys(resp.Private), diagnostics: summaries(resp.Diagnostics),
	}
}

func (w *walk) answerToPlan(i instance, config map[string]any) answer {
	w.t.Helper()
	resp, err := w.PlanResourceChange(w.t.Context(), w.planRequest(i, config))
	if err != nil {
		w.t.Fatal(err)
	}
	if errorsOf(resp.Diagnostics) != "" {
		return answer{diagnostics: summaries(resp.Diagnostics)}
	}
	return answer{
		state: w.decoded(resp.PlannedState, w.typeOf(i.typeName)), identity: w.decodedIdentity(i.typeName, resp.PlannedIdentity),
		private: w.keys(resp.PlannedPrivate), diagnostics: summaries(resp.Diagnostics), replace: resp.RequiresReplace,
	}
}

func (w *walk) decoded(d *tfprotov6.DynamicValue, typ tftypes.Type) string {
	w.t.Helper()
	v, err := d.Unmarshal(typ)
	if err != nil {
		w.t.Fatal(err)
	}
	return v.String()
}

// decodedIdentity is the same for an identity that is null and for none.
func (w *walk) decodedIdentity(typeName string, identity *tfprotov6.ResourceIdentityData) string {
	w.t.Helper()
	if identity == nil {
		identity = w.nullIdentity(typeName)
	}
	return w.decoded(identity.IdentityData, w.identities.IdentitySchemas[typeName].ValueType())
}

func (w *walk) nullIdentity(typeName string) *tfprotov6.ResourceIdentityData {
	w.t.Helper()
	return &tfprotov6.ResourceIdentityData{IdentityData: w.dynamic(w.identities.IdentitySchemas[typeName].ValueType(), nil)}
}

func summaries(diagnostics []*tfprotov6.Diagnostic) []string {
	var found []string
	for _, d := range diagnostics {
		found = append(found, d.Severity.String()+" "+d.Summary+" "+d.Attribute.String())
	}
	return found
}

func (w *walk) keys(private []byte) []string {
	w.t.Helper()
	var values map[string]json.RawMessage
	if len(private) > 0 {
		if err := json.Unmarshal(private, &values); err != nil {
			w.t.Fatal(err)
		}
	}
	return slices.Sorted(maps.Keys(values))
}

func TestAReadThatIsNotPlainlyUnchangedIsLeftToTheFramework(t *testing.T) {
	t.Parallel()
	set := func(name, value string) func(*walk, *instance) {
		return func(_ *walk, i *instance) { i.state[name] = value }
	}
	without := func(name string) func(*walk, *instance) {
		return func(_ *walk, i *instance) { delete(i.state, name) }
	}
	for _, tt := range []struct {
		name, typeName string
		config         map[string]any
		change         func(w *walk, created *instance)
	}{
		{"a label that moved", stageType, stage("GREEN", "v1"), set("version_id", "v3")},
		{"a label that is gone", stageType, stage("GREEN", "v1"), set("name", "BLUE")},
		{"a label that was imported", stageType, stage("GREEN", "v1"), without("id")},
		{"a label that was moved here", stageType, stage("GREEN", "v1"), without("update_time")},
		{"a label without a region", stageType, stage("GREEN", "v1"), without("region")},
		{"a label in another region", stageType, stage("GREEN", "v1"), set("region", "cn-south-1")},
		{"a label of a secret that this walk wrote to", stageType, stage("GREEN", "v1"), func(w *walk, _ *instance) { w.create(stageType, stage("BLUE", "v3")) }},
		{"no label at all", stageType, stage("GREEN", "v1"), func(_ *walk, i *instance) { i.state = nil }},
		{"another expiry", expiryType, expiry("v1", histTimes[0]), set("expire_time", "2091-01-01T00:00:00Z")},
		{"an expiry of no version", expiryType, expiry("v1", histTimes[0]), set("version_id", "v9")},
		{"an expiry that is not set", expiryType, expiry("v1", histTimes[0]), set("version_id", "v3")},
		{"an expiry that was imported", expiryType, expiry("v1", histTimes[0]), without("id")},
		{"an expiry without a region", expiryType, expiry("v1", histTimes[0]), without("region")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			created := newWalk(t, m).create(tt.typeName, tt.config)
			w := newWalk(t, m)
			_, _ = w.read(created)
			tt.change(w, &created)
			calls := provider.CountFrameworkCalls(w.ProviderServer)
			_, _ = w.read(created)
			if calls.Reads != 1 {
				t.Errorf("the framework was asked %d times", calls.Reads)
			}
		})
	}
}

// A provider that a debugger is attached to is configured for one command after another.
func TestNothingIsKnownFromTheCommandBefore(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	created := newWalk(t, m).create(stageType, stage("GREEN", "v1"))
	w := newWalk(t, m)
	_, _ = w.read(created)
	m.MoveStage("db", "GREEN", "v3")
	w.must(w.configure(m.settings()))
	read, diagnostics := w.read(created)
	tells(t, warningsOf(diagnostics), "was moved outside Terraform")
	if read.state["version_id"] != "v3" {
		t.Errorf("read: %v", read.state)
	}
}

func TestAPlanThatSaysAnythingIsLeftToTheFramework(t *testing.T) {
	t.Parallel()
	green, expiring := stage("GREEN", "v1"), expiry("v1", histTimes[0])
	planNew := func(typeName string, config map[string]any) func(*walk, *instance) {
		return func(w *walk, _ *instance) { _, _ = w.plan(instance{typeName: typeName}, config) }
	}
	nothing := func(*walk, *instance) {}
	for _, tt := range []struct {
		name, typeName   string
		created, planned map[string]any
		prepare          func(w *walk, created *instance)
	}{
		{"a change", stageType, green, stage("GREEN", "v3"), nothing},
		{"a destruction", stageType, green, nil, nothing},
		{"a label that another resource puts elsewhere", stageType, green, green, planNew(stageType, stage("GREEN", "v3"))},
		{"an expiry that another resource sets otherwise", expiryType, expiring, expiring, planNew(expiryType, expiry("v1", "2091-01-01T00:00:00Z"))},
		{"a label that is also to be destroyed", stageType, green, green, func(w *walk, i *instance) { _, _ = w.plan(*i, nil) }},
		{"a provider that is not configured", stageType, green, green, func(w *walk, _ *instance) { *w = *newUnconfiguredWalk(w.t) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			created := newWalk(t, m).create(tt.typeName, tt.created)
			w := newWalk(t, m)
			tt.prepare(w, &created)
			calls := provider.CountFrameworkCalls(w.ProviderServer)
			_, _ = w.plan(created, tt.planned)
			if calls.Plans != 1 {
				t.Errorf("the framework was asked %d times", calls.Plans)
			}
		})
	}
}

func TestAnUnchangedInstanceThatIsReplacedIsNotDeclaredTwice(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	created := newWalk(t, m).create(stageType, stage("GREEN", "v1"))
	w := newWalk(t, m)
	kept, diagnostics := w.plan(created, stage("GREEN", "v1")) // as ignore_changes makes it
	w.must(diagnostics)
	_, diagnostics = w.plan(instance{typeName: stageType, private: kept.plannedPrivate}, stage("GREEN", "v3"))
	w.must(diagnostics)
}

func TestAFailedConfigurationLeavesEverythingToTheFramework(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	created := newWalk(t, m).create(stageType, stage("GREEN", "v1"))
	w := newWalk(t, m)
	_, _ = w.read(created)
	if errorsOf(w.configure(with(m.settings(), "endpoint", "not a URL"))) == "" {
		t.Fatal("the second configuration did not fail")
	}
	calls := provider.CountFrameworkCalls(w.ProviderServer)
	_, _ = w.plan(created, stage("GREEN", "v1"))
	if calls.Plans != 1 {
		t.Errorf("the framework was asked %d times", calls.Plans)
	}
}

// The plan of a kept instance has something to say, and the same instance is planned
// again as a creation.
func TestAnInstanceHasOneNameWhoeverPlansIt(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	created := newWalk(t, m).create(stageType, stage("GREEN", "v1"))
	w := newWalk(t, m)
	_, _ = w.plan(created, nil) // another instance of the same label, to be destroyed
	kept, diagnostics := w.plan(created, stage("GREEN", "v1"))
	tells(t, warningsOf(diagnostics), "in the state twice")
	_, diagnostics = w.plan(instance{typeName: stageType, private: kept.plannedPrivate}, stage("GREEN", "v3"))
	w.must(diagnostics)
}

func TestObjectsThatAreNotInMessagePackAreLeftToTheFramework(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	created := newWalk(t, m).create(stageType, stage("GREEN", "v1"))
	w := newWalk(t, m)
	req := w.planRequest(created, stage("GREEN", "v3"))
	inJSON := func(version string) *tfprotov6.DynamicValue {
		created.state["version_id"] = version
		text, err := json.Marshal(created.state)
		if err != nil {
			t.Fatal(err)
		}
		return &tfprotov6.DynamicValue{JSON: text}
	}
	req.PriorState, req.ProposedNewState = inJSON("v1"), inJSON("v3")
	resp, err := w.PlanResourceChange(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if planned := w.strings(resp.PlannedState, w.typeOf(stageType)); planned["version_id"] != "v3" {
		t.Errorf("planned: %v", planned)
	}
}
