package suppose_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/signature"
	"github.com/stageward/stageward/pkg/suppose"
)

var now = time.Date(2026, 1, 13, 10, 0, 0, 0, time.UTC)

func newWorld(ref fact.Ref) *suppose.World {
	return suppose.New(suppose.About{Repository: "acme/shop", DefaultBranch: "main", Ref: ref, Event: "push", Stage: "prod", At: now})
}

var since = fact.RangeFrom{Workflow: ".github/workflows/deploy.yml", Job: "deploy"}

// story does everything to a world that can be done.
func story(world *suppose.World) {
	world.SignCommit("Bob")
	world.SignTag("carol")
	world.GiveKey("Bob")
	world.GiveKey("carol")
	world.AddToFile("keys/bob.pub", suppose.PublicKey("bob"))
	rita := world.Grant("rita", fact.MaintainPermission)
	world.Join("quinn", "acme/crew")
	world.MergedPull(func(pull *fact.Pull) { pull.MergedBy = &rita })
	world.AddReview(rita, time.Time{})
	world.AddApproval(".github/workflows/approve.yml", "Approve "+string(world.Facts.Subject.SHA)+" for prod", rita, world.After())
	world.AddJob(suppose.Job{Workflow: since.Workflow, Name: since.Job, Started: world.After(), Took: time.Minute})
	world.AddCheck("scan", "scanner", "success", world.After(), time.Minute)
	world.Since(since)
	world.SquashCommit()
	world.SayInTag("CHG-1\n")
	world.Attribute()
}

func stored(t *testing.T, facts fact.Set) string {
	t.Helper()
	text, err := facts.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheSameCallsGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	var texts []string
	for range 3 {
		world := newWorld("refs/tags/v1.2.0")
		story(world)
		texts = append(texts, stored(t, world.Facts))
	}
	if texts[0] != texts[1] || texts[0] != texts[2] {
		t.Error(cmp.Diff(texts[0], texts[1]) + cmp.Diff(texts[0], texts[2]))
	}
}

// proves rebuilds an object from what is said of it, and checks its signature by a key.
func proves(t *testing.T, kind gitobject.Type, id fact.SHA, given fact.Signature, login string) {
	t.Helper()
	body, err := gitobject.Rebuild(kind, string(id), given.Payload, given.Text)
	if err != nil {
		t.Fatalf("rebuild the %s of %s: %v", kind, login, err)
	}
	if again, err := gitobject.ID(kind, gitobject.SHA1, body); err != nil || again != string(id) {
		t.Errorf("the %s has the id %s, want %s (%v)", kind, again, id, err)
	}
	var signed gitobject.Signed
	if kind == gitobject.CommitType {
		parsed, err := gitobject.ParseCommit(body, gitobject.SHA1)
		if err != nil {
			t.Fatal(err)
		}
		signed = parsed.Signed
	} else {
		parsed, err := gitobject.ParseTag(body, gitobject.SHA1)
		if err != nil {
			t.Fatal(err)
		}
		signed = parsed.Signed
	}
	for _, owner := range []string{login, "somebody-else"} {
		ring, problems := signature.NewRing([]signature.Material{{Owner: owner, Source: "test", Data: []byte(suppose.PublicKey(owner))}}, nil)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		got := ring.Verify(signed.Payload, signed.Signature, signature.Moment{Now: now, Seen: given.SeenAt}, signature.Demand{})
		if (got.State == signature.Good) != (owner == login) {
			t.Errorf("by the key of %s, the %s of %s is %s: %s", owner, kind, login, got.State, got.Detail)
		}
	}
}

