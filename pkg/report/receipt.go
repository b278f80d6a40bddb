package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/verdict"
)

// receiptVersion is the version of the JSON form of a Receipt. It changes with
// every field, since a receipt of another version is not read.
const receiptVersion = 1

// Receipt is what the gate hands to whoever records the deployment: what was
// allowed, in which run, and when. It is no proof. Every step of a job can write
// one, and nothing in it is signed.
type Receipt struct {
	Version        int       `json:"stageward"`
	Decision       string    `json:"decision"`
	Repository     string    `json:"repository"`        // owner/name
	Project        string    `json:"project,omitempty"` // where the policy has several
	Stage          string    `json:"stage"`
	Environment    string    `json:"environment"`
	EnvironmentURL string    `json:"environment_url"`
	SHA            fact.SHA  `json:"sha"`
	Ref            fact.Ref  `json:"ref"`
	RunID          int64     `json:"run_id"`
	RunAttempt     int64     `json:"run_attempt"`
	At             time.Time `json:"at"` // by the server's clock
	// Digest is that of the bytes of the output result: "sha256:" and 64
	// hexadecimal digits.
	Digest string `json:"digest"`
}

// receiptOf returns the receipt for a verdict whose output result has these
// bytes, as compact JSON; "" for a verdict that does not allow.
func receiptOf(v verdict.Verdict, result []byte) (string, error) {
	if !v.Allows() || v.Stage == nil {
		return "", nil
	}
	digest := sha256.Sum256(result)
	data, err := encode(Receipt{
		Version: receiptVersion, Decision: v.Decision.String(), Repository: v.Subject.Repository,
		Project: v.Project, Stage: v.Stage.Name, Environment: v.Stage.Environment, EnvironmentURL: v.Stage.EnvironmentURL,
		SHA: v.Subject.SHA, Ref: v.Subject.Ref, RunID: v.Trigger.RunID, RunAttempt: v.Trigger.RunAttempt,
		At: v.At.UTC(), Digest: "sha256:" + hex.EncodeToString(digest[:]),
	})
	return string(data), err
}

var digestPattern = lazy.New(`^sha256:[0-9a-f]{64}$`)

// ParseReceipt reads what the output receipt held. It takes these very bytes and
// no others: what was written by hand, changed, cut or put together is refused,
// as is a receipt of another version of Stageward, one that does not say what was
// allowed where, and one that is not of a run. The error quotes nothing of it.
func ParseReceipt(text string) (Receipt, error) {
	var receipt Receipt
	if err := json.Unmarshal([]byte(text), &receipt); err != nil {
		return Receipt{}, errors.New("read receipt: it is not JSON of the shape that the gate writes")
	}
	if receipt.Version != receiptVersion {
		return Receipt{}, fmt.Errorf("read receipt: it is of version %d, want %d", receipt.Version, receiptVersion)
	}
	receipt.At = receipt.At.UTC() // the gate knows no other zone
	if again, err := encode(receipt); err != nil || string(again) != text {
		return Receipt{}, errors.New("read receipt: it is not what the gate wrote, byte for byte")
	}
	return receipt, receipt.check()
}

// check refuses what no gate writes in a run.
func (r Receipt) check() error {
	_, shaErr := fact.ParseSHA(string(r.SHA))
	_, refErr := fact.ParseRef(string(r.Ref))
	missing := ""
	switch {
	case r.Decision == "":
		missing = "decision"
	case r.Repository == "":
		missing = "repository"
	case r.Stage == "":
		missing = "stage"
	case r.Environment == "":
		missing = "environment"
	case shaErr != nil:
		missing = "sha"
	case refErr != nil:
		missing = "ref"
	case r.RunID <= 0:
		missing = "run_id"
	case r.RunAttempt <= 0:
		missing = "run_attempt"
	case r.At.IsZero():
		missing = "at"
	case !digestPattern.MatchString(r.Digest):
		missing = "digest"
	default:
		return nil
	}
	return fmt.Errorf("read receipt: it has no %s, or one that the gate does not write", missing)
}

// Allows reports whether the gate allowed what the receipt says.
func (r Receipt) Allows() bool { return r.Decision == verdict.Allowed.String() }
