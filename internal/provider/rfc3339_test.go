package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

func spelled(text string) instant { return instant{types.StringValue(text)} }

func TestRFC3339_IsReadWithAnyOffset(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"2030-01-01T00:00:00Z":           1893456000,
		"2030-01-01T00:00:00+00:00":      1893456000,
		"2030-01-01T00:00:00-00:00":      1893456000,
		"2030-01-01T08:00:00+08:00":      1893456000,
		"2029-12-31T16:00:00-08:00":      1893456000,
		"2030-01-01T05:45:00+05:45":      1893456000,
		"2030-01-01T00:00:00.000Z":       1893456000,
		"2028-02-29T23:59:59Z":           1835481599,
		"1970-01-01T00:00:01Z":           1,
		"2286-11-20T17:46:39Z":           9999999999,
		"2286-11-21T01:46:39+08:00":      9999999999,
		"2030-01-01T00:00:00.000000000Z": 1893456000,
	} {
		got, err := parseTime(text)
		if err != nil || got.Unix() != want {
			t.Errorf("%s is read as %d (%v), want %d", text, got.Unix(), err, want)
		}
	}
}

func TestRFC3339_ThatCSMSCannotKeepIsRefusedWithWhatToWriteInstead(t *testing.T) {
	t.Parallel()
	const form = "write date, time and offset, such as 2030-01-31T00:00:00Z"
	for text, remedy := range map[string]string{
		"":                            form,
		"tomorrow":                    form,
		"2030-01-01":                  form,
		"2030-01-01T00:00:00":         form,
		"2030-01-01 00:00:00Z":        form,
		"2030-1-1T0:00:00Z":           form,
		"2030-01-01T00:00:00+0800":    form,
		"2030-01-01T24:00:00Z":        form,
		"2030-01-01T00:00:60Z":        form,
		"2030-02-30T00:00:00Z":        form,
		"2030-01-01T00:00:00+25:00":   form,
		" 2030-01-01T00:00:00Z":       form,
		"1893456000000":               form,
		"1893456000":                  form,
		"2030-01-01T08:00:00.5+08:00": "write 2030-01-01T00:00:00Z",
		"2030-01-01T00:00:00,5Z":      "write 2030-01-01T00:00:00Z",
		"2030-01-01T00:00:00.000001Z": "write 2030-01-01T00:00:00Z",
		"2286-11-20T17:46:40Z":        "write 2286-11-20T17:46:39Z at the latest",
		"9999-12-31T23:59:59Z":        "write 2286-11-20T17:46:39Z at the latest",
		"1970-01-01T00:00:00Z":        "write a later one, such as 2030-01-31T00:00:00Z",
		"0000-01-01T00:00:00Z":        "write a later one",
	} {
		if got, err := parseTime(text); err == nil || !strings.Contains(err.Error(), remedy) {
			t.Errorf("%q is read as %s, error %q: want one that says %q", text, got, err, remedy)
		}
	}
}

func TestRFC3339_EverySpellingOfAnInstantIsEqualAndWrittenInUTC(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		second := rapid.Int64Range(1, csms.MaxTime.Unix()).Draw(t, "second")
		offset := rapid.IntRange(-23*60, 23*60).Draw(t, "offset in minutes")
		utc := time.Unix(second, 0).UTC()
		there := utc.In(time.FixedZone("somewhere", offset*60))
		got, text := spelled(there.Format(time.RFC3339)), newInstant(there).ValueString()
		semantically, diags := got.StringSemanticEquals(t.Context(), newInstant(there))
		if !got.isSame(newInstant(there)) || !semantically || diags.HasError() || text != utc.Format("2006-01-02T15:04:05Z") {
			t.Fatalf("%s is spelt %s", got, text)
		}
		next := newInstant(utc.Add(time.Second))
		if semantically, _ := got.StringSemanticEquals(t.Context(), next); semantically || got.isSame(next) {
			t.Fatalf("%s is the same instant as %s", got, next)
		}
	})
}

func TestRFC3339_OnlyKnownTimesAreTheSameInstant(t *testing.T) {
	t.Parallel()
	none := []instant{{types.StringNull()}, {types.StringUnknown()}, spelled("soon")}
	for _, a := range append(none, spelled("2030-01-01T00:00:00Z")) {
		for _, b := range none {
			if same, diags := a.StringSemanticEquals(t.Context(), b); same || diags.HasError() {
				t.Errorf("%s and %s are the same instant", a, b)
			}
		}
	}
	if same, _ := spelled("2030-01-01T00:00:00Z").StringSemanticEquals(t.Context(), types.StringValue("2030-01-01T00:00:00Z")); same {
		t.Error("a plain string is the same instant as a time")
	}
}

func TestRFC3339_TheZeroTimeIsNull(t *testing.T) {
	t.Parallel()
	if got := newInstant(time.Time{}); !got.IsNull() {
		t.Errorf("the zero time is %s, want null", got)
	}
}

func TestRFC3339_KeepsWhatTerraformHasOfIt(t *testing.T) {
	t.Parallel()
	for _, in := range []tftypes.Value{
		tftypes.NewValue(tftypes.String, nil),
		tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
		tftypes.NewValue(tftypes.String, "2030-01-01T08:00:00+08:00"),
	} {
		got, err := instantType{}.ValueFromTerraform(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := got.ToTerraformValue(t.Context()); err != nil || !out.Equal(in) {
			t.Errorf("%s comes back as %s (%v)", in, out, err)
		}
		if !got.Type(t.Context()).Equal(instantType{}) || got.Equal(spelled("2031-01-01T00:00:00Z")) {
			t.Errorf("%s is of type %s", got, got.Type(t.Context()))
		}
	}
	if _, err := (instantType{}).ValueFromTerraform(t.Context(), tftypes.NewValue(tftypes.Bool, true)); err == nil {
		t.Error("true is taken for a time")
	}
}

func TestRFC3339_IsNotEqualToAnotherSpellingOrType(t *testing.T) {
	t.Parallel()
	utc := spelled("2030-01-01T00:00:00Z")
	for _, other := range []attr.Value{spelled("2030-01-01T00:00:00+00:00"), types.StringValue("2030-01-01T00:00:00Z")} {
		if utc.Equal(other) {
			t.Errorf("%s equals %s of type %s", utc, other, other.Type(t.Context()))
		}
	}
	if (instantType{}).Equal(basetypes.StringType{}) {
		t.Error("the type of times equals that of strings")
	}
}

func TestRFC3339_PlanKeepsTheSpellingOfTheStateForTheSameInstant(t *testing.T) {
	t.Parallel()
	const state = "2030-01-01T08:00:00+08:00"
	for plan, want := range map[string]string{
		"2030-01-01T00:00:00Z": state,
		"2030-01-01T00:00:01Z": "2030-01-01T00:00:01Z",
	} {
		resp := planmodifier.StringResponse{PlanValue: types.StringValue(plan)}
		req := planmodifier.StringRequest{StateValue: types.StringValue(state), PlanValue: resp.PlanValue}
		sameInstant{}.PlanModifyString(t.Context(), req, &resp)
		if got := resp.PlanValue.ValueString(); got != want {
			t.Errorf("%s is planned as %s, want %s", plan, got, want)
		}
	}
}
