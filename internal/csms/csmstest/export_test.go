package csmstest

import "strings"

// ControlOperation stands in Routes for any control call.
const ControlOperation = "control"

// Routes tells which operation answers each method and path, for the test that compares them with the description.
func Routes() map[string]string {
	operations := map[string]string{}
	for _, r := range routes() {
		operations[r.method+" "+strings.Join(r.segments, "/")] = r.operation
	}
	for pattern := range controlCalls() {
		operations[pattern] = ControlOperation
	}
	return operations
}
