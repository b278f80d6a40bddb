package githubtest_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/githubtest"
)

// shop is a repository with one of everything.
const shop = `
repository: acme/shop
time: 2026-11-17T10:00:00Z
people:
  alice: {permission: write, key: ssh}
  bob: {permission: triage, unverified-emails: [robert@example.com]}
  octocat: {permission: maintain, key: ssh}
  eve: {key: unregistered}
  left: {gone: true}
commits:
  - {name: root, by: octocat, signed: octocat, message: Start, files: {README.md: "# Shop\n"}}
  - {name: h0, branch: cart, by: alice, message: Begin}
  - {name: h1, branch: cart, by: alice, signed: alice, message: "Add cart\n\nWith a body.", files: {src/cart.go: "package shop\n"}}
  - {name: h2, branch: cart, by: "Nobody <nobody@example.net>"}
  - name: c1
    parents: [root, h2]
    by: alice
    signed: github
    message: "Merge pull request #7"
    files: {.github/stageward.yml: "version: 1\n", src/cart.go: "package shop\n"}
  - {name: c2, by: alice, committer: alice, signed: octocat, message: Borrowed}
  - {name: c3, by: eve, signed: eve}
  - {name: x1, fork: true, parents: [root], by: eve}
  - {name: c4, by: octocat, signed: octocat, verification: {verified: false, reason: expired_key}}
branches: {dev: h2, both: c1}
tags:
  - {name: v1.2.3, commit: c1, annotated: true, signed: octocat}
  - {name: light, commit: c1}
  - {name: both, commit: root}
  - {name: nested, target-tag: v1.2.3, annotated: true, by: alice}
  - {name: renamed, commit: c1, annotated: true, signed: octocat, inner-name: v1.0.0}
  - {name: onto-tree, commit: c1, target-tree: true, annotated: true, by: alice}
pulls:
  - number: 7
    title: Cart
    author: alice
    head: cart
    commits: [h0, h1, h2]
    merged-by: octocat
    merge-commit: c1
    head-forced-minutes-ago: 60
    reviews:
      - {by: bob, state: APPROVED, commit: h1, minutes-ago: 90}
      - {by: octocat, state: COMMENTED}
      - {by: octocat, state: APPROVED, minutes-ago: 20}
      - {by: left, state: CHANGES_REQUESTED}
checks:
  - {commit: c1, name: tests, workflow: .github/workflows/ci.yml, run-id: 55, conclusion: failure, minutes-ago: 50}
  - {commit: c1, name: tests, workflow: .github/workflows/ci.yml, run-id: 55, minutes-ago: 30}
  - {commit: c1, name: lint, workflow: .github/workflows/ci.yml, run-id: 55, status: in_progress}
  - {commit: c1, name: scan, app: scanner}
  - {commit: c1, name: tests, workflow: .github/workflows/other.yml, run-id: 56, environment: staging}
deployments:
  - {commit: c1, environment: staging, by: alice, payload: {by: hand}, description: By hand, minutes-ago: 20, statuses: [{state: success, minutes-ago: 19, by: bob, log-url: "https://ci.example/1"}]}
  - {commit: root, ref: v1.2.3, by: left, minutes-ago: 10}
run-reviews:
  - {environments: [staging], user: octocat, comment: Ship it!}
teams:
  quality: {members: [bob], parent: people}
  people: {members: [alice, octocat, left]}
statuses:
  - {commit: c1, context: ci/legacy, state: failure, by: alice, minutes-ago: 50}
  - {commit: c1, context: ci/legacy, state: success, by: alice, minutes-ago: 40}
  - {commit: c1, context: ci/other, state: pending, by: left}
`

// serve builds a server; extra is YAML that is added to the shop.
func serve(t *testing.T, extra string) *githubtest.Server {
	t.Helper()
	return serveOnly(t, shop+extra)
}

