package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"
)

const secret = "db-password"

// story is the rotation of one secret, told in steps. Each step checks what it claims: by Terraform's exit code and plan,
// and by asking the service.
type story struct {
	terraform *terraform
	colleague *colleague
}

func play(ctx context.Context, s story) error {
	steps := []struct {
		title string
		do    func(context.Context) error
	}{
		{"A rotation job writes version v3 of the secret db-password and labels it CANDIDATE. SYSCURRENT is still on v2.", s.writeVersion},
		{"Terraform plans to move SYSCURRENT to v3, and warns where the label will be taken from.", s.planRotation},
		{"Terraform applies: SYSCURRENT moves, the new label ROLLBACK marks v2, and v2 gets an expiry.", s.applyRotation},
		{"A second plan is empty.", s.planNothing},
		{"Somebody moves ROLLBACK to v1, outside Terraform.", s.interfere},
		{"The plan shows it.", s.planRepair},
		{"Terraform puts ROLLBACK back on v2.", s.applyRepair},
		{"The plan is empty again.", s.planNothing},
		{"Destroy removes the label ROLLBACK. SYSCURRENT cannot be deleted: it stays on v3, with a warning.", s.destroy},
	}
	for i, step := range steps {
		announce("%d. %s", i+1, step.title)
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("step %d is not as told: %w", i+1, err)
		}
	}
	return nil
}

func (s story) writeVersion(ctx context.Context) error {
	version, err := s.colleague.addVersion(ctx, secret, "CANDIDATE")
	if err != nil {
		return err
	}
	if version != "v3" {
		return fmt.Errorf("the service numbered the version %s", version)
	}
	return s.onVersions(ctx, map[string]string{"CANDIDATE": "v3", "SYSCURRENT": "v2"})
}

func (s story) planRotation(ctx context.Context) error {
	actions, said, err := s.terraform.plan(ctx)
	if err != nil {
		return err
	}
	return errors.Join(
		planned(actions, map[string]string{
			"csms_secret_stage.current":           "create",
			"csms_secret_stage.rollback":          "create",
			"csms_secret_version_expiry.rollback": "create",
		}),
		said.warned("SYSCURRENT", "v2", "v3"),
		s.onVersions(ctx, map[string]string{"SYSCURRENT": "v2", "ROLLBACK": ""}),
	)
}

func (s story) applyRotation(ctx context.Context) error {
	said, err := s.terraform.apply(ctx)
	if err != nil {
		return err
	}
	expiry, err := s.colleague.expiry(ctx, secret, "v2")
	if err != nil {
		return err
	}
	return errors.Join(
		said.output("expiries", "v2", expiry.Format(time.RFC3339)),
		said.output("stages", `"ROLLBACK":"v2"`, `"SYSCURRENT":"v3"`),
		said.warned("SYSCURRENT", "v2", "v3"),
		s.onVersions(ctx, map[string]string{"SYSCURRENT": "v3", "ROLLBACK": "v2"}),
	)
}

func (s story) planNothing(ctx context.Context) error {
	actions, _, err := s.terraform.plan(ctx)
	if err != nil {
		return err
	}
	return planned(actions, map[string]string{})
}

func (s story) interfere(ctx context.Context) error {
	if err := s.colleague.moveStage(ctx, secret, "ROLLBACK", "v1"); err != nil {
		return err
	}
	return s.onVersions(ctx, map[string]string{"ROLLBACK": "v1"})
}

func (s story) planRepair(ctx context.Context) error {
	actions, said, err := s.terraform.plan(ctx)
	if err != nil {
		return err
	}
	return errors.Join(
		said.drifted("csms_secret_stage.rollback"),
		planned(actions, map[string]string{"csms_secret_stage.rollback": "update"}),
	)
}

func (s story) applyRepair(ctx context.Context) error {
	if _, err := s.terraform.apply(ctx); err != nil {
		return err
	}
	return s.onVersions(ctx, map[string]string{"SYSCURRENT": "v3", "ROLLBACK": "v2"})
}

func (s story) destroy(ctx context.Context) error {
	said, err := s.terraform.destroy(ctx)
	if err != nil {
		return err
	}
	return errors.Join(
		said.warned("SYSCURRENT", "stays"),
		s.onVersions(ctx, map[string]string{"SYSCURRENT": "v3", "ROLLBACK": ""}),
	)
}

// onVersions checks which version each label is on, as the service tells it; "" means that the label must be absent.
func (s story) onVersions(ctx context.Context, want map[string]string) error {
	for stage, version := range want {
		got, err := s.colleague.holder(ctx, secret, stage)
		if err != nil {
			return err
		}
		if got != version {
			return fmt.Errorf("the service has %s on %q, want %q", stage, got, version)
		}
	}
	return nil
}

func planned(got, want map[string]string) error {
	if !maps.Equal(got, want) {
		return fmt.Errorf("the plan is %v, want %v", got, want)
	}
	return nil
}
