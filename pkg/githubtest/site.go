package githubtest

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// site is where the double is, as a client sees it: every address in an
// answer is built from it, because clients follow addresses.
type site struct{ html, api string }

// publicSite is github.com.
func publicSite() site { return site{html: "https://github.com", api: "https://api.github.com"} }

// enterpriseSite is the layout of a GitHub Enterprise server.
func enterpriseSite(origin string) site { return site{html: origin, api: origin + "/api/v3"} }

// siteOf works out the layout from a request: /api/v3 and /api/graphql are a
// GitHub Enterprise server's, and a host that begins with "api." is GitHub's.
func siteOf(r *http.Request) site {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		return enterpriseSite(scheme + r.Host)
	}
	return site{html: scheme + strings.TrimPrefix(r.Host, "api."), api: scheme + r.Host}
}

// repoHTML is the address of a page of the repository.
func (r *repository) html(s site, format string, args ...any) string {
	return s.html + "/" + r.world.Repository + fmt.Sprintf(format, args...)
}

// apiURL is the REST address of something in the repository.
func (r *repository) apiURL(s site, format string, args ...any) string {
	return s.api + "/repos/" + r.world.Repository + fmt.Sprintf(format, args...)
}

// nodeID is a global id in GitHub's older form.
func nodeID(kind string, id any) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "0%d:%s%v", len(kind), kind, id))
}
