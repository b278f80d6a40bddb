package redact

import (
	"strings"
)

// class is what a text in the facts is, and so what becomes of it.
type class int

const (
	unknown class = iota // nobody thought of it
	kept                 // a word of GitHub's or of this program
	named                // a name, or an id, that gates compare
	spoken               // a text of somebody's
	titled               // the title of an approval
	account              // a login
	gone                 // what no gate reads
	done                 // what was written anew before
)

// classes are those of texts by where they stand: by the key alone, or by the key and
// that of what it is in. A test sees to it that every text of the facts is here.
var classes = map[string]class{
	"actor": account, "triggering_actor": account, "login": account, "by": account, "creator": account,

	"app": kept, "apps": kept, "class": kept, "conclusion": kept, "enforcement": kept, "event": kept, "kind": kept,
	"merge_methods": kept, "mode": kept, "owner_kind": kept, "permission": kept, "refs": kept, "repository": kept,
	"repository.name": kept, "severity": kept, "state": kept, "status": kept, "target_type": kept, "type": kept,
	"visibility": kept, "why": kept, "missing.reason": kept, "source.from": kept,
	"at": kept, "seen_at": kept, "committed_at": kept, "head_moved_at": kept, "added_at": kept, "created_at": kept,
	"updated_at": kept, "started_at": kept, "completed_at": kept, "fixed_at": kept, "since": kept, "began": kept, "until": kept,

	"after": named, "base": named, "before": named, "blob": named, "branch": named, "category": named, "checks": named,
	"commit": named, "context": named, "default_branch": named, "default_commit": named, "environment": named,
	"environments": named, "exclude": named, "files": named, "head": named, "include": named, "job": named, "label": named,
	"merge_commit": named, "name": named, "object": named, "owners": named, "parents": named, "path": named,
	"pattern": named, "project": named, "ref": named, "role": named, "run_ref": named, "run_sha": named, "secrets": named,
	"sha": named, "slug": named, "source": named, "stage": named, "tag": named, "tag_object": named, "target": named,
	"tool": named, "workflow": named, "workflow_ref": named, "workflows": named, "milestones.title": named,

	"approval_runs.title": titled,
	"body":                spoken, "break_glass": spoken, "comment": spoken, "headline": spoken, "off": spoken, "problem": spoken,
	"reason": spoken, "release.name": spoken, "rule": spoken, "rulesets.name": spoken, "subject": spoken, "task": spoken,
	"text": spoken, "title": spoken, "unreadable": spoken, "payload": spoken,

	"detail": gone, "fix": gone, "log_url": gone, "run_url": gone, "similar": gone, "url": gone, "policy.text": gone,

	"signature.payload": done, "signature.text": done, "keys.text": done, "files.text": done, "email": done,
	"deployments.payload": done,
}

// classOf returns the class of a text by the keys on the way to it.
func classOf(path string) class {
	last := path[strings.LastIndexByte(path, '.')+1:]
	if before, _, nested := strings.Cut(path, "."); nested {
		if last != path[len(before)+1:] {
			before = path[:len(path)-len(last)-1]
			before = before[strings.LastIndexByte(before, '.')+1:]
		}
		if found, known := classes[before+"."+last]; known {
			return found
		}
	}
	return classes[last]
}

// placed returns what a text becomes.
func (r *redactor) placed(path, text string) string {
	if path == "repository.url" && text != "" {
		return "https://github.com/" + r.repository
	}
	after := text
	switch classOf(path) {
	case kept, done:
	case named:
		after = r.nameOf(text)
	case titled:
		after = r.title(text)
	case account:
		after = r.people.of(text)
	case gone:
		after = ""
	case spoken, unknown:
		after = r.text(text)
	}
	return after
}
