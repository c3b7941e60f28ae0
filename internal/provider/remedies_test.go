package provider_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/provider"
)

const mayHaveWritten = "The write may have taken effect or not"

func TestDiagnostics_RemedyForATimeoutFollowsFromWhatWasSentAndToWhom(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err         csms.CallError
		says, omits []string
	}{
		"read": {
			csms.CallError{Operation: csms.OperationListVersions, Sent: true, Attempts: 1, Err: context.DeadlineExceeded},
			[]string{"ran out of time", "endpoint (CSMS_ENDPOINT)", "raise the limit in the resource's timeouts"},
			[]string{mayHaveWritten, "Nothing was sent"},
		},
		"write": {
			csms.CallError{Operation: csms.OperationPutStage, Sent: true, Unclear: true, Attempts: 1, Err: context.DeadlineExceeded},
			[]string{"ran out of time", mayHaveWritten}, []string{"Nothing was sent"},
		},
		"write that was not sent": {
			csms.CallError{Operation: csms.OperationPutStage, Err: context.DeadlineExceeded},
			[]string{"ran out of time", "Nothing was sent."}, []string{mayHaveWritten},
		},
		"sign-in": {
			csms.CallError{Operation: csms.OperationLogin, Sent: true, Attempts: 1, Err: context.DeadlineExceeded},
			[]string{"ran out of time", "auth_url (HW_AUTH_URL)"}, []string{mayHaveWritten, "CSMS_ENDPOINT"},
		},
		"interrupted read": {
			csms.CallError{Operation: csms.OperationGetStage, Sent: true, Attempts: 1, Err: context.Canceled},
			[]string{"was interrupted"}, []string{mayHaveWritten, "Nothing was sent"},
		},
		"interrupted write": {
			csms.CallError{Operation: csms.OperationDeleteStage, Sent: true, Unclear: true, Attempts: 1, Err: context.Canceled},
			[]string{"was interrupted", mayHaveWritten}, nil,
		},
		"interrupted wait": {
			csms.CallError{Operation: csms.OperationLockSecret, Err: context.Canceled},
			[]string{"was interrupted", "Nothing was sent."}, []string{mayHaveWritten},
		},
		"failed write": {
			csms.CallError{Operation: csms.OperationPutStage, Sent: true, Unclear: true, StatusCode: http.StatusBadGateway},
			[]string{"The service failed", mayHaveWritten}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := provider.RemedyFor(&csms.Error{CallError: tt.err})
			assertContains(t, got, tt.says...)
			for _, text := range tt.omits {
				if strings.Contains(got, text) {
					t.Errorf("%q says %q", got, text)
				}
			}
		})
	}
}

func TestDiagnostics_HungServiceIsToldByHostAndOnlyAWriteIsLeftOpen(t *testing.T) {
	t.Parallel()
	for operation, isWrite := range map[string]bool{"PutStage": true, "ShowStage": false} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.MoveStage("db", "GREEN", "v1")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s := newTFServer(t, m)
			c := mustPlan(s, managedStage("GREEN", "v1"), stage("GREEN", "v2"))
			m.Fail(csmstest.Fault{Operation: operation, Times: -1, Hang: true, Do: cancel})
			_, diagnostics := s.applyWithin(ctx, c)
			got := errorsOf(diagnostics)
			assertContains(t, got, "no answer from "+m.url+" within ", "interrupted")
			if strings.Contains(got, mayHaveWritten) != isWrite || strings.Contains(got, "Nothing was sent") {
				t.Errorf("errors %q", got)
			}
		})
	}
}
