// Package githubtest is a GitHub for tests: one repository with people,
// commits, tags, pull requests and checks, served over both of GitHub's
// interfaces by an http.Handler that needs no network, no git and no token.
//
// It exists to judge programs that decide whether something may be deployed,
// so it tries to be at least as difficult as GitHub itself:
//
//   - Everything is real that can be. Objects are hashed as git hashes them,
//     signatures are made and checked with real keys, and GitHub's verdict on
//     a signature is worked out and not declared.
//   - It is strict. GraphQL queries are validated against GitHub's published
//     schema; routes, parameters and fields that it does not know, and wrong
//     authorization, are recorded as violations. A test asserts that there are
//     none: see [Server.Violations].
//   - Lists come in pages of two, so that a client that forgets to page fails.
//   - It is deterministic. The same [World] gives the same ids, signatures and
//     bodies; its clock stands still.
//   - It fails on demand: see [Fault].
//
// A World is a Go value or a YAML file ([ParseWorld]). [New] builds it,
// [Server.StartTLS] serves it in the layout of a GitHub Enterprise server, and
// [Server.Run] says what a runner would hand to an action for an event: the
// variables GITHUB_* and the event payload. README.md shows all of it at once,
// and the stories in testdata/script use nothing else.
//
// The package must not know the program that it tests: it imports nothing of
// Stageward. Nor does it depend on package testing, so that a demonstration
// can use it as well as a test. What it does not implement it refuses loudly;
// it never makes an answer up.
//
// Keys are real, too. [Person] says what somebody signs with and what the
// account lists now, which may be another thing: a verdict is of the moment of
// the push and stays, as on GitHub. SignedWith, Payload and ExtraHeader of a
// [Commit] or [Tag] make what a verifier has to refuse, and the text of a [File]
// may name public keys.
//
// What was deployed before is told by the runs of earlier days: a [Check] with a
// workflow and a run-id is a job, its minutes-ago says when. The run is of the
// branch that its commit was made on, unless a [WorkflowRun] says otherwise, such
// as the name of a tag or the fork that it came from.
//
// People approve in three ways: a [Review] of a [Pull], a [WorkflowRun] that they
// start by hand, with a title, and a [RunReview] of an environment. Who is in a
// [Team] only [Server.PeopleToken] may ask: the token of a workflow gets 403.
//
// Two things say what was deployed. A Check with an environment is a job for
// which GitHub made a record, and a [Deployment] is one that anybody posted who
// could. A token with "deployments: write" or "contents: write" changes the
// double: deployments and their statuses, git objects and references. Nothing
// else does, but for MoveRef of a [Fault].
//
// Where GitHub's behaviour is not documented, the choice made here is the one
// that is harder for a client: a signer is named even when its signature is
// not accepted, a signature by a revoked key is valid, totalCount of a timeline
// counts what a filter leaves out, names of environments are compared byte for
// byte, the payload of a deployment is JSON inside a text, the fork of a run is null once it is gone, and
// a short name is accepted where a full one is meant.
package githubtest
