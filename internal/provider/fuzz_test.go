package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// fuzzTester lets a fuzz target share one provider among its runs.
type fuzzTester struct{ *testing.F }

// FuzzImportIDs imports whatever somebody may type: it is refused with the forms that are accepted,
// or its parts are what the state has.
func FuzzImportIDs(f *testing.F) {
	for _, id := range []string{"db/GREEN", "cn-north-4/db/GREEN", "", "a", "a/b/c/d", "/b", "a/", "//", "a//b", "..//x", "db/\x00"} {
		f.Add(id)
	}
	m := newSecret(fuzzTester{f})
	w := newTFServer(fuzzTester{f}, m)
	f.Fuzz(func(t *testing.T, id string) {
		resp, err := w.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: stageType, ID: id})
		if err != nil {
			t.Fatal(err)
		}
		if refusal := errorsOf(resp.Diagnostics); refusal != "" {
			if !strings.Contains(refusal, "db-password/SYSCURRENT") {
				t.Errorf("%q is refused without an example: %s", id, refusal)
			}
			return
		}
		imported, err := resp.ImportedResources[0].State.Unmarshal(w.typeOf(stageType))
		if err != nil {
			t.Fatal(err)
		}
		state := stringsOf(imported)
		parts := []string{text(state["secret_name"]), text(state["name"])}
		if region := text(state["region"]); region != "" {
			parts = append([]string{region}, parts...)
		}
		if got := strings.Join(parts, "/"); got != id {
			t.Errorf("%q was imported as %q", id, got)
		}
		if !csms.ValidSecretName.MatchString(text(state["secret_name"])) || !csms.ValidStageName.MatchString(text(state["name"])) {
			t.Errorf("%q was imported with an invalid name", id)
		}
	})
}

// FuzzTimes converts whatever somebody may write as a time: it is refused, or survives the way to
// milliseconds and back.
func FuzzTimes(f *testing.F) {
	for _, text := range []string{
		"2030-01-31T00:00:00Z", "2030-01-31T08:00:00+08:00", "2286-11-20T17:46:39Z", "2030-01-31T00:00:00.5Z", "9999-12-31T23:59:59Z",
		"1893456000", "2030-01-31", "", "1969-12-31T23:59:59Z", "2030-02-30T00:00:00Z", "2030-1-1T0:00:00Z",
	} {
		f.Add(text)
	}
	w := newUnconfiguredTFServer(fuzzTester{f})
	call := func(t *testing.T, name string, argument tftypes.Value) (tftypes.Value, bool) {
		t.Helper()
		value, err := tfprotov6.NewDynamicValue(argument.Type(), argument)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := w.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{Name: name, Arguments: []*tfprotov6.DynamicValue{&value}})
		if err != nil {
			t.Fatal(err)
		}
		if resp.Error != nil {
			return tftypes.Value{}, false
		}
		returns := map[string]tftypes.Type{"rfc3339_to_milliseconds": tftypes.Number, "milliseconds_to_rfc3339": tftypes.String}[name]
		result, err := resp.Result.Unmarshal(returns)
		if err != nil {
			t.Fatal(err)
		}
		return result, true
	}
	f.Fuzz(func(t *testing.T, written string) {
		milliseconds, ok := call(t, "rfc3339_to_milliseconds", tftypes.NewValue(tftypes.String, written))
		if !ok {
			return
		}
		back, ok := call(t, "milliseconds_to_rfc3339", milliseconds)
		if !ok {
			t.Skip("ten digits of milliseconds look like seconds")
		}
		var spelled string
		if err := back.As(&spelled); err != nil {
			t.Fatal(err)
		}
		a, errA := time.Parse(time.RFC3339, written)
		b, errB := time.Parse(time.RFC3339, spelled)
		if errA != nil || errB != nil || !a.Equal(b) {
			t.Errorf("%q came back as %q", written, spelled)
		}
	})
}

// text returns a string attribute, "" if there is none.
func text(attribute any) string {
	s, _ := attribute.(string)
	return s
}
