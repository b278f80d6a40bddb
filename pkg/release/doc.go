// Package release makes what a version of Stageward consists of, and checks that
// what somebody was handed is that.
//
// A release is a pure function of the source: the archives, the image and its
// digest come out the same wherever and whenever they are made with the Go that
// .go-version names. So the digest of the image can be written into action.yml
// before anything is published, be reviewed like any other line, and be
// computed again by whoever doubts it.
//
// The package knows files and the go command. It must not know a registry, GitHub
// or a key: publishing and signing are for .github/workflows/release.yml, where
// each has the least permission that it can do with.
package release
