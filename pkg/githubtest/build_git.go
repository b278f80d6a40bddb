package githubtest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// builtFiles remembers the files of each commit while its children are built.
type builtFiles map[string]map[string]File // commit id -> path -> file

func (r *repository) buildCommits() error {
	files := builtFiles{}
	for i, listed := range r.world.Commits {
		if err := r.buildCommit(i, listed, files); err != nil {
			return fmt.Errorf("commits: %s: %w", cmp.Or(listed.Name, fmt.Sprintf("number %d", i+1)), err)
		}
	}
	for _, branch := range slices.Sorted(maps.Keys(r.world.Branches)) {
		c, err := r.commit(r.world.Branches[branch])
		if err != nil {
			return fmt.Errorf("branches: %s: %w", branch, err)
		}
		r.refs["refs/heads/"+branch] = c.id
	}
	return nil
}

func (r *repository) buildCommit(position int, listed Commit, files builtFiles) error {
	if listed.Name == "" || r.names[listed.Name] != "" || strings.Contains(listed.Name, ":") {
		return fmt.Errorf("want a name of its own, without a colon")
	}
	if listed.Fork && listed.Branch != "" {
		return fmt.Errorf("a commit of a fork is on no branch")
	}
	when := r.ago(listed.MinutesAgo, 24*60-position)
	author, err := r.identity(listed.By, when)
	if err != nil {
		return fmt.Errorf("by: %w", err)
	}
	committer, err := r.identity(r.committerOf(listed), when)
	if err != nil {
		return fmt.Errorf("committer: %w", err)
	}
	parents, err := r.parentsOf(listed)
	if err != nil {
		return err
	}
	tree, kept, err := r.filesOf(listed, parents, files)
	if err != nil {
		return err
	}
	c := &commit{
		tree: tree, parents: parents, author: author, committer: committer, generated: position,
		message: strings.TrimSuffix(cmp.Or(listed.Message, listed.Name), "\n") + "\n",
		branch:  cmp.Or(listed.Branch, r.world.DefaultBranch),
	}
	if err := r.storeCommit(c, listed); err != nil {
		return err
	}
	files[c.id] = kept
	r.names[listed.Name], r.commits[c.id] = c.id, c
	if !listed.Fork {
		r.refs["refs/heads/"+c.branch] = c.id
	}
	return nil
}

// committerOf is GitHub for what the website made, else the signer, as with
// a commit that a maintainer applies for somebody.
func (r *repository) committerOf(listed Commit) string {
	switch {
	case listed.Committer != "":
		return listed.Committer
	case listed.Signed == "github":
		return "GitHub <" + webFlowEmail + ">"
	default:
		return cmp.Or(listed.Signed, listed.By)
	}
}

func (r *repository) parentsOf(listed Commit) ([]string, error) {
	if listed.Parents != nil {
		parents := []string{}
		for _, name := range listed.Parents {
			c, err := r.commit(name)
			if err != nil {
				return nil, fmt.Errorf("parents: %w", err)
			}
			parents = append(parents, c.id)
		}
		return parents, nil
	}
	for _, branch := range []string{listed.Branch, r.world.DefaultBranch} {
		if tip, ok := r.refs["refs/heads/"+branch]; ok {
			return []string{tip}, nil
		}
	}
	return nil, nil
}

func (r *repository) filesOf(listed Commit, parents []string, files builtFiles) (string, map[string]File, error) {
	kept := map[string]File{}
	if len(parents) > 0 {
		maps.Copy(kept, files[parents[0]])
	}
	for path, file := range listed.Files {
		if file == nil {
			delete(kept, path)
			continue
		}
		if !slices.Contains([]string{"100644", "100755", "120000"}, fileMode(*file)) {
			return "", nil, fmt.Errorf("files: %s: mode %q; expected 100644, 100755 or 120000", path, file.Mode)
		}
		text, err := r.withKeys(file.Text)
		if err != nil {
			return "", nil, fmt.Errorf("files: %s: %w", path, err)
		}
		kept[path] = File{Text: text, Mode: file.Mode}
	}
	tree, err := r.objects.addFiles(kept)
	if err != nil {
		return "", nil, fmt.Errorf("files: %w", err)
	}
	return tree, kept, nil
}

