package github

import (
	"context"
	"fmt"

	"github.com/stageward/stageward/pkg/fact"
)

const settingsSource = "GET /repos/{owner}/{repo}"

// settingsNode is the repository as REST has it. The ways to merge are shown to
// those only who may push.
type settingsNode struct {
	ID         int64  `json:"id"`
	Private    *bool  `json:"private"`
	Visibility string `json:"visibility"`
	Archived   *bool  `json:"archived"`
	Owner      *struct {
		Type string `json:"type"`
	} `json:"owner"`
	RebaseMerge *bool `json:"allow_rebase_merge"`
	SquashMerge *bool `json:"allow_squash_merge"`
	MergeCommit *bool `json:"allow_merge_commit"`
}

// Settings reads what matters of the settings of the repository. Requests: one.
func (r *Reader) Settings(ctx context.Context) fact.Known[fact.Settings] {
	if missing := r.unread(); missing != nil {
		return fact.Lost[fact.Settings](*missing)
	}
	asked := r.below()
	var node settingsNode
	_, err := r.read(ctx, asked, "", &node)
	var found fact.Settings
	if err == nil {
		found, err = node.settings(r.session().repository)
	}
	if err != nil {
		return fact.Lost[fact.Settings](*r.missing("GET /"+asked, err, fact.NeedSettings.TokenPermission()))
	}
	return fact.Of(found, fact.Source{From: settingsSource, URL: r.session().set.Repository.OrZero().URL + "/settings"})
}

// settings checks the answer about the repository of a number.
func (n settingsNode) settings(repository int64) (fact.Settings, error) {
	found := fact.Settings{Visibility: n.Visibility, RebaseMerge: n.RebaseMerge, SquashMerge: n.SquashMerge, MergeCommit: n.MergeCommit}
	if n.ID <= 0 || n.Private == nil || n.Archived == nil || n.Owner == nil {
		return found, incomplete("the answer does not hold all of the repository")
	}
	found.Archived = *n.Archived
	if n.ID != repository {
		return found, inconsistent(fmt.Sprintf("asked for repository %d, the answer is about %d", repository, n.ID))
	}
	switch n.Owner.Type {
	case "User":
		found.OwnerKind = fact.User
	case "Organization":
		found.OwnerKind = fact.OtherKind
	default:
		return found, incomplete(fmt.Sprintf("the answer says that the owner is %q, neither a user nor an organisation", n.Owner.Type))
	}
	switch n.Visibility {
	case "public", "private", "internal":
	default:
		return found, incomplete(fmt.Sprintf("the answer says that the repository is %q", n.Visibility))
	}
	if *n.Private != (n.Visibility != "public") {
		return found, inconsistent(fmt.Sprintf("the answer says that the repository is %q, and that private is %t", n.Visibility, *n.Private))
	}
	return found, nil
}
