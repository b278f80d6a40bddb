package plainsecret

import (
	"slices"
	"strings"
	"unicode"

	"github.com/stageward/stageward/pkg/lazy"
)

// shape is one form that only secrets have.
type shape struct {
	// what is the secret in words, with an article.
	what string
	// pattern has a group where a password is only a part of the value.
	pattern *lazy.Regexp
}

// reference is a password that is only named, such as ${DB_PASSWORD} or {password}.
var reference = lazy.New(`^(\$?\{[A-Za-z_][A-Za-z0-9_]*\}|\$[A-Za-z_][A-Za-z0-9_]*)$`)

// shapes are the forms of secrets, each with why nothing else looks like it. A
// password that is a reference is fine.
var shapes = []shape{
	// The header of PEM (RFC 7468), of OpenSSH and of an OpenPGP private key; a public key has another.
	{"a private key", lazy.New(`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----`)},
	// The same header in base64, as Kubernetes and pipelines hand files on, and the prefix of age.
	{"a private key", lazy.New(`LS0tLS1CRUdJTi(?:BQUklWQVRF|BSU0EgUFJJVkFUR|BFQyBQUklWQVRF|BPUEVOU1NIIFBSSVZBVE|BFTkNSWVBURUQgUFJJVkFUR)|AGE-SECRET-KEY-1[0-9A-Z]{50,}`)},
	// GitHub's prefixes of tokens of people, OAuth, apps and servers.
	{"a GitHub token", lazy.New(`\bgh[opsur]_[A-Za-z0-9]{30,}`)},
	// GitHub's prefix of fine-grained tokens.
	{"a GitHub token", lazy.New(`\bgithub_pat_[A-Za-z0-9_]{22,}`)},
	// GitLab's prefix of personal tokens.
	{"a GitLab token", lazy.New(`\bglpat-[A-Za-z0-9_-]{20,}`)},
	// AWS's prefixes of access keys; the id is half of a secret, and the other half is near.
	{"an AWS access key", lazy.New(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)},
	// Slack's prefixes of tokens.
	{"a Slack token", lazy.New(`\b(?:xox[a-z]|xapp)-[A-Za-z0-9-]{10,}`)},
	// Whoever knows the address of a webhook may post there.
	{"a Slack webhook", lazy.New(`\bhooks\.slack\.com/(?:services|workflows)/[A-Z][A-Z0-9]+/[A-Z0-9]+/[A-Za-z0-9]{16,}`)},
	// Google's prefix, and its length; and the prefix of client secrets.
	{"a Google API key", lazy.New(`\bAIza[A-Za-z0-9_-]{35}|\bGOCSPX-[A-Za-z0-9_-]{20,}`)},
	// Stripe's prefixes of secret and restricted keys, and of what signs webhooks; pk_ is public.
	{"a Stripe key", lazy.New(`\b(?:(?:sk|rk)_(?:live|test)|whsec)_[A-Za-z0-9]{16,}`)},
	// The prefixes of OpenAI and Anthropic, SendGrid, Docker, DigitalOcean, Hugging Face and Vault.
	{"a token of a service", lazy.New(`\b(?:sk-(?:proj|svcacct|ant)-[A-Za-z0-9_-]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|dckr_pat_[A-Za-z0-9_-]{20,}|dop_v1_[0-9a-f]{40,}|hf_[A-Za-z]{30,}|hv[sb]\.[A-Za-z0-9_-]{20,})`)},
	// The prefix of npm, and its length.
	{"an npm token", lazy.New(`\bnpm_[A-Za-z0-9]{36}\b`)},
	// PyPI's prefix; names of packages are shorter.
	{"a PyPI token", lazy.New(`\bpypi-[A-Za-z0-9_-]{50,}`)},
	// Two JSON objects in base64url and a signature (RFC 7519).
	{"a JSON Web Token", lazy.New(`\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+`)},
	// A name and a password before the host (RFC 3986, 3.2.1).
	{"an address with a password", lazy.New(`\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#:@]*:([^\s/?#@]+)@`)},
	// The key in Azure's connection strings.
	{"an Azure key", lazy.New(`(?i)\b(?:Account|SharedAccess)Key=([^;\s]{16,})`)},
	// The signature in an address that Azure shares.
	{"an Azure key", lazy.New(`[?&;]sig=([A-Za-z0-9%+/_-]{30,})`)},
	// The password in connection strings: of ODBC and .NET behind ";", of libpq behind a space, of
	// JDBC in the query; and before the network of MySQL in Go.
	{"a connection string with a password", lazy.New(`(?i)(?:^|[;?&\s])\s*(?:Password|Pwd)\s*=\s*([^;&\s]+)`)},
	{"a connection string with a password", lazy.New(`^[^\s:@/]+:([^\s@]+)@(?:tcp6?|unix)\(`)},
}

