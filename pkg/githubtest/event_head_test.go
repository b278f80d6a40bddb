package githubtest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/githubtest"
)

const queueRef = "refs/heads/gh-readonly-queue/main/pr-8-" + zeros

// end is what the rows below look at in a payload.
type end struct {
	Ref  string
	SHA  string
	Repo struct {
		ID       int64
		FullName string `json:"full_name"`
	}
}

type heads struct {
	Number      int
	PullRequest struct {
		Number     int
		Head, Base end
	} `json:"pull_request"`
	MergeGroup struct {
		HeadRef string `json:"head_ref"`
		HeadSHA string `json:"head_sha"`
	} `json:"merge_group"`
	WorkflowRun struct {
		Event, Conclusion string
		HeadBranch        string `json:"head_branch"`
		HeadSHA           string `json:"head_sha"`
		HeadRepository    struct {
			ID       int64
			FullName string `json:"full_name"`
		} `json:"head_repository"`
	} `json:"workflow_run"`
	Deployment struct{ Ref, SHA string }
	Ref        string
	RefType    string `json:"ref_type"`
	Repository struct {
		DefaultBranch string `json:"default_branch"`
	}
}

// The variables are those of docs.github.com, "Events that trigger workflows": most of
// these runs are not of the commit that the event is about.
func TestWhatARunIsOf(t *testing.T) {
	t.Parallel()
	server := serve(t, "")
	id := server.SHA
	for _, row := range []struct {
		name      string
		event     githubtest.Event
		ref, kind string
		sha       string // "" is a commit that is not in the world
		about     func(heads) bool
	}{
		{
			"a pull request runs on its test merge",
			githubtest.Event{Name: "pull_request", Ref: "refs/heads/dev"},
			"refs/pull/8/merge", "branch", "",
			func(h heads) bool {
				pull := h.PullRequest
				return h.Number == 8 && pull.Number == 8 && pull.Head.Ref == "dev" && pull.Head.SHA == id("h2") && pull.Head.Repo.ID == 1001 &&
					pull.Base.Ref == "main" && pull.Base.SHA == id("c4") && pull.Base.Repo.FullName == "acme/shop"
			},
		},
		{
			"a pull request of a fork",
			githubtest.Event{Name: "pull_request", Ref: "refs/heads/main", Commit: "x1", HeadRepository: "mallory/shop"},
			"refs/pull/8/merge", "branch", "",
			func(h heads) bool {
				head := h.PullRequest.Head
				return head.Ref == "main" && head.SHA == id("x1") && head.Repo.FullName == "mallory/shop" && head.Repo.ID != 1001
			},
		},
		{
			"a merge group runs on its branch",
			githubtest.Event{Name: "merge_group", Ref: queueRef, Commit: "c4"},
			queueRef, "branch", id("c4"),
			func(h heads) bool { return h.MergeGroup.HeadRef == queueRef && h.MergeGroup.HeadSHA == id("c4") },
		},
		{
			"the end of a run runs on the default branch",
			githubtest.Event{Name: "workflow_run", Ref: "refs/heads/dev"},
			"refs/heads/main", "branch", id("c4"),
			func(h heads) bool {
				ended := h.WorkflowRun
				return ended.HeadBranch == "dev" && ended.HeadSHA == id("h2") && ended.HeadRepository.ID == 1001 && ended.Event == "push" && ended.Conclusion == "success"
			},
		},
		{
			"the end of a fork's run",
			githubtest.Event{
				Name: "workflow_run", Ref: "refs/heads/main", Commit: "x1", HeadRepository: "mallory/shop", Cause: "pull_request", Conclusion: "failure",
			},
			"refs/heads/main", "branch", id("c4"),
			func(h heads) bool {
				ended := h.WorkflowRun
				return ended.HeadSHA == id("x1") && ended.HeadRepository.FullName == "mallory/shop" && ended.Event == "pull_request" && ended.Conclusion == "failure"
			},
		},
		{
			"a new tag",
			githubtest.Event{Name: "create", Ref: "refs/tags/v1.2.3"},
			"refs/tags/v1.2.3", "tag", id("c1"),
			func(h heads) bool { return h.Ref == "v1.2.3" && h.RefType == "tag" },
		},
		{
			"a new branch",
			githubtest.Event{Name: "create", Ref: "refs/heads/dev"},
			"refs/heads/dev", "branch", id("h2"),
			func(h heads) bool { return h.Ref == "dev" && h.RefType == "branch" },
		},
		{
			"a schedule",
			githubtest.Event{Name: "schedule"},
			"refs/heads/main", "branch", id("c4"),
			func(h heads) bool { return h.Repository.DefaultBranch == "main" },
		},
		{
			"a call",
			githubtest.Event{Name: "repository_dispatch"},
			"refs/heads/main", "branch", id("c4"),
			func(h heads) bool { return h.Repository.DefaultBranch == "main" },
		},
		{
			"a deployment of a tag",
			githubtest.Event{Name: "deployment", Ref: "refs/tags/v1.2.3"},
			"refs/tags/v1.2.3", "tag", id("c1"),
			func(h heads) bool { return h.Deployment.Ref == "v1.2.3" && h.Deployment.SHA == id("c1") },
		},
		{
			"a deployment of a commit",
			githubtest.Event{Name: "deployment", Commit: "c1"},
			"", "", id("c1"),
			func(h heads) bool { return h.Deployment.Ref == id("c1") && h.Deployment.SHA == id("c1") },
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.event.Actor = "octocat"
			run, err := server.Run(row.event)
			if err != nil {
				t.Fatal(err)
			}
			var got heads
			decode(t, run.Payload, &got)
			if !row.about(got) {
				t.Errorf("payload = %s", run.Payload)
			}
			sha := run.Env["GITHUB_SHA"]
			if row.sha == "" && (len(sha) != 40 || sha == got.PullRequest.Head.SHA || sha == got.PullRequest.Base.SHA) {
				t.Errorf("GITHUB_SHA is %s, want a test merge", sha)
			}
			if run.Env["GITHUB_REF"] != row.ref || run.Env["GITHUB_REF_TYPE"] != row.kind || row.sha != "" && sha != row.sha {
				t.Errorf("env = %v", run.Env)
			}
			if diff := cmp.Diff(got.PullRequest.Head.Ref, run.Env["GITHUB_HEAD_REF"]); diff != "" {
				t.Errorf("GITHUB_HEAD_REF (-payload +env):\n%s", diff)
			}
		})
	}
}

// An open pull request of the world keeps its number and its title; one of the
// same branch that is merged is not taken.
func TestAPullRequestOfTheWorld(t *testing.T) {
	t.Parallel()
	open := "pulls:\n  - {number: 12, title: Basket, author: alice, head: dev, commits: [h1, h2]}\n"
	server := serveOnly(t, strings.Replace(shop, "pulls:\n", open, 1))
	for ref, want := range map[string]int{"refs/heads/dev": 12, "refs/heads/cart": 13} {
		run, err := server.Run(githubtest.Event{Name: "pull_request", Ref: ref, Actor: "alice", Action: "synchronize"})
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Action      string
			Number      int
			PullRequest struct {
				Title, State string
			} `json:"pull_request"`
		}
		decode(t, run.Payload, &got)
		if got.Action != "synchronize" || got.Number != want || got.PullRequest.State != "open" || (got.PullRequest.Title == "Basket") != (want == 12) {
			t.Errorf("payload of %s is %+v", ref, got)
		}
	}
}
