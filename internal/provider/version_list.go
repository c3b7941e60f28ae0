package provider

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// findVersion returns the version with an id, and nil if there is none.
func findVersion(versions []csms.Version, id string) *csms.Version {
	for i := range versions {
		if versions[i].ID == id {
			return &versions[i]
		}
	}
	return nil
}

// holderOf returns the id of the version that has a stage, or "".
func holderOf(versions []csms.Version, stage string) string {
	for _, v := range versions {
		if slices.Contains(v.Stages, stage) {
			return v.ID
		}
	}
	return ""
}

// versionIDs lists the versions there are, for an error about one that is not.
func versionIDs(versions []csms.Version) string {
	if len(versions) == 0 {
		return "the secret has no versions"
	}
	ids := make([]string, len(versions))
	for i, v := range versions {
		ids[i] = v.ID
	}
	return "the secret has " + strings.Join(ids, ", ")
}

// stageNames lists the stages there are, for an error about one that is not. The service may count
// the built-in ones towards its limit or not, so there can be more than 12.
func stageNames(versions []csms.Version) string {
	var names []string
	for _, v := range versions {
		for _, name := range v.Stages {
			names = append(names, fmt.Sprintf("%s (on %s)", name, v.ID))
		}
	}
	if len(names) == 0 {
		return "the secret has no stages"
	}
	slices.Sort(names)
	count := fmt.Sprintf("%d of at most 12", len(names))
	if len(names) > 12 {
		count = strconv.Itoa(len(names))
	}
	return fmt.Sprintf("the secret has %s stages: %s", count, strings.Join(names, ", "))
}