func TestObjectsProveTheirIDs(t *testing.T) {
	t.Parallel()
	world := newWorld("refs/tags/v1.2.0")
	world.SignTag("carol")
	world.SignCommit("Bob")
	check := func(commitBy, tagBy string) {
		t.Helper()
		commit, tag := world.Facts.Commit.OrZero(), world.Facts.Tag.OrZero()
		proves(t, gitobject.CommitType, commit.SHA, commit.Signature, commitBy)
		proves(t, gitobject.TagType, tag.Object, tag.Signature, tagBy)
		target := world.Facts.RefTarget.OrZero()
		if subject := world.Facts.Subject; commit.SHA != subject.SHA || tag.Target != subject.SHA || tag.Object != subject.TagObject || target.Object != tag.Object || target.Commit != commit.SHA {
			t.Errorf("the facts disagree about the commit and the tag: %+v, %+v", subject, target)
		}
		if diff := cmp.Diff([]string{commitBy, tagBy}, world.Signers()); diff != "" {
			t.Error(diff)
		}
	}
	check("Bob", "carol")
	world.SayInTag("CHG-12\n")
	check("Bob", "carol")
	if got := world.TagMessage(); got != "CHG-12\n" {
		t.Errorf("the tag says %q", got)
	}
	world.Since(since)
	check("Bob", "carol")
	world.SquashCommit()
	check(suppose.WebFlow, "carol")
	base := world.Facts.RangeSince(since).OrZero().Base.Commit
	proves(t, gitobject.CommitType, base.SHA, base.Signature, suppose.WebFlow)
	if parents := world.Facts.Commit.OrZero().Parents; !slices.Equal(parents, []fact.SHA{base.SHA}) {
		t.Errorf("the range begins at %s, and the parents are %v", base.SHA, parents)
	}
}

func TestASignatureTakenAwayIsGone(t *testing.T) {
	t.Parallel()
	world := newWorld("refs/tags/v1.2.0")
	world.SignCommit("bob")
	world.SignTag("bob")
	world.SignCommit("")
	world.SignTag("")
	commit, tag := world.Facts.Commit.OrZero(), world.Facts.Tag.OrZero()
	if commit.Signature.Class != fact.Unsigned || tag.Signature.Class != fact.Unsigned || !tag.Annotated || len(world.Signers()) > 0 {
		t.Errorf("got %+v, %+v", commit.Signature, tag.Signature)
	}
	world.DropTag()
	if target := world.Facts.RefTarget.OrZero(); target.Object != commit.SHA || world.Facts.Subject.TagObject != "" {
		t.Errorf("a lightweight tag points at its commit: %+v", target)
	}
}

// A tag that GitHub does not call good is not made good by a new commit.
func TestASignatureThatIsNotGoodStaysSo(t *testing.T) {
	t.Parallel()
	world := newWorld("refs/tags/v1.2.0")
	world.SignTag("bob")
	suppose.Change(&world.Facts.Tag, func(tag *fact.Tag) { tag.Signature.Verified, tag.Signature.State = false, "unknown_key" })
	world.SignCommit("bob")
	if given := world.Facts.Tag.OrZero().Signature; given.Good() {
		t.Errorf("got %+v", given)
	}
}

// A commit that is signed has another id, and every fact about it is about that one.
func TestANewIDReachesEveryPlace(t *testing.T) {
	t.Parallel()
	world := newWorld("refs/tags/v1.2.0")
	story(world)
	before := world.Facts.Subject
	count := strings.Count(stored(t, world.Facts), string(before.SHA))
	world.SignCommit("rita")
	text, after := stored(t, world.Facts), world.Facts.Subject
	switch {
	case before.SHA == after.SHA || before.TagObject == after.TagObject:
		t.Fatal("the ids stayed")
	case strings.Contains(text, string(before.SHA)) || strings.Contains(text, string(before.TagObject)):
		t.Error("a fact is still about the commit or the tag from before")
	case strings.Count(text, string(after.SHA)) != count:
		t.Errorf("the new id is there %d times, the one from before was %d times", strings.Count(text, string(after.SHA)), count)
	}
}

