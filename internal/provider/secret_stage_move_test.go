package provider_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// versionState is what the main Huawei Cloud provider keeps of a stage.
const versionState = `{"id": "GREEN", "region": "cn-north-4", "secret_name": "db", "name": "GREEN", "version_id": "v1", "updated_at": "2026-01-01T08:00:00+08:00"}`

// versionStateWithoutRegion is the same where the region was never stored.
const versionStateWithoutRegion = `{"id": "GREEN", "region": null, "secret_name": "db", "name": "GREEN", "version_id": "v1", "updated_at": null}`

const (
	huaweiCloud      = "registry.terraform.io/huaweicloud/huaweicloud"
	versionStateType = "huaweicloud_csms_secret_version_state"
)

// moveState takes over the state of another provider's resource.
func moveState(t *testing.T, s *tfServer, address, typeName, state string) (instance, []*tfprotov6.Diagnostic) {
	t.Helper()
	resp, err := s.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: address, SourceTypeName: typeName, SourceState: &tfprotov6.RawState{JSON: []byte(state)}, TargetTypeName: stageType,
	})
	if err != nil {
		t.Fatal(err)
	}
	i := instance{typeName: stageType, private: resp.TargetPrivate, identity: resp.TargetIdentity}
	if resp.TargetState != nil {
		i.state = s.strings(resp.TargetState, s.typeOf(stageType))
	}
	return i, resp.Diagnostics
}

func TestSecretStage_IsMovedFromTheMainProviderWithoutACall(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]string{"region set": versionState, "region null": versionStateWithoutRegion} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachAPIVariant(t, func(t *testing.T, m *mock) {
				t.Helper()
				m.MoveStage("db", "GREEN", "v1")
				s := newUnconfiguredTFServer(t)
				i, diagnostics := moveState(t, s, huaweiCloud, versionStateType, state)
				s.must(diagnostics)
				m.assertRequests(t, nil)
				if read, _ := newTFServer(t, m).read(i); read.state["update_time"] == nil || read.state["region"] != csmstest.DefaultRegion {
					t.Errorf("after the refresh the state is %v", read.state)
				}
				m.assertEmptyPlan(t, i, stage("GREEN", "v1"))
				m.assertChanges(t, 0)
			})
		})
	}
}

func TestSecretStage_MovedStageThatIsElsewhereOrGoneIsPlannedLikeAnyOther(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ holder, wanted, warned string }{
		"as the configuration has it": {holder: "v2", wanted: "v2"},
		"elsewhere":                   {holder: "v2", wanted: "v1"},
		"gone":                        {holder: "", wanted: "v1", warned: "CSMS object was not found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			if test.holder != "" {
				m.MoveStage("db", "GREEN", test.holder)
			}
			s := newUnconfiguredTFServer(t)
			i, diagnostics := moveState(t, s, huaweiCloud, versionStateType, versionState)
			s.must(diagnostics)
			r := m.plan(t, i, stage("GREEN", test.wanted))
			assertContains(t, r.warned, test.warned)
			if i, _ = r.mustApply(); i.state["id"] != "db/GREEN" {
				t.Errorf("the state is %v", i.state)
			}
			m.assertHolder(t, "GREEN", test.wanted)
			m.assertEmptyPlan(t, i, stage("GREEN", test.wanted))
		})
	}
}

func TestSecretStage_MovedStageOfASecretThatCannotBeReadNowIsKept(t *testing.T) {
	t.Parallel()
	m := newSecret(t, csmstest.WithInactiveSecretReadsRefused(), csmstest.WithInactiveSecretStageWrites())
	m.MoveStage("db", "GREEN", "v1")
	m.SetState("db", "DISABLED")
	s := newUnconfiguredTFServer(t)
	i, diagnostics := moveState(t, s, huaweiCloud, versionStateType, versionStateWithoutRegion)
	s.must(diagnostics)
	r := m.plan(t, i, stage("GREEN", "v1"))
	assertContains(t, r.warned, "CSMS secret is not enabled", "What the state has is kept")
	if r.state["version_id"] != "v1" || r.state["id"] != "db/GREEN" || !newTFServer(t, m).empty(r.change) {
		t.Errorf("the state is %v, the plan %q", r.state, r.planned.MsgPack)
	}
}

