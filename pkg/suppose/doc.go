// Package suppose makes facts up: what would be known if somebody had signed,
// approved or deployed, or had not. Tests of policies and "what if" stand on it.
//
// What is made up is never evidence. It is judged like recorded facts, which
// allow no workflow anything; and it says of itself that it is supposed
// (Source). Signatures are real ones, by keys that everybody can make: a policy
// is tested with the same checks that decide.
//
// The package must not know gates, policies and stages, nor where facts come from
// otherwise. The same calls give the same bytes.
package suppose
