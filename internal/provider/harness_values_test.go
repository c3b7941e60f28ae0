package provider_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// with returns settings with further ones.
func with(settings map[string]any, name string, value any) map[string]any {
	settings = maps.Clone(settings)
	settings[name] = value
	return settings
}

// texts returns summary and detail of the diagnostics of a severity.
func texts(diagnostics []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity) string {
	var text string
	for _, d := range diagnostics {
		if d.Severity == severity {
			text += d.Summary + ": " + d.Detail + "\n"
		}
	}
	return text
}

func warningsOf(diagnostics []*tfprotov6.Diagnostic) string {
	return texts(diagnostics, tfprotov6.DiagnosticSeverityWarning)
}

func errorsOf(diagnostics []*tfprotov6.Diagnostic) string {
	return texts(diagnostics, tfprotov6.DiagnosticSeverityError)
}

// unknown stands for a value that is known after apply.
var unknown = tftypes.UnknownValue

// value makes an object of a type: attributes that are left out are null.
func value(typ tftypes.Type, attributes map[string]any) tftypes.Value {
	object, ok := typ.(tftypes.Object)
	if !ok || attributes == nil {
		return tftypes.NewValue(typ, nil)
	}
	values := make(map[string]tftypes.Value)
	for name, attributeType := range object.AttributeTypes {
		switch nested := attributes[name].(type) {
		case map[string]any:
			values[name] = value(attributeType, nested)
		case []map[string]any:
			values[name] = listValue(attributeType, nested)
		default:
			values[name] = tftypes.NewValue(attributeType, nested)
		}
	}
	return tftypes.NewValue(object, values)
}

func listValue(typ tftypes.Type, elements []map[string]any) tftypes.Value {
	list, ok := typ.(tftypes.List)
	if !ok {
		return tftypes.NewValue(typ, nil)
	}
	values := make([]tftypes.Value, len(elements))
	for i, element := range elements {
		values[i] = value(list.ElementType, element)
	}
	return tftypes.NewValue(list, values)
}

func (s *tfServer) dynamic(typ tftypes.Type, attributes map[string]any) *tfprotov6.DynamicValue {
	s.t.Helper()
	d, err := tfprotov6.NewDynamicValue(typ, value(typ, attributes))
	if err != nil {
		s.t.Fatal(err)
	}
	return &d
}

// strings unpacks the string attributes of an object, and those of objects in it; null and unknown
// ones are left out. It is nil for a null object.
func (s *tfServer) strings(d *tfprotov6.DynamicValue, typ tftypes.Type) map[string]any {
	s.t.Helper()
	v, err := d.Unmarshal(typ)
	if err != nil {
		s.t.Fatal(err)
	}
	return stringsOf(v)
}

func stringsOf(v tftypes.Value) map[string]any {
	var attributes map[string]tftypes.Value
	if v.IsNull() || v.As(&attributes) != nil {
		return nil
	}
	found := make(map[string]any)
	for name, attribute := range attributes {
		var text string
		switch {
		case !attribute.IsKnown() || attribute.IsNull():
		case attribute.Type().Is(tftypes.String) && attribute.As(&text) == nil:
			found[name] = text
		case attribute.Type().Is(tftypes.Object{}):
			found[name] = stringsOf(attribute)
		}
	}
	return found
}

// stage and expiry are configurations of the two resources for the secret "db".
func stage(name, version string) map[string]any {
	return map[string]any{"secret_name": "db", "name": name, "version_id": version}
}

func expiry(version, expireTime string) map[string]any {
	return map[string]any{"secret_name": "db", "version_id": version, "expire_time": expireTime}
}

// assertContains fails the test unless a text contains each of the strings; nothing to look for
// means that the text must be empty.
func assertContains(t *testing.T, text string, wants ...string) {
	t.Helper()
	if len(wants) == 0 && text != "" {
		t.Errorf("got %q, want nothing", text)
	}
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not contain %q", text, want)
		}
	}
}