func TestSecretStage_StateOfAnotherResourceIsNotMoved(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ address, typeName string }{
		"another type":     {address: huaweiCloud, typeName: "huaweicloud_csms_secret"},
		"another provider": {address: "registry.terraform.io/acme/huaweicloud", typeName: versionStateType},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i, diagnostics := moveState(t, newUnconfiguredTFServer(t), test.address, test.typeName, versionState)
			assertContains(t, errorsOf(diagnostics), test.typeName)
			if i.state != nil {
				t.Errorf("the state is %v", i.state)
			}
		})
	}
}

// movedFrom is a state of the main provider's resource, as Terraform stores it.
func movedFrom(attributes string) string {
	return `{
  "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "5e0f5a3c-0000-4000-8000-000000000001",
  "resources": [{
    "mode": "managed", "type": "` + versionStateType + `", "name": "old", "provider": "provider[\"` + huaweiCloud + `\"]",
    "instances": [{"schema_version": 0, "attributes": ` + attributes + `}]
  }]
}`
}

func TestSecretStage_MovedBlockTakesAStageOverFromTheMainProvider(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]string{"region set": versionState, "region null": versionStateWithoutRegion} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.MoveStage("db", "GREEN", "v1")
			c := newCLI(t, m, "")
			c.addHuaweiCloud()
			c.writeFile("terraform.tfstate", movedFrom(state))
			output := c.apply(greenOn("v1") + "moved {\n from = " + versionStateType + ".old\n to = csms_secret_stage.green\n}\n")
			assertContains(t, output, versionStateType+".old has moved to csms_secret_stage.green", "0 added, 0 changed, 0 destroyed")
			m.assertWritesInOrder(t)
		})
	}
}

// addHuaweiCloud lets Terraform find a main provider, which it wants to start for a state that
// names it. This provider serves as well: it is asked for its schema only.
func (c *cli) addHuaweiCloud() {
	c.t.Helper()
	if err := os.Symlink(filepath.Join(buildDir, "terraform-provider-csms"), filepath.Join(c.dir, "terraform-provider-huaweicloud")); err != nil {
		c.t.Fatal(err)
	}
	c.writeFile("cli.tfrc", `
provider_installation {
  dev_overrides {
    "csms/csms"               = "`+buildDir+`"
    "huaweicloud/huaweicloud" = "`+c.dir+`"
  }
  direct {}
}
`)
	c.env = append(c.env, "TF_CLI_CONFIG_FILE="+filepath.Join(c.dir, "cli.tfrc"))
}

func TestSecretStage_AMovedStateWithoutARegionThatIsNotRefreshed(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]map[string]any{
		"region configured":  with(stage("GREEN", "v2"), "region", "cn-north-4"),
		"no region anywhere": stage("GREEN", "v2"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.MoveStage("db", "GREEN", "v1")
			moved := instance{typeName: stageType, state: map[string]any{"id": "db/GREEN", "secret_name": "db", "name": "GREEN", "version_id": "v1"}}
			c, diagnostics := newTFServer(t, m).plan(moved, config)
			newTFServer(t, m).must(diagnostics)
			if c.requiresReplace {
				t.Error("the stage is to be deleted and re-created")
			}
			i, diagnostics := newTFServer(t, m).apply(c)
			newTFServer(t, m).must(diagnostics)
			s := newTFServer(t, m)
			promised := s.strings(c.planned, s.typeOf(stageType))
			if promised["region"] != "cn-north-4" || i.state["region"] != promised["region"] || i.state["version_id"] != "v2" {
				t.Errorf("planned %v, got %v", promised, i.state)
			}
		})
	}
}
