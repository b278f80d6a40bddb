package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/gitobject"
	"github.com/stageward/stageward/pkg/gitstore"
	"github.com/stageward/stageward/pkg/history"
	"github.com/stageward/stageward/pkg/signature"
)

// verifyFlags are the flags of "stageward verify".
type verifyFlags struct {
	signers, revoked                                []string
	json, failing, touch, pin, allowSHA1, ancestors bool
	at, dir                                         string
}

const verifyHelp = `Check whose keys signed a commit, a tag, or a range: every commit that TO
reaches and FROM does not, through all parents. It needs git to read the clone,
and no network, no GitHub, no policy, no gpg and no ssh-keygen.

Only the keys in the files of --signers count. A file has one of two forms:

  armored OpenPGP public keys, as this command writes them:
    gpg --armor --export olga@acme.example > keys.asc
  lines of allowed_signers (ssh-keygen(1)), each with a name and an SSH public key:
    echo "olga@acme.example $(cat ~/.ssh/id_ed25519.pub)" >> allowed_signers

gpg's key ring and git's settings are not read: they are not the same on two
machines, and a repository can set them.

A tag is judged by its own signature. It has to be annotated, to bear the name
that it is asked for by, and to name a commit.

Whether a key had expired is asked as of now, or as of --at. The dates in commits
are never used: who signs chooses them, so that an expired key could sign today
for last year.

Exit codes: 0 all are good, 1 something is not, 2 bad input or nothing to check,
3 it could not be read or not to the end.`

func (a *app) verifyCommand() *cobra.Command {
	var flags verifyFlags
	command := &cobra.Command{
		Use:   "verify REVISION | FROM..TO",
		Short: "Check who signed commits or a tag, in any clone",
		Long:  verifyHelp,
		Example: `  stageward verify v1.2.0 --signers keys.asc
  stageward verify v1.2.0..main --signers .github/allowed_signers --failing
  stageward verify main --ancestors --signers keys.asc --json`,
		Args: oneRevision,
		RunE: func(command *cobra.Command, args []string) error {
			return a.verify(command.Context(), args[0], flags)
		},
	}
	flags.addTo(command)
	return command
}

func oneRevision(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("say what to verify: stageward verify v1.2.0..main --signers FILE")
	}
	if len(args) > 1 {
		return errors.New("name one commit, one tag or one range, such as v1.2.0..main; run it again for another")
	}
	return nil
}

func (f *verifyFlags) addTo(command *cobra.Command) {
	set := command.Flags()
	set.StringArrayVar(&f.signers, "signers", nil, "file with the keys that count; give it again for a second file")
	set.StringArrayVar(&f.revoked, "revoked", nil, "file with SSH public keys that count no more, one per line")
	set.BoolVar(&f.json, "json", false, "print one JSON object per line")
	set.BoolVar(&f.failing, "failing", false, "show only what is not good; everything is checked and counted")
	set.BoolVar(&f.ancestors, "ancestors", false, "check the commit and all that it descends from")
	set.BoolVar(&f.touch, "touch", false, "a security key (sk-…) counts only when its owner touched it")
	set.BoolVar(&f.pin, "pin", false, "a security key (sk-…) counts only when its owner gave a PIN or a fingerprint")
	set.BoolVar(&f.allowSHA1, "allow-sha1", false, "let OpenPGP signatures over SHA-1 hashes count, as old tags have them")
	set.StringVar(&f.at, "at", "", "judge whether keys had expired as of this moment, such as 2026-03-01 or 2026-03-01T12:00:00Z (default: now)")
	set.StringVar(&f.dir, "dir", ".", "the clone, or a folder in it")
}

// verify returns an error for what the person at the command line has to
// mend. Everything else is shown here, and sets the exit code.
func (a *app) verify(ctx context.Context, revision string, flags verifyFlags) error {
	asked, err := parseRevision(revision, flags.ancestors)
	if err != nil {
		return err
	}
	when, err := a.moment(flags.at)
	if err != nil {
		return err
	}
	ring, err := a.ring(flags)
	if err != nil {
		return err
	}
	a.code = exitUndecided // until everything was read
	store, err := gitstore.Open(ctx, flags.dir, "git")
	if err != nil {
		return a.unread(err, true)
	}
	defer store.Close() //nolint:errcheck // nothing was written
	for _, each := range store.Notices() {
		a.notice(each)
	}
	demand := signature.Demand{Touch: flags.touch, PIN: flags.pin, Weak: flags.allowSHA1}
	run := verification{
		store: store, checker: history.Checker{Ring: ring, When: when, Demand: demand},
		rows: newRows(a.system, flags), workers: runtime.GOMAXPROCS(0),
	}
	wanted, err := run.find(ctx, asked)
	if err != nil {
		return a.unread(err, true)
	}
	if err := run.check(ctx, wanted); err != nil {
		run.rows.progress.end()
		if wanted.isWalk() {
			err = fmt.Errorf("%w (%d checked, the rest was not)", err, run.rows.tally.Total())
		}
		return a.unread(err, false)
	}
	return a.concluded(run.rows, wanted)
}

