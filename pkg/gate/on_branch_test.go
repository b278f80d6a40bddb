package gate_test

import (
	"testing"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// compared is the answer about a branch, under the key that a policy writes.
func compared(key, branch, status string) func(*fact.Set) {
	contained := status == "behind" || status == "identical"
	return answered(key, fact.Containment{Branch: branch, Contained: contained, Status: status})
}

func answered(key string, containment fact.Containment) func(*fact.Set) {
	return func(facts *fact.Set) {
		facts.Containment = map[string]fact.Known[fact.Containment]{key: fact.Of(containment, fact.Source{})}
	}
}

var _ = rows("on-branch",
	row{
		name: "a commit that only a fork has is not on the branch", facts: onMain(compared("$default-branch", "main", "diverged")),
		want: verdict.Fail, code: "not-contained", says: []string{"fork", `"main"`, "diverged"},
	},
	row{
		name: "a commit that the branch has yet to get is not on it", facts: onMain(compared("$default-branch", "main", "ahead")),
		want: verdict.Fail, code: "not-contained", says: []string{"ahead"},
	},
	row{
		name: "a hotfix tag beside the branch is told to merge first", facts: onTag(compared("$default-branch", "main", "diverged")),
		want: verdict.Fail, code: "not-contained", says: []string{"hotfix", "Merge", "tag"},
	},
	row{
		name: "an empty answer is not a yes", facts: onMain(answered("$default-branch", fact.Containment{Branch: "main"})),
		want: verdict.Fail, code: "not-contained",
	},
	row{
		name: "the answer about another branch is no answer", facts: onMain(compared("$default-branch", "scratch", "behind")),
		want: verdict.Unknown, code: string(fact.Inconsistent), says: []string{`"scratch"`, `"main"`},
	},
	row{
		name: "a yes that contradicts its own status is no answer", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(answered("$default-branch", fact.Containment{Branch: "main", Contained: true, Status: "diverged"})),
	},
	row{
		name: "a no that contradicts its own status is no answer", want: verdict.Unknown, code: string(fact.Inconsistent),
		facts: onMain(answered("$default-branch", fact.Containment{Branch: "main", Contained: false, Status: "behind"})),
	},
	row{
		name: "the comparison with the default branch says nothing about a branch that is named", params: "branch: release",
		facts: onMain(compared("$default-branch", "main", "behind")), want: verdict.Unknown, code: string(fact.NotAsked),
	},
	row{
		name: "a refused comparison is unknown", want: verdict.Unknown, code: string(fact.Forbidden),
		facts: onMain(func(f *fact.Set) {
			f.Containment = map[string]fact.Known[fact.Containment]{"$default-branch": fact.Lost[fact.Containment](fact.Missing{Reason: fact.Forbidden})}
		}),
	},
	row{
		name: "a default branch without a name is unknown", want: verdict.Unknown, code: string(fact.Incomplete),
		facts: onMain(compared("$default-branch", "", "behind"), func(f *fact.Set) { f.Repository = fact.Of(fact.Repository{}, fact.Source{}) }),
	},
	row{name: "the tip of the default branch", facts: onMain(compared("$default-branch", "main", "identical")), want: verdict.Pass},
	row{name: "a tag on an older commit of the default branch", facts: onTag(compared("$default-branch", "main", "behind")), want: verdict.Pass},
	row{name: "a commit of a branch that is named", params: "branch: release", facts: onTag(compared("release", "release", "behind")), want: verdict.Pass},
)

func TestOnBranch(t *testing.T) {
	t.Parallel()
	testRows(t, "on-branch")
}

func TestOnBranchRefusesBranchesThatAreNone(t *testing.T) {
	t.Parallel()
	testRefusals(t, "on-branch", map[string]string{
		`branch: ""`:              "the name is empty",
		`branch: $default`:        "$default-branch",
		`branch: refs/heads/main`: "without refs/heads/",
		`branch: "release/*"`:     "patterns do not work",
		`branch: "a b"`:           "not a valid git reference",
	})
}
