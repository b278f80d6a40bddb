package github

import (
	"encoding/json"
	"time"

	"github.com/stageward/stageward/pkg/fact"
)

// answered is a field in which null is an answer and absence is not.
type answered[T any] struct {
	value *T // nil for null
	here  bool
}

func (a *answered[T]) UnmarshalJSON(data []byte) error {
	a.here = true
	return json.Unmarshal(data, &a.value)
}

// connection is a GraphQL list with its total.
type connection[T any] struct {
	TotalCount *int `json:"totalCount"`
	Nodes      []*T `json:"nodes"`
}

// whole reports whether the list is all there is.
func (c *connection[T]) whole() bool {
	if c == nil || c.TotalCount == nil || len(c.Nodes) != *c.TotalCount {
		return false
	}
	for _, node := range c.Nodes {
		if node == nil {
			return false
		}
	}
	return true
}

// total returns how many there are, or -1 when the answer does not say.
func (c *connection[T]) total() int {
	if c == nil || c.TotalCount == nil {
		return -1
	}
	return *c.TotalCount
}

// objectNode is a GraphQL GitObject, with the fields of a tag and of a commit
// where it is one.
type objectNode struct {
	Typename string        `json:"__typename"`
	OID      string        `json:"oid"`
	Name     string        `json:"name"`
	Tagger   *identityNode `json:"tagger"`
	Target   *objectNode   `json:"target"`
	Tree     *treeNode     `json:"tree"`
}

type refNode struct {
	Name   string      `json:"name"`
	Target *objectNode `json:"target"`
}

type treeNode struct {
	Typename string       `json:"__typename"`
	OID      string       `json:"oid"`
	Entries  []*entryNode `json:"entries"`
}

type entryNode struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Mode int    `json:"mode"`
	OID  string `json:"oid"`
}

type blobNode struct {
	Typename    string  `json:"__typename"`
	OID         string  `json:"oid"`
	ByteSize    *int    `json:"byteSize"`
	IsTruncated *bool   `json:"isTruncated"`
	IsBinary    *bool   `json:"isBinary"`
	Text        *string `json:"text"`
}

type commitNode struct {
	Typename   string                  `json:"__typename"`
	OID        string                  `json:"oid"`
	URL        string                  `json:"url"`
	Headline   string                  `json:"messageHeadline"`
	At         time.Time               `json:"committedDate"`
	Parents    *connection[objectNode] `json:"parents"`
	Author     *identityNode           `json:"author"`
	Committer  *identityNode           `json:"committer"`
	Signature  answered[signatureNode] `json:"signature"`
	Associated *connection[pullNode]   `json:"associatedPullRequests"`
	Status     answered[statusesNode]  `json:"status"`
	Suites     *connection[suiteNode]  `json:"checkSuites"`
	History    *connection[objectNode] `json:"history"` // the total only
}

type signatureNode struct {
	IsValid    bool       `json:"isValid"`
	State      string     `json:"state"`
	ByGitHub   bool       `json:"wasSignedByGitHub"`
	Payload    string     `json:"payload"`
	Text       string     `json:"signature"`
	VerifiedAt *time.Time `json:"verifiedAt"`
	Signer     *userNode  `json:"signer"`
}

// overviewNode is the data of the overview.
type overviewNode struct {
	Repository *struct {
		DatabaseID      int64                `json:"databaseId"`
		NameWithOwner   string               `json:"nameWithOwner"`
		URL             string               `json:"url"`
		DefaultBranch   *refNode             `json:"defaultBranchRef"`
		PolicyDirectory answered[treeNode]   `json:"policyDirectory"`
		PolicyFile      answered[blobNode]   `json:"policyFile"`
		Ref             answered[refNode]    `json:"ref"`
		Commit          answered[commitNode] `json:"commit"`
	} `json:"repository"`
	Contained *struct {
		DefaultBranch *struct {
			Name    string `json:"name"`
			Compare *struct {
				Status string `json:"status"`
			} `json:"compare"`
		} `json:"defaultBranchRef"`
	} `json:"contained"`
	Pulls  *withCommit `json:"pulls"`
	Checks *withCommit `json:"checks"`
}

// withCommit is an alias of the repository that asks about the commit only.
type withCommit struct {
	Object *commitNode `json:"object"`
}

// object returns the commit, or nil. Its methods on connections bear nil.
func (w *withCommit) object() *commitNode {
	if w == nil || w.Object == nil {
		return &commitNode{}
	}
	return w.Object
}

// repositoryNode is the repository of something else.
type repositoryNode struct {
	DatabaseID int64 `json:"databaseId"`
}

type pullNode struct {
	Number      int                      `json:"number"`
	URL         string                   `json:"url"`
	Title       string                   `json:"title"`
	Repository  answered[repositoryNode] `json:"baseRepository"`
	Base        string                   `json:"baseRefName"`
	Head        string                   `json:"headRefOid"`
	Merged      *bool                    `json:"merged"`
	MergeCommit *objectNode              `json:"mergeCommit"`
	Author      *actorNode               `json:"author"`
	MergedBy    *actorNode               `json:"mergedBy"`
	Timeline    *struct {
		Count *int `json:"filteredCount"`
		Nodes []*struct {
			CreatedAt time.Time `json:"createdAt"`
		} `json:"nodes"`
	} `json:"timelineItems"`
	Commits *connection[pullCommitNode] `json:"commits"`
	Reviews *connection[reviewNode]     `json:"reviews"`
}

type pullCommitNode struct {
	Commit struct {
		OID       string        `json:"oid"`
		Author    *identityNode `json:"author"`
		Committer *identityNode `json:"committer"`
	} `json:"commit"`
}

type reviewNode struct {
	ID          json.Number `json:"fullDatabaseId"` // a BigInt: number or text
	URL         string      `json:"url"`
	State       string      `json:"state"`
	SubmittedAt time.Time   `json:"submittedAt"`
	Commit      *objectNode `json:"commit"`
	Author      *actorNode  `json:"author"`
}

type statusesNode struct {
	Contexts []*statusNode `json:"contexts"`
}

type statusNode struct {
	Context   string     `json:"context"`
	State     string     `json:"state"`
	CreatedAt time.Time  `json:"createdAt"`
	TargetURL string     `json:"targetUrl"`
	Creator   *actorNode `json:"creator"`
}

type suiteNode struct {
	ID         int64  `json:"databaseId"`
	Status     string `json:"status"`
	Conclusion string `json:"conclusion"`
	App        *struct {
		Slug string `json:"slug"`
	} `json:"app"`
	Run  *workflowRunNode     `json:"workflowRun"`
	Runs *connection[runNode] `json:"checkRuns"`
}

type workflowRunNode struct {
	ID        int64      `json:"databaseId"`
	Event     string     `json:"event"`
	URL       string     `json:"url"`
	CreatedAt *time.Time `json:"createdAt"`
	File      *struct {
		Path string `json:"path"`
	} `json:"file"`
}

type runNode struct {
	ID          int64      `json:"databaseId"`
	Name        string     `json:"name"`
	Status      string     `json:"status"`
	Conclusion  string     `json:"conclusion"`
	StartedAt   *time.Time `json:"startedAt"`
	CompletedAt *time.Time `json:"completedAt"`
	URL         string     `json:"url"`
}

// shaOf parses an id of an answer; "" when it is none.
func shaOf(text string) fact.SHA {
	sha, err := fact.ParseSHA(text)
	if err != nil {
		return ""
	}
	return sha
}
