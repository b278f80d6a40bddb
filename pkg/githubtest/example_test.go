package githubtest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/stageward/stageward/pkg/githubtest"
)

// A World, an event in it, and one question to the API.
func Example() {
	world, err := githubtest.ParseWorld([]byte(`
repository: acme/shop
time: 2026-11-17T10:00:00Z
people:
  octocat: {permission: maintain, key: ssh}
commits:
  - {name: c1, by: octocat, signed: octocat, message: Add cart, files: {cart.txt: "empty\n"}}
tags:
  - {name: v1.2.3, commit: c1, annotated: true, signed: octocat}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	server, err := githubtest.New(world)
	if err != nil {
		fmt.Println(err)
		return
	}

	run, err := server.Run(githubtest.Event{Name: "push", Ref: "refs/tags/v1.2.3", Actor: "octocat"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("run of the commit:", run.Env["GITHUB_SHA"] == server.SHA("c1"))

	request := httptest.NewRequest(http.MethodGet, "https://api.github.com/repos/acme/shop/git/tags/"+server.SHA("tag:v1.2.3"), http.NoBody)
	request.Header.Set("Authorization", "Bearer "+server.Token())
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	var tag struct {
		Verification struct {
			Verified bool
			Reason   string
		}
	}
	if err := json.Unmarshal(recorder.Body.Bytes(), &tag); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("tag signature:", tag.Verification.Verified, tag.Verification.Reason)
	fmt.Println("violations:", len(server.Violations()))
	// Output:
	// run of the commit: true
	// tag signature: true valid
	// violations: 0
}
