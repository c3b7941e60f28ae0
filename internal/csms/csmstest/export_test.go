package csmstest

import "strings"

// Routes tells which operation answers each method and path, for the test that compares them with the description.
func Routes() map[string]string {
	operations := map[string]string{}
	for _, r := range routes() {
		operations[r.method+" "+strings.Join(r.segments, "/")] = r.operation
	}
	return operations
}