// concluded shows the totals and sets the exit code.
func (a *app) concluded(rows *rows, wanted target) error {
	if rows.tally.Total() == 0 {
		return nothing(wanted)
	}
	if err := rows.finish(wanted); err != nil {
		return a.unread(err, false)
	}
	a.code = exitRefused
	if rows.tally.AllGood() {
		a.code = exitAllow
	}
	return nil
}

// nothing is the error of a range without commits; all else has one at least.
// "There are none" must not be taken for "all are good".
func nothing(wanted target) error {
	from, to := wanted.asked.from, wanted.asked.to
	if wanted.from == wanted.to {
		return fmt.Errorf("there are no commits in %s: both ends are the same commit. Nothing was checked; for that commit alone: stageward verify %s", wanted.asked.text, to)
	}
	return fmt.Errorf("there are no commits in %s: %s reaches all that %s does. Nothing was checked; did you mean %s..%s?", wanted.asked.text, from, to, to, from)
}

// moment is the time by which keys are judged.
func (a *app) moment(at string) (signature.Moment, error) {
	now := a.system.Now()
	if at == "" {
		return signature.Moment{Now: now}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		seen, err := time.Parse(layout, at)
		if err != nil {
			continue
		}
		if seen.After(now) {
			return signature.Moment{}, fmt.Errorf("--at %s is in the future: nobody has seen these signatures then", at)
		}
		return signature.Moment{Now: now, Seen: seen}, nil
	}
	return signature.Moment{}, fmt.Errorf("--at %q is neither a date nor a time; write 2026-03-01 (midnight UTC) or 2026-03-01T12:00:00Z", at)
}

// notice tells something that changes no verdict.
func (a *app) notice(text string) {
	fmt.Fprintf(a.system.Stderr, "stageward: note: %s\n", actions.Inert(text))
}

// unread deals with an error that is not one of the verdicts. What names
// nothing, or nothing that can be checked, is for the person who named it:
// that error is returned. For all others the exit code is exitUndecided.
func (a *app) unread(err error, naming bool) error {
	if failed, ok := errors.AsType[*gitstore.Error](err); ok && naming {
		switch failed.Problem { //nolint:exhaustive // all others are exitUndecided, also those that will come
		case gitstore.BadRevision, gitstore.Ambiguous, gitstore.NotFound, gitstore.NoRepository, gitstore.WrongType:
			return err
		}
	}
	if wrong, ok := errors.AsType[*wrongRevisionError](err); ok {
		return wrong
	}
	a.code = exitUndecided
	if errors.Is(err, context.Canceled) {
		err = fmt.Errorf("interrupted: %w", err)
	}
	fmt.Fprintf(a.system.Stderr, "stageward: %s\n", actions.Inert(err.Error()))
	return nil
}

// verification is one run of "stageward verify".
type verification struct {
	store   *gitstore.Store
	checker history.Checker
	rows    *rows
	workers int
}

// check judges what was found, and shows it.
func (v verification) check(ctx context.Context, wanted target) error {
	switch {
	case wanted.isWalk():
		read := func(give func(history.Object) error) error {
			return v.store.Walk(ctx, []string{wanted.to}, wanted.exclude(), func(commit gitstore.Object) error {
				return give(asObject(commit))
			})
		}
		return v.checker.Commits(v.workers, read, v.rows.show)
	case wanted.isLightweight():
		return v.rows.show(history.LightweightTag(wanted.tag, wanted.to))
	}
	object, err := v.store.Object(ctx, wanted.to)
	if err != nil {
		return err
	}
	if wanted.tag == "" {
		return v.rows.show(v.checker.Commit(asObject(object)))
	}
	verdict, err := v.checker.Tag(asObject(object), wanted.tag, v.typeOf(ctx))
	if err != nil {
		return err
	}
	return v.rows.show(verdict)
}

// typeOf reads an object to know its type. Trees and blobs are not read, so
// which of them it is stays open.
func (v verification) typeOf(ctx context.Context) func(string) (gitobject.Type, error) {
	return func(id string) (gitobject.Type, error) {
		object, err := v.store.Object(ctx, id)
		if failed, ok := errors.AsType[*gitstore.Error](err); ok && failed.Problem == gitstore.WrongType {
			return "tree or blob", nil
		}
		return gitobject.Type(object.Type), err
	}
}

func asObject(object gitstore.Object) history.Object {
	return history.Object{ID: object.ID, Type: gitobject.Type(object.Type), Body: object.Body}
}