// serveOnly builds a server of a world of its own.
func serveOnly(t *testing.T, text string) *githubtest.Server {
	t.Helper()
	world, err := githubtest.ParseWorld([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	server, err := githubtest.New(world)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func TestWorldsThatAreNotRead(t *testing.T) {
	t.Parallel()
	rows := []struct{ name, text, want string }{
		{"nothing", "", "EOF"},
		{"a misspelt field", "repositry: acme/shop\n", "repositry"},
		{"a misspelt field inside", "repository: acme/shop\ncommits: [{nmae: c1}]\n", "nmae"},
		{"a field twice", "repository: acme/shop\nrepository: acme/shop\n", "already"},
		{"two documents", "repository: acme/shop\n---\nrepository: acme/shop\n", "one YAML document"},
		{"a file that is not a file", "commits: [{name: c1, files: {a: {txet: x}}}]\n", "txet"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if _, err := githubtest.ParseWorld([]byte(row.text)); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error = %v, want one with %q", err, row.want)
			}
		})
	}
}

func TestWorldsThatAreNotBuilt(t *testing.T) {
	t.Parallel()
	const head = "repository: acme/shop\ntime: 2026-11-17T10:00:00Z\npeople: {alice: {key: ssh}, bob: {}}\n"
	const c1 = head + "commits: [{name: c1, by: alice}]\n"
	rows := []struct{ name, text, want string }{
		{"no time", "repository: acme/shop\n", "time is missing"},
		{"a repository without an owner", "repository: shop\ntime: 2026-11-17T10:00:00Z\n", "owner/name"},
		{"a page size beyond GitHub's", head + "page-size: 101\n", "page-size 101"},
		{"an unknown permission", "repository: a/b\ntime: 2026-11-17T10:00:00Z\npeople: {eve: {permission: owner}}\n", "people: eve: permission"},
		{"two accounts with one id", "repository: a/b\ntime: 2026-11-17T10:00:00Z\npeople: {eve: {id: 3}, bob: {id: 3}}\n", "people: eve"},
		{"an unknown author", head + "commits: [{name: c1, by: eve}]\n", `commits: c1: by: "eve"`},
		{"a name twice", head + "commits: [{name: c1, by: alice}, {name: c1, by: alice}]\n", "commits: c1: want a name"},
		{"an unknown parent", head + "commits: [{name: c1, by: alice, parents: [c0]}]\n", `commits: c1: parents: "c0"`},
		{"a signer without a key", head + "commits: [{name: c1, by: alice, signed: bob}]\n", "bob has no key"},
		{"a verdict on nothing", head + "commits: [{name: c1, by: alice, verification: {reason: invalid}}]\n", "an unsigned commit"},
		{"a kind of key on nothing", head + "commits: [{name: c1, by: alice, signed-with: ssh}]\n", "an unsigned commit"},
		{"a payload of nothing", c1 + "tags: [{name: v1, commit: c1, annotated: true, by: alice, payload: tampered}]\n", "an unsigned commit or tag"},
		{"a payload that is changed in another way", head + "commits: [{name: c1, by: alice, signed: alice, payload: gone}]\n", `payload: "gone"`},
		{"a kind of key that nobody has", "repository: a/b\ntime: 2026-11-17T10:00:00Z\npeople: {eve: {key: x509}}\n", `key "x509"`},
		{"a listed kind of key that nobody has", "repository: a/b\ntime: 2026-11-17T10:00:00Z\npeople: {eve: {keys: [ssh, unregistered]}}\n", `keys: "unregistered"`},
		{"a signature of a kind that nobody makes", head + "commits: [{name: c1, by: alice, signed: alice, signed-with: x509}]\n", `signed-with: "x509"`},
		{"a second key of GitHub", head + "commits: [{name: c1, by: alice, signed: github, signed-with: ssh}]\n", "GitHub has one key"},
		{"a header of two lines", head + "commits: [{name: c1, by: alice, extra-header: \"a b\\nc d\"}]\n", "extra-header"},
		{"a header without a value", head + "commits: [{name: c1, by: alice, extra-header: gpgsigevil}]\n", "extra-header"},
		{"a header of a tag without an object", c1 + "tags: [{name: v1, commit: c1, extra-header: gpgsigevil x}]\n", "not annotated"},
		{"a file with the key of nobody", head + "commits: [{name: c1, by: alice, files: {a: <ssh-key of eve>}}]\n", `"eve" is not among people`},
		{"a reason that GitHub does not have", head + "commits: [{name: c1, by: alice, signed: alice, verification: {reason: bad}}]\n", `reason "bad"`},
		{"a fork's commit on a branch", head + "commits: [{name: c1, by: alice, fork: true, branch: main}]\n", "on no branch"},
		{"a path that leaves the tree", head + "commits: [{name: c1, by: alice, files: {../a: x}}]\n", "files"},
		{"a path that is file and folder", head + "commits: [{name: c1, by: alice, files: {a: x, a/b: y}}]\n", "both a file and a folder"},
		{"a mode git does not have", head + "commits: [{name: c1, by: alice, files: {a: {text: x, mode: '777'}}}]\n", `mode "777"`},
		{"a login that GitHub does not take", "repository: a/b\ntime: 2026-11-17T10:00:00Z\npeople: {../eve: {}}\n", "not a login"},
		{"a branch that leaves the repository", c1 + "branches: {../../x: c1}\n", "git does not take"},
		{"a tag with a space", c1 + "tags: [{name: v 1, commit: c1}]\n", "git does not take"},
		{"a branch on nothing", c1 + "branches: {dev: c2}\n", `branches: dev: "c2"`},
		{"a signed tag that is not annotated", c1 + "tags: [{name: v1, commit: c1, signed: alice}]\n", "tags: v1: a tag that is not annotated"},
		{"a tag on a tag listed later", c1 + "tags: [{name: v1, target-tag: v2, annotated: true, by: alice}]\n", "tags: v1: target-tag"},
		{"a pull request without commits", c1 + "pulls: [{number: 7}]\n", "pulls: 7: commits"},
		{"a pull request twice", c1 + "pulls: [{number: 7, commits: [c1]}, {number: 7, commits: [c1]}]\n", "pulls: 7: want a number"},
		{"a review in no state", c1 + "pulls: [{number: 7, commits: [c1], reviews: [{by: bob, state: approved}]}]\n", "reviews: number 1: state"},
		{"a check of no commit", c1 + "checks: [{commit: c2, name: tests}]\n", "checks: tests: commit"},
		{"a run without a workflow", c1 + "checks: [{commit: c1, name: tests, run-id: 5}]\n", "both workflow and run-id"},
		{"a run of two workflows", c1 + "checks: [{commit: c1, name: a, workflow: w.yml, run-id: 5}, {commit: c1, name: b, workflow: x.yml, run-id: 5}]\n", "run 5 is of w.yml"},
		{"a run of two events", c1 + "workflow-runs: [{commit: c1, workflow: w.yml, run-id: 5}]\nchecks: [{commit: c1, name: b, workflow: w.yml, run-id: 5, event: schedule}]\n", "run 5 is of push"},
		{"a run of two commits", head + "commits: [{name: c1, by: alice}, {name: c2, by: alice}]\nchecks: [{commit: c1, name: a, workflow: w.yml, run-id: 5}, {commit: c2, name: b, workflow: w.yml, run-id: 5}]\n", "run 5 is of another"},
		{"a run of another app", c1 + "checks: [{commit: c1, name: a, app: x, workflow: w.yml, run-id: 5}]\n", "of github-actions"},
		{"a run twice", c1 + "workflow-runs: [{commit: c1, workflow: w.yml, run-id: 5}, {commit: c1, workflow: w.yml, run-id: 5}]\n", "run-id of its own"},
		{"a run that waits and has failed", c1 + "workflow-runs: [{commit: c1, workflow: w.yml, run-id: 5, status: waiting, conclusion: failure}]\n", "has none"},
		{"a job that could not start", c1 + "checks: [{commit: c1, name: a, conclusion: startup_failure}]\n", `conclusion "startup_failure"`},
		{"a posted check of no run", c1 + "checks: [{commit: c1, name: a, posted: true}]\n", "set workflow and run-id"},
		{"a pull request into no repository", c1 + "pulls: [{number: 7, commits: [c1], base-repository: eve}]\n", "base-repository"},
		{"a conclusion before the end", c1 + "checks: [{commit: c1, name: tests, status: queued, conclusion: success}]\n", "has none"},
		{"a status without a context", c1 + "statuses: [{commit: c1}]\n", "statuses: number 1"},
		{"a permission that no token has", head + "token: {permissions: {content: read}}\n", "permission content"},
		{"a fault for no request", head + "faults: [{status: 500}]\n", "match is missing"},
		{"a fault with an unknown body", head + "faults: [{match: GET, body: odd}]\n", `body "odd"`},
		{"a run that nobody started", c1 + "workflow-runs: [{commit: c1, workflow: w.yml, run-id: 1, actor: eve}]\n", `actor: "eve"`},
		{"a run that nobody started again", c1 + "workflow-runs: [{commit: c1, workflow: w.yml, run-id: 1, triggering-actor: eve}]\n", `triggering-actor: "eve"`},
		{"a run before its first attempt", c1 + "workflow-runs: [{commit: c1, workflow: w.yml, run-id: 1, attempt: -1}]\n", "attempt -1"},
		{"a review of an environment by nobody", head + "run-reviews: [{environments: [prod], user: eve}]\n", `run-reviews: number 1: user: "eve"`},
		{"a review of an environment in no state", head + "run-reviews: [{environments: [prod], user: bob, state: APPROVED}]\n", `state "APPROVED"`},
		{"a review of no environment", head + "run-reviews: [{user: bob}]\n", "want environments"},
		{"a team that is no slug", head + "teams: {Quality: {}}\n", "teams: Quality: not a slug"},
		{"a team with nobody we know", head + "teams: {quality: {members: [eve]}}\n", `teams: quality: members: "eve"`},
		{"a team with a program", head + "teams: {quality: {members: ['dependabot[bot]']}}\n", "only users"},
		{"somebody twice in a team", head + "teams: {quality: {members: [bob, Bob]}}\n", "each once"},
		{"a team below nothing", head + "teams: {quality: {parent: people}}\n", `parent: "people"`},
		{"a team below itself", head + "teams: {a: {parent: b}, b: {parent: a}}\n", `is below it`},
		{"a run from no repository", c1 + "workflow-runs: [{commit: c1, workflow: w.yml, run-id: 1, head-repository: eve}]\n", `head-repository: "eve"; expected owner/name`},
		{"a replacement of nothing", head + "faults: [{match: GET, replace: {new: x}}]\n", "old is missing"},
		{"suites of a commit that is not there", head + "idle-suites: {c9: 3}\n", `idle-suites: "c9"`},
		{"fewer suites than none", c1 + "idle-suites: {c1: -3}\n", "idle-suites: c1: -3"},
		{"a spoiled answer of a server that did nothing", head + "faults: [{match: POST, body: html, after: true}]\n", "after: for hang"},
		{"a move to nothing", c1 + "faults: [{match: GET, move-ref: {ref: refs/heads/main, commit: c2}}]\n", `"c2" is not among commits`},
		{"a move of a short name", c1 + "faults: [{match: GET, move-ref: {ref: main, commit: c1}}]\n", "full name"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			world, err := githubtest.ParseWorld([]byte(row.text))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := githubtest.New(world); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error = %v, want one with %q", err, row.want)
			}
		})
	}
}
