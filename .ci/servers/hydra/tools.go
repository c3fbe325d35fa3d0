//go:build tools

// Names what is built, so that `go mod tidy` keeps it.
package tools

import _ "github.com/ory/hydra/v2"
