// Package frontend holds the admin page as it was built by "npm run build".
package frontend

import "embed"

// Dist is the built page: dist/index.html, dist/graphiql.html and their files
// under dist/assets. Before the first build it holds only dist/.gitkeep. The two
// HTML files contain the literal __CSP_NONCE__, to be replaced in each response.
//
//go:embed all:dist
var Dist embed.FS
