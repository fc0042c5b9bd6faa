// Package docs holds what the site says about itself to programs.
package docs

import _ "embed"

// OpenAPI describes the API, as OpenAPI 3.1 in YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte
