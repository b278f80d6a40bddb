// Package github reads facts from GitHub's API, sets and releases locks there, and
// records deployments. Nothing else in Stageward talks to it.
//
// A Reader is about one subject. Its first answer, Overview, is one GraphQL
// request; the other methods bring what GraphQL does not have or did not have
// room for. Every method returns a fact that is known whole or missing with a
// reason: all pages, totals that agree, and the object that was asked for.
//
// The transport below the Reader sends the token to one host over https only,
// repeats nothing but reads and writes that are marked for it, and hands up
// nothing but whole JSON documents.
//
// The package must not know what a fact is good for: policies, stages and
// gates are unknown to it. It reads no environment and no wall clock, and the
// types of the client library it uses do not leave it.
package github
