package csms_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

func TestReasonOfAnError(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want csms.Reason
	}{
		{nil, csms.ReasonOther},
		{errors.New("not of this package"), csms.ReasonOther},
		{&csms.Error{CallError: csms.CallError{StatusCode: 404, Code: "CSMS.0005"}}, csms.ReasonGone},
		{&csms.Error{CallError: csms.CallError{StatusCode: 400, Code: "CSMS.0106"}}, csms.ReasonGone},
		{&csms.Error{CallError: csms.CallError{StatusCode: 404, Code: "APIGW.0101"}}, csms.ReasonElsewhere},
		{&csms.Error{CallError: csms.CallError{StatusCode: 404}}, csms.ReasonElsewhere},
		{&csms.Error{CallError: csms.CallError{StatusCode: 403, Code: "CSMS.0109"}}, csms.ReasonInactive},
		{&csms.Error{CallError: csms.CallError{StatusCode: 400, Code: "CSMS.0103"}}, csms.ReasonInactive},
		{&csms.Error{CallError: csms.CallError{StatusCode: 400, Code: "CSMS.0203"}}, csms.ReasonStageLimit},
		{&csms.Error{CallError: csms.CallError{StatusCode: 401, Code: "APIGW.0301"}}, csms.ReasonCredentials},
		{&csms.Error{CallError: csms.CallError{StatusCode: 403, Code: "KMS.0303"}}, csms.ReasonCredentials},
		{&csms.Error{CallError: csms.CallError{StatusCode: 403, Code: "APIGW.0302"}}, csms.ReasonPermission},
		{&csms.Error{CallError: csms.CallError{StatusCode: 429}}, csms.ReasonThrottled},
		{&csms.Error{CallError: csms.CallError{StatusCode: 502}}, csms.ReasonService},
		{&csms.Error{CallError: csms.CallError{StatusCode: 400, Code: "CSMS.0002"}}, csms.ReasonOther},
		{&csms.Error{CallError: csms.CallError{Err: errors.New("connection refused"), Attempts: 6}}, csms.ReasonUnreachable},
		{&csms.Error{CallError: csms.CallError{Err: errors.New("not a valid name")}}, csms.ReasonOther},
		{&csms.Error{CallError: csms.CallError{Err: context.DeadlineExceeded}}, csms.ReasonTimeout},
		{&csms.Error{CallError: csms.CallError{StatusCode: 429, Err: context.DeadlineExceeded}}, csms.ReasonThrottled},
		{&csms.Error{CallError: csms.CallError{StatusCode: 200}}, csms.ReasonElsewhere},
		{&csms.Error{CallError: csms.CallError{StatusCode: 302}}, csms.ReasonElsewhere},
		{&csms.Error{CallError: csms.CallError{StatusCode: 407}}, csms.ReasonElsewhere},
		{&csms.Error{CallError: csms.CallError{StatusCode: 403}}, csms.ReasonElsewhere},
		{fmt.Errorf("wrapped: %w", &csms.Error{CallError: csms.CallError{Err: context.Canceled}}), csms.ReasonInterrupted},
	} {
		if got := csms.ReasonOf(tt.err); got != tt.want {
			t.Errorf("%v has the reason %q, want %q", tt.err, got, tt.want)
		}
	}
}
