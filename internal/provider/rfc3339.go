package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// exampleTime is shown wherever a time is refused.
const exampleTime = "2030-01-31T00:00:00Z"

var (
	_ basetypes.StringTypable                    = instantType{}
	_ basetypes.StringValuableWithSemanticEquals = instant{}
	_ xattr.ValidateableAttribute                = instant{}
	_ planmodifier.String                        = sameInstant{}
)

// instantType is the type of a time in RFC 3339 that has whole seconds. Two spellings of one
// instant are equal, whatever their offsets: timetypes.RFC3339 knows that only of Z and +00:00.
type instantType struct{ basetypes.StringType }

func (t instantType) String() string { return "instantType" }

func (t instantType) ValueType(context.Context) attr.Value { return instant{} }

func (t instantType) Equal(other attr.Type) bool {
	_, ok := other.(instantType)
	return ok
}

func (t instantType) ValueFromString(
	_ context.Context, in basetypes.StringValue,
) (basetypes.StringValuable, diag.Diagnostics) {
	return instant{in}, nil
}

func (t instantType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	text, ok := value.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("expected a string value, got %T", value)
	}
	return instant{text}, nil
}

// instant is a value of instantType. The user's spelling is kept.
type instant struct{ basetypes.StringValue }

// newInstant spells a time in UTC; the zero time is null.
func newInstant(t time.Time) instant {
	if t.IsZero() {
		return instant{types.StringNull()}
	}
	return instant{types.StringValue(formatTime(t))}
}

// formatTime spells a time in UTC, whatever the machine's time zone.
func formatTime(t time.Time) string {
	return t.UTC().Format(time.RFC3339)
}

func (v instant) Type(context.Context) attr.Type { return instantType{} }

func (v instant) Equal(other attr.Value) bool {
	o, ok := other.(instant)
	return ok && v.StringValue.Equal(o.StringValue)
}

// time returns the instant, and whether there is a known, valid one.
func (v instant) time() (time.Time, bool) {
	t, err := parseTime(v.ValueString())
	return t, err == nil
}

// isSame reports whether both are known and mean the same instant.
func (v instant) isSame(other instant) bool {
	a, okA := v.time()
	b, okB := other.time()
	return okA && okB && a.Equal(b)
}

func (v instant) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	o, ok := other.(instant)
	return ok && v.isSame(o), nil
}

func (v instant) ValidateAttribute(
	_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse,
) {
	if v.IsNull() || v.IsUnknown() {
		return
	}
	if _, err := parseTime(v.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid time", fmt.Sprintf("%q %s.", v.ValueString(), err))
	}
}

// parseTime reads RFC 3339 and refuses what CSMS cannot keep: fractions of a second, times before
// 1970 and times after csms.MaxTime. The error says what to write instead.
func parseTime(text string) (time.Time, error) {
	var t time.Time
	// UnmarshalText is strict about RFC 3339; time.Parse would take "2030-1-1T0:00:00Z" for
	// example.
	if err := t.UnmarshalText([]byte(text)); err != nil {
		return time.Time{}, fmt.Errorf("is not a time in RFC 3339: write date, time and offset, such as %s or "+
			"2030-01-31T08:00:00+08:00", exampleTime)
	}
	switch {
	case t.Nanosecond() != 0:
		return time.Time{}, fmt.Errorf("has a fraction of a second, and CSMS keeps whole seconds: write %s",
			formatTime(t.Truncate(time.Second)))
	case !t.After(time.Unix(0, 0)):
		return time.Time{}, fmt.Errorf("is not after 1970-01-01T00:00:00Z, the first time that CSMS can tell from none: "+
			"write a later one, such as %s", exampleTime)
	case t.After(csms.MaxTime):
		return time.Time{}, fmt.Errorf("is later than CSMS can keep: write %s at the latest", formatTime(csms.MaxTime))
	}
	return t, nil
}

// sameInstant keeps the state's spelling where the configuration only spells the same instant
// otherwise: semantic equality does not act on plans.
type sameInstant struct{}

func (sameInstant) Description(context.Context) string {
	return "Another spelling of the same instant is no change."
}

func (m sameInstant) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (sameInstant) PlanModifyString(
	_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse,
) {
	if (instant{req.StateValue}).isSame(instant{req.PlanValue}) {
		resp.PlanValue = req.StateValue
	}
}
