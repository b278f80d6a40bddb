package githubtest

// Fault is something that goes wrong, or changes, at a certain request. Hang
// and Drop give no answer; otherwise GraphQLError, Status, Redirect, Replace,
// Body and Headers change it, in this order. MoveRef goes with any of them.
type Fault struct {
	// Match is a prefix of "METHOD /path" without the query and without
	// /api/v3, such as "GET /repos/acme/shop/git/tags/". A GraphQL request is
	// "POST /graphql OperationName"; "<sha of NAME>" stands for the id of a commit.
	Match string `yaml:"match"`
	// AfterRequest, a pattern like Match, keeps the fault asleep until a
	// request that matches it has been answered. Without Match, MoveRef then
	// happens at once.
	AfterRequest string `yaml:"after-request"`
	// Nth is the first matching request it applies to, counted from 1 (which
	// is also the default); Times how many it applies to, 0 for all.
	Nth   int `yaml:"nth"`
	Times int `yaml:"times"`

	// Status answers with this status and a GitHub-like message.
	Status int `yaml:"status"`
	// Headers are set in the answer; an empty value removes one, also the Date.
	// In a value "<host>" stands for the server's own host and port.
	Headers map[string]string `yaml:"headers"`
	// Body spoils the answer: truncated, html, empty, braces, null, list (an empty
	// one), short (the connection ends before Content-Length is reached), cut (it
	// ends within a chunked body), huge (300 MiB of spaces come first) or packed
	// (the same in a small archive).
	Body string `yaml:"body"`
	// Replace changes a text of the answer everywhere, to say what GitHub's
	// descriptions do not allow. An answer without the text is a violation.
	Replace *Replacement `yaml:"replace"`
	// Redirect answers 302, or Status, with this Location; "<sha of NAME>" stands
	// for the id of a commit.
	Redirect string `yaml:"redirect"`
	// Hang answers nothing until the client goes away, or the server is closed.
	Hang bool `yaml:"hang"`
	// Drop closes the connection without an answer.
	Drop bool `yaml:"drop"`
	// After is for Hang, Drop, Status and Redirect: the server does what it was
	// asked, and loses the answer. Without it they come first, and a request that
	// writes changes nothing.
	After bool `yaml:"after"`
	// GraphQLError puts an error into an answer that is otherwise right.
	GraphQLError *GraphQLError `yaml:"graphql-error"`
	// MoveRef moves or deletes a reference before the request is answered.
	MoveRef *MoveRef `yaml:"move-ref"`
}

// GraphQLError is an error at one place of a GraphQL answer.
type GraphQLError struct {
	// Path is the response keys and list positions joined by dots, such as
	// "checks.object.checkSuites.nodes.0". The value there becomes null, and
	// so does what may not hold null above it. An empty path is an answer
	// without data.
	Path    string `yaml:"path"`
	Type    string `yaml:"type"`    // FORBIDDEN when empty
	Message string `yaml:"message"` // GitHub's for FORBIDDEN when empty
}

// Replacement is a change of a text. "<sha of NAME>" in either stands for the id
// of a commit.
type Replacement struct {
	Old string `yaml:"old"`
	New string `yaml:"new"`
}

// MoveRef is a change of a reference.
type MoveRef struct {
	Ref string `yaml:"ref"` // full name
	// Commit is the name of a commit, or "tag:<name>" for the object of an
	// annotated tag. Empty deletes the reference.
	Commit string `yaml:"commit"`
}
