package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

func newRFC3339ToMillisecondsFunction() function.Function { return rfc3339ToMilliseconds{} }

// rfc3339ToMilliseconds converts a time to what the API of CSMS calls a timestamp.
type rfc3339ToMilliseconds struct{}

func (rfc3339ToMilliseconds) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "rfc3339_to_milliseconds"
}

func (rfc3339ToMilliseconds) Definition(
	_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: "Converts an RFC 3339 time to milliseconds",
		MarkdownDescription: "Converts a time in RFC 3339 to milliseconds since 1970-01-01T00:00:00Z, the form that " +
			"`expire_time` of `huaweicloud_csms_secret` takes. Refuses fractions of a second, which the service does not keep.",
		Parameters: []function.Parameter{function.StringParameter{
			Name:                "time",
			MarkdownDescription: "Time in RFC 3339, with any offset, such as `" + exampleTime + "`.",
		}},
		Return: function.Int64Return{},
	}
}

func (rfc3339ToMilliseconds) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	t, err := parseTime(text)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("%q %s", text, err))
		return
	}
	resp.Error = resp.Result.Set(ctx, csms.ToMilliseconds(t))
}

func newMillisecondsToRFC3339Function() function.Function { return millisecondsToRFC3339{} }

// millisecondsToRFC3339 converts a timestamp of the API of CSMS to a time in UTC.
type millisecondsToRFC3339 struct{}

func (millisecondsToRFC3339) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "milliseconds_to_rfc3339"
}

func (millisecondsToRFC3339) Definition(
	_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: "Converts milliseconds to an RFC 3339 time",
		MarkdownDescription: "Converts milliseconds since 1970-01-01T00:00:00Z, the form of `expire_time` of " +
			"`huaweicloud_csms_secret`, to a time in RFC 3339 and UTC. Refuses what is not a whole second, and a ten-digit " +
			"number, which is likely seconds.",
		Parameters: []function.Parameter{function.Int64Parameter{
			Name:                "milliseconds",
			MarkdownDescription: "Milliseconds since 1970-01-01T00:00:00Z, such as `1893456000000`.",
		}},
		Return: function.StringReturn{},
	}
}

func (millisecondsToRFC3339) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var ms int64
	if resp.Error = req.Arguments.Get(ctx, &ms); resp.Error != nil {
		return
	}
	switch {
	case ms <= 0 || ms > csms.ToMilliseconds(csms.MaxTime):
		resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("%d is not between 1000 and %d, the times that CSMS "+
			"can keep", ms, csms.ToMilliseconds(csms.MaxTime)))
	case ms < 1e10:
		resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("%d looks like seconds: CSMS counts milliseconds, so "+
			"write %d", ms, ms*1000))
	case ms%1000 != 0:
		resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("%d is not a whole second, and CSMS keeps whole "+
			"seconds: write %d", ms, ms-ms%1000))
	default:
		resp.Error = resp.Result.Set(ctx, formatTime(csms.FromMilliseconds(ms)))
	}
}
