package csmstest

import (
	_ "embed"
	"net/http"
)

//go:embed openapi.yaml
var openAPI string

// OpenAPI describes what a Server and its Console answer, as an OpenAPI 3 document in YAML.
func OpenAPI() string { return openAPI }

func serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write([]byte(openAPI)) // It fails if the client is gone.
}
