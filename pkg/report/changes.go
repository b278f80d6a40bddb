package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

const changesTitle = "What would be deployed"

const (
	manyPulls    = 20 // from so many on, the table of pull requests is folded
	maxPullLines = 10 // of pull requests in the text
)

// changesSection shows what would be deployed: in how many commits and by which
// pull requests, and every commit below a fold. Nothing where nobody asked.
func changesSection(v verdict.Verdict) string {
	switch {
	case v.Changes == nil:
		return ""
	case v.Changes.Unknown != "":
		return "**" + changesTitle + "** is not known: " + inline(clip(v.Changes.Unknown, maxReason)) + "\n"
	}
	return sections("### "+changesTitle+"\n", "Since "+since(v, link)+": "+brought(*v.Changes)+"\n", pullTable(v), commitTable(v))
}

// since says where the changes begin; show makes a text that leads to a page.
func since(v verdict.Verdict, show func(text, page string) string) string {
	base, run := v.Changes.Since, v.Changes.Run
	if base == "" {
		return "a commit that is not known"
	}
	text := show(base.Short(), commitURL(v, base))
	if run == nil {
		return text + ", the baseline of the policy"
	}
	return text + ", deployed by " + show(runName(*run), run.URL) + started(*run)
}

// brought says in numbers what the changes are.
func brought(changes verdict.Changes) string {
	if len(changes.Commits) == 0 {
		return "nothing that was not deployed before."
	}
	text := many(len(changes.Commits), "commit", "commits") + " by " + many(len(changes.Pulls), "pull request", "pull requests")
	if strays := withoutPull(changes.Commits); strays > 0 {
		return fmt.Sprintf("%s; %s without one.", text, many(strays, "commit came", "commits came"))
	}
	return text + "."
}

func withoutPull(commits []verdict.Change) int {
	count := 0
	for _, each := range commits {
		if each.Pull == 0 {
			count++
		}
	}
	return count
}

func pullTable(v verdict.Verdict) string {
	pulls := v.Changes.Pulls
	if len(pulls) == 0 {
		return ""
	}
	list, left := rows(pulls, maxRows, func(pull verdict.ChangePull) string {
		return "| " + link(number(pull.Number), pull.URL) + " | " + inline(clip(pull.Title, maxName)) + " | " + login(pull.Author) + " | " + login(pull.MergedBy) + " |\n"
	})
	table := "| Pull request | Title | Author | Merged by |\n| --- | --- | --- | --- |\n" + list + afterTable(left)
	if len(pulls) < manyPulls {
		return table
	}
	return folded(many(len(pulls), "pull request", "pull requests"), table)
}

func commitTable(v verdict.Verdict) string {
	commits := v.Changes.Commits
	if len(commits) == 0 {
		return ""
	}
	pages := map[int]string{}
	for _, pull := range v.Changes.Pulls {
		pages[pull.Number] = pull.URL
	}
	list, left := rows(commits, maxRows, func(change verdict.Change) string {
		return "| " + link(change.SHA.Short(), change.URL) + " | " + inline(clip(change.Headline, maxName)) + " | " + login(change.Author) + " | " +
			signature(change) + " | " + broughtBy(change.Pull, pages) + " |\n"
	})
	return folded(many(len(commits), "commit", "commits"),
		"| Commit | Headline | Author | Signed by | Pull request |\n| --- | --- | --- | --- | --- |\n"+list+afterTable(left))
}

func folded(title, body string) string {
	return "<details>\n<summary>" + title + "</summary>\n\n" + body + "\n</details>\n"
}

func broughtBy(pull int, pages map[int]string) string {
	if pull == 0 {
		return "none"
	}
	return link(number(pull), pages[pull])
}

func number(pull int) string { return "#" + strconv.Itoa(pull) }

// login shows an account, or that none is known.
func login(name string) string {
	if name == "" {
		return "not known"
	}
	return inline("@" + clip(name, maxName))
}

// signature says whose key signed the commit, as far as GitHub vouches for it.
func signature(change verdict.Change) string {
	switch {
	case change.Signed == fact.GitHubSignature:
		return "GitHub's key"
	case change.Signed == fact.PersonSignature && change.Signer != "":
		return login(change.Signer)
	case change.Signed == fact.PersonSignature:
		return "a person's key"
	}
	return "not verified"
}

// changes is the short form of changesSection: the commits are left to the
// summary.
func (p *page) changes(v verdict.Verdict) {
	if v.Changes == nil {
		return
	}
	p.title(changesTitle)
	if v.Changes.Unknown != "" {
		p.add(entry{indent: 2, mark: "not known:", colour: yellow, key: " ", text: clip(v.Changes.Unknown, maxReason)})
		return
	}
	p.add(entry{indent: 2, text: "since " + since(v, alone) + ": " + brought(*v.Changes)})
	for i, pull := range v.Changes.Pulls {
		if i == maxPullLines {
			p.more(2, len(v.Changes.Pulls)-i)
			return
		}
		p.add(entry{indent: 2, mark: fmt.Sprintf("%-6s", number(pull.Number)), key: " ", text: pullText(pull)})
	}
}

// alone shows a text without the page that it leads to.
func alone(text, _ string) string { return text }

func pullText(pull verdict.ChangePull) string {
	said := []string{clip(pull.Title, maxName)}
	if pull.Author != "" {
		said = append(said, "by @"+clip(pull.Author, maxName))
	}
	if pull.MergedBy != "" {
		said = append(said, "merged by @"+clip(pull.MergedBy, maxName))
	}
	return strings.Join(said, ", ")
}
