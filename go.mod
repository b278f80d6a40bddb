module github.com/stageward/stageward

go 1.26.0

// The program.
require (
	// what is a version, and what a pre-release
	github.com/Masterminds/semver/v3 v3.5.0
	// OpenPGP signatures and keys. From 1.5 on it has algorithms against quantum computers, 0.4 MB that no git client
	// signs with (docs/adr/0018)
	github.com/ProtonMail/go-crypto v1.4.1
	// "did you mean"
	github.com/agnivade/levenshtein v1.2.2
	// patterns for branches and tags
	github.com/bmatcuk/doublestar/v4 v4.10.4
	// GitHub's REST interface; its types stay inside pkg/github (asked for by the customer)
	github.com/google/go-github/v60 v60.0.0
	// the JSON Schema of the policy file
	github.com/google/jsonschema-go v0.4.3
	// SHA-1 that notices when bytes were made to collide
	github.com/pjbgf/sha1cd v0.7.0
	// the runner: inputs, context, masks, groups, annotations (asked for by the customer)
	github.com/sethvargo/go-githubactions v1.4.0
	// commands, flags and their help
	github.com/spf13/cobra v1.10.2
	// what is a heading in release notes and plans, and what is text
	github.com/yuin/goldmark v1.7.13
	// the policy file, as nodes with their positions
	go.yaml.in/yaml/v4 v4.0.0
	// SSH signatures and keys
	golang.org/x/crypto v0.58.0
	// the token on every request (asked for by the customer)
	golang.org/x/oauth2 v0.37.0
	// whether somebody is watching at a terminal
	golang.org/x/term v0.47.0
)

// The release. None of it is in the program.
require (
	// the list of what a release consists of
	github.com/CycloneDX/cyclonedx-go v0.9.3
	// digests, as the next one has them
	github.com/opencontainers/go-digest v1.0.0
	// the files of an image
	github.com/opencontainers/image-spec v1.1.1
	// the authorities that the image trusts
	golang.org/x/crypto/x509roots/fallback v0.0.0-20261030153154-30a33513ff6d
)

// Tests, the in-process GitHub and the demo. None of it is in the program.
require (
	// its answers, and our requests, against GitHub's published OpenAPI description
	github.com/getkin/kin-openapi v0.152.0
	// what differs, in full
	github.com/google/go-cmp v0.7.0
	// user stories
	github.com/rogpeppe/go-internal v1.16.0
	// the schemas, judged by a second implementation
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
	// the in-process GitHub: queries against the published schema
	github.com/vektah/gqlparser/v2 v2.5.64
	// properties
	pgregory.net/rapid v1.3.0
)

require (
	github.com/cloudflare/circl v1.6.3 // indirect
	github.com/go-openapi/jsonpointer v0.22.5 // indirect
	github.com/go-openapi/swag/jsonname v0.25.5 // indirect
	github.com/google/go-querystring v1.1.0 // indirect
	github.com/gorilla/mux v1.8.0 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/kr/pretty v0.3.1 // indirect
	github.com/oasdiff/yaml v0.1.1 // indirect
	github.com/oasdiff/yaml3 v0.0.14 // indirect
	github.com/spf13/pflag v1.0.9 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
)