// names are the last words of names that only secrets have.
var names = [][]string{
	{"password"},
	{"passwd"},
	{"pwd"},
	{"pass"},
	{"passphrase"},
	{"secret"},
	{"token"},
	{"credential"},
	{"credentials"},
	{"api", "key"},
	{"apikey"},
	{"private", "key"},
	{"access", "key"},
	{"secret", "key"},
	{"secret", "key", "base"},
	{"connection", "string"},
}

// keyNames are the last words of names of keys, which can be names of keys as
// well: only a value that nobody reads is then a secret.
var keyNames = [][]string{
	{"encryption", "key"},
	{"signing", "key"},
	{"master", "key"},
	{"shared", "key"},
	{"session", "key"},
	{"account", "key"},
	{"storage", "key"},
	{"auth", "key"},
	{"hmac", "key"},
	{"jwt", "key"},
	{"app", "key"},
	{"salt"},
	{"auth"},
}

// Find says which secret a text is under its name, in words for readers: "a
// GitHub token", or what its name says. ok is false where it is none, as far as
// can be told. The value is in no answer.
func Find(name, value string) (what string, ok bool) {
	for _, each := range shapes {
		if each.in(value) {
			return each.what, true
		}
	}
	words := wordsOf(name)
	switch {
	case value == "", reference.MatchString(value):
		return "", false
	case endsWith(unnumbered(words), names), endsWith(words, keyNames) && random(value):
		return "a secret, as its name says", true
	}
	return "", false
}

// FindNumber is Find for a number: a password can be all digits, and what is called
// token or pass is then a count of them.
func FindNumber(name string) (what string, ok bool) {
	if !endsWith(unnumbered(wordsOf(name)), [][]string{{"password"}, {"passwd"}, {"pwd"}, {"passphrase"}}) {
		return "", false
	}
	return "a secret, as its name says", true
}

// in reports whether a value holds the secret, and not only the name of one.
func (s shape) in(value string) bool {
	for _, found := range s.pattern.FindAllStringSubmatch(value, -1) {
		if len(found) == 1 || !reference.MatchString(found[1]) {
			return true
		}
	}
	return false
}

func endsWith(words []string, endings [][]string) bool {
	return slices.ContainsFunc(endings, func(ending []string) bool {
		return len(words) >= len(ending) && slices.Equal(words[len(words)-len(ending):], ending)
	})
}

// unnumbered takes the number off the end, as of password2 and token_1, and what is
// written before password without a sign between, as of PGPASSWORD.
func unnumbered(words []string) []string {
	for len(words) > 0 {
		end := len(words) - 1
		switch last := strings.TrimRight(words[end], "0123456789"); {
		case last == "":
			words = words[:end]
		case strings.HasSuffix(last, "password"):
			return []string{"password"}
		default:
			return append(slices.Clone(words[:end]), last)
		}
	}
	return nil
}

// wordsOf cuts a name into its words, in lower case: at whatever is no letter
// and no digit, where lower case becomes upper case, and before the last letter
// of capitals that a word follows (APIKey).
func wordsOf(name string) []string {
	var words []string
	var word []rune
	chars := []rune(name)
	end := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
		}
		word = nil
	}
	for i, char := range chars {
		if !unicode.IsLetter(char) && !unicode.IsDigit(char) {
			end()
			continue
		}
		if begins(chars, i) {
			end()
		}
		word = append(word, char)
	}
	end()
	return words
}

// begins reports whether a capital begins a word.
func begins(chars []rune, i int) bool {
	if i == 0 || !unicode.IsUpper(chars[i]) {
		return false
	}
	before := chars[i-1]
	beforeLower := i+1 < len(chars) && unicode.IsLower(chars[i+1])
	return unicode.IsLower(before) || unicode.IsDigit(before) || beforeLower && unicode.IsUpper(before)
}

var (
	// written is what bytes look like that are written as hexadecimal digits or
	// in base64.
	written = lazy.New(`^(?:base64:)?[A-Za-z0-9+/_-]{32,}={0,2}$`)
	// public is what names a key or a commit: a UUID, or a SHA-1 in hexadecimal
	// digits.
	public = lazy.New(`^(?i:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{40})$`)
)

// random reports whether a text is long and of the characters of hexadecimal or
// base64, and of as many different ones as only chance brings together.
func random(value string) bool {
	const different = 10 // 32 hexadecimal digits have about 14 of 16 by chance
	seen := map[rune]bool{}
	for _, char := range value {
		seen[char] = true
	}
	return written.MatchString(value) && !public.MatchString(value) && strings.ContainsAny(value, "0123456789") && len(seen) >= different
}
