package fact

import "time"

// Commit is the commit that would be deployed.
type Commit struct {
	SHA         SHA       `json:"sha"`
	Parents     []SHA     `json:"parents"`
	Headline    string    `json:"headline"`
	CommittedAt time.Time `json:"committed_at"`
	Author      Identity  `json:"author"`
	Committer   Identity  `json:"committer"`
	Signature   Signature `json:"signature"`
	URL         string    `json:"url,omitempty"`
}

// Identity is an author, committer or tagger line. Its name and e-mail are
// what the writer typed; Account is whom GitHub links the e-mail to, or nil.
// Neither proves who wrote the object.
type Identity struct {
	Name    string  `json:"name"`
	Email   string  `json:"email"`
	Account *Person `json:"account,omitempty"`
}

// SignatureClass says what kind of key signed. The zero value is unknown.
type SignatureClass string

// The classes. GitHub's own key is kept apart from people's: it signs every
// merge made on the website, whoever pressed the button.
const (
	UnknownSignature SignatureClass = ""
	Unsigned         SignatureClass = "unsigned"
	PersonSignature  SignatureClass = "person"
	GitHubSignature  SignatureClass = "github"
)

// SignatureValid is the state GitHub gives to a signature it accepts.
const SignatureValid = "valid"

// Signature is GitHub's verdict on the signature of a commit or tag.
type Signature struct {
	Class SignatureClass `json:"class"`
	// Verified is GitHub's yes or no; State its reason in lower case, such as
	// "valid", "unsigned" or "unknown_key".
	Verified bool   `json:"verified"`
	State    string `json:"state"`
	// Signer is the account that owns the key, or nil when GitHub names none.
	Signer *Person `json:"signer,omitempty"`
	// Text is the signature as it stands in the object and Payload the bytes
	// that it signs, as GitHub gives them; "" where it gives none. They are
	// claims until the object has been rebuilt from them and has its id.
	Text    string `json:"text,omitempty"`
	Payload string `json:"payload,omitempty"`
	// SeenAt is when GitHub first found the signature valid, by its own clock;
	// zero when it did not, or does not say.
	SeenAt time.Time `json:"seen_at,omitzero"`
}

// Good reports whether GitHub vouches for the signature. It says nothing
// about who signed.
func (s Signature) Good() bool { return s.Verified && s.State == SignatureValid }

// Tag is the tag that the reference names.
type Tag struct {
	// Annotated is false for a lightweight tag, which has no object of its
	// own and cannot be signed; all fields below are then empty.
	Annotated bool `json:"annotated"`
	// Object is the id of the tag object, Name the name written inside it.
	Object SHA    `json:"object,omitempty"`
	Name   string `json:"name,omitempty"`
	// Target is what the tag object points at; TargetType is commit, tag,
	// tree or blob.
	Target     SHA       `json:"target,omitempty"`
	TargetType string    `json:"target_type,omitempty"`
	Tagger     Identity  `json:"tagger"`
	Signature  Signature `json:"signature"`
	URL        string    `json:"url,omitempty"`
}
