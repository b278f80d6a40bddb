// Package redact takes the people, the free texts and the secrets out of facts that
// were recorded, so that they can be kept as a test of a policy.
//
// Every account becomes a stand-in such as person-1, always the same one, with a
// number of its own. Texts keep the form that gates read (headings that the policy
// asks for, lists, lengths, tickets, commits) and lose their words. Commits and tags
// that were signed are written anew, with the stand-ins in them, and signed with keys
// that everybody can make. What is left says the same to every gate; whoever calls has
// to see to that by deciding again.
//
// The package must not know files, commands and GitHub, nor what any gate means. A
// kind of text that nobody thought of loses its words. The same facts give the same
// bytes, and what was redacted once stays as it is.
package redact