func (r *repository) storeCommit(c *commit, listed Commit) error {
	how := listed.signing()
	if err := errors.Join(how.check(), checkHeader(listed.ExtraHeader)); err != nil {
		return err
	}
	body := c.unsignedBody()
	if listed.Signed != "" {
		signed, err := r.sign(how, withHeader(body, covered(listed.ExtraHeader)), c.committer)
		if err != nil {
			return err
		}
		c.signature, body = signed, signedCommit(withHeader(body, listed.ExtraHeader), signed.text)
	} else {
		body = withHeader(body, listed.ExtraHeader)
	}
	c.id = r.objects.add("commit", []byte(body))
	return nil
}

func (r *repository) buildTags() error {
	for i, listed := range r.world.Tags {
		if err := r.buildTag(listed); err != nil {
			return fmt.Errorf("tags: %s: %w", cmp.Or(listed.Name, fmt.Sprintf("number %d", i+1)), err)
		}
	}
	return nil
}

func (r *repository) buildTag(listed Tag) error {
	full := "refs/tags/" + listed.Name
	if listed.Name == "" || r.refs[full] != "" {
		return fmt.Errorf("want a name of its own")
	}
	target, kind, err := r.targetOf(listed)
	if err != nil {
		return err
	}
	if !listed.Annotated {
		if listed.InnerName != "" || listed.Message != "" || listed.ExtraHeader != "" || listed.signing() != (signing{}) {
			return fmt.Errorf("a tag that is not annotated has no signature, message or inner name; set annotated: true")
		}
		r.refs[full] = target
		return nil
	}
	tagger, err := r.identity(r.taggerOf(listed), r.ago(listed.MinutesAgo, 60))
	if err != nil {
		return fmt.Errorf("by: %w", err)
	}
	t := &tag{
		name: cmp.Or(listed.InnerName, listed.Name), target: target, targetKind: kind, tagger: tagger,
		message: strings.TrimSuffix(cmp.Or(listed.Message, listed.Name), "\n") + "\n",
	}
	if err := r.storeTag(t, listed); err != nil {
		return err
	}
	r.tags[t.id], r.names["tag:"+listed.Name], r.refs[full] = t, t.id, t.id
	return nil
}

func (r *repository) storeTag(t *tag, listed Tag) error {
	how := listed.signing()
	if err := errors.Join(how.check(), checkHeader(listed.ExtraHeader)); err != nil {
		return err
	}
	body := withHeader(t.unsignedBody(), listed.ExtraHeader)
	if listed.Signed != "" {
		signed, err := r.sign(how, withHeader(t.unsignedBody(), covered(listed.ExtraHeader)), t.tagger)
		if err != nil {
			return err
		}
		t.signature = signed
		body += signed.text
	}
	t.id = r.objects.add("tag", []byte(body))
	return nil
}

func (r *repository) taggerOf(listed Tag) string {
	if listed.By == "" && listed.Signed == "github" {
		return "GitHub <" + webFlowEmail + ">"
	}
	return cmp.Or(listed.By, listed.Signed)
}

func (r *repository) targetOf(listed Tag) (id, kind string, err error) {
	if listed.TargetTag != "" {
		id, ok := r.names["tag:"+listed.TargetTag]
		if !ok {
			return "", "", fmt.Errorf("target-tag: no annotated tag %q is listed before", listed.TargetTag)
		}
		return id, "tag", nil
	}
	c, err := r.commit(listed.Commit)
	if err != nil {
		return "", "", fmt.Errorf("commit: %w", err)
	}
	if listed.TargetTree {
		return c.tree, "tree", nil
	}
	return c.id, "commit", nil
}