// Changing a world changes no facts from which it was made, also not through what
// two sets share.
func TestAWorldHasACopyOfItsFacts(t *testing.T) {
	t.Parallel()
	recorded := newWorld("refs/tags/v1.2.0")
	story(recorded)
	before := stored(t, recorded.Facts)
	one, err := suppose.Of(recorded.Facts)
	if err != nil {
		t.Fatal(err)
	}
	two, err := suppose.Of(recorded.Facts)
	if err != nil {
		t.Fatal(err)
	}
	story(one)
	one.SetPermission("rita", fact.NoPermission)
	one.ChangeReviews(func(each *fact.Review) bool { each.State = fact.Dismissed; return true })
	one.ChangeApprovals(".github/workflows/approve.yml", func([]fact.ApprovalRun) []fact.ApprovalRun { return nil })
	one.DropChecks(func(string, string) bool { return true })
	one.TakeKeys("carol")
	if stored(t, recorded.Facts) != before || stored(t, two.Facts) != before {
		t.Error("a world shares its facts")
	}
	if stored(t, one.Facts) == before {
		t.Error("nothing was changed")
	}
}

// Everything that was made up says so.
func TestWhatIsMadeUpSaysSo(t *testing.T) {
	t.Parallel()
	world := newWorld("refs/heads/main")
	story(world)
	text := stored(t, world.Facts)
	if all, own := strings.Count(text, `"from": `), strings.Count(text, `"from": "supposed"`); all != own || own == 0 {
		t.Errorf("%d of %d sources say that they are supposed", own, all)
	}
}

// The times are in an order that can be: the commit, then what is said of it, then now.
func TestTimesAreInOrder(t *testing.T) {
	t.Parallel()
	world := newWorld("refs/heads/main")
	story(world)
	said := []time.Time{world.Facts.ApprovalRuns[".github/workflows/approve.yml"].OrZero()[0].At}
	for _, each := range world.Facts.Pulls.OrZero()[0].Reviews.OrZero() {
		said = append(said, each.At)
	}
	for _, each := range world.Facts.Checks.OrZero().Runs {
		said = append(said, each.StartedAt, each.CompletedAt)
	}
	for _, at := range said {
		if !at.After(world.Written()) || at.After(world.Now()) || at.Nanosecond() != 0 {
			t.Errorf("%s is not between %s and %s", at, world.Written(), world.Now())
		}
	}
	if late := world.After(now); !late.After(now) {
		t.Errorf("after %s comes %s", now, late)
	}
}

// Who has a number in the facts has no other one in what is made up.
func TestPeopleAreWhoTheyAre(t *testing.T) {
	t.Parallel()
	alice := fact.Person{ID: 11, Login: "alice", Kind: fact.User}
	facts := newWorld("refs/heads/main").Facts
	suppose.Change(&facts.Commit, func(commit *fact.Commit) { commit.Author.Account = &alice })
	facts.Access["bob"] = fact.Of(fact.Access{Person: fact.Person{ID: 99, Login: "robert", Kind: fact.User}}, fact.Source{})
	world, err := suppose.Of(facts)
	if err != nil {
		t.Fatal(err)
	}
	if got := world.Grant("Alice", fact.AdminPermission); got != alice {
		t.Errorf("got %+v", got)
	}
	if got := world.Person("bob"); got.ID == 99 {
		t.Error("an answer about another account was taken for bob's")
	}
	if got := world.Grant("alice", fact.ReadPermission); world.Facts.AccessOf(got).OrZero().Permission != fact.AdminPermission {
		t.Error("somebody lost a permission")
	}
}

// The ranges tell the same of the commit, and of its pull request, as the facts do.
func TestRangesAgree(t *testing.T) {
	t.Parallel()
	world := newWorld("refs/heads/main")
	world.Since(since)
	story(world)
	span, reviews := world.Facts.RangeSince(since).OrZero(), world.Facts.RangeReviewsSince(since).OrZero()
	if len(span.Commits) != 1 || cmp.Diff(span.Commits[0].Commit, world.Facts.Commit.OrZero()) != "" {
		t.Errorf("the range has other commits: %+v", span.Commits)
	}
	if span.Run.Head != span.Base.Commit.SHA || len(span.Base.Pulls) != 1 || len(reviews.Pulls) != 2 {
		t.Errorf("it begins at %+v, with the pull requests %+v", span.Base, reviews.Pulls)
	}
	for _, pull := range reviews.Pulls {
		if got := pull.Reviews.OrZero(); len(got) != 1 || got[0].Commit != pull.Head || got[0].Author.Login != "rita" {
			t.Errorf("#%d has the reviews %+v", pull.Number, got)
		}
	}
}
