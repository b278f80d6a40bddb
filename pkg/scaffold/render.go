package scaffold

import "strings"

// fill makes a file of a template. Between {?name} and {/name} stands what is only
// there under a condition, between {?!name} and {/!name} what is there without it;
// such a mark that is alone in its line takes the line with it. {{name}} is a value.
// Values are put in last and at once, so that no value is read as a mark.
func fill(template string, conditions map[string]bool, values ...string) string {
	for name, holds := range conditions { // any order gives the same: each looks at its own marks
		template = keep(template, name, holds)
		template = keep(template, "!"+name, !holds)
	}
	return strings.NewReplacer(values...).Replace(template)
}

// keep takes the marks of a condition out, and what is between them if it does not
// hold.
func keep(text, name string, holds bool) string {
	var kept strings.Builder
	opening, closing := "{?"+name+"}", "{/"+name+"}"
	for {
		before, rest, found := strings.Cut(text, opening)
		if !found {
			kept.WriteString(text)
			return kept.String()
		}
		inner, after, _ := strings.Cut(rest, closing)
		if strings.HasPrefix(inner, "\n") {
			inner, after = inner[1:], strings.TrimPrefix(after, "\n")
		}
		kept.WriteString(before)
		if holds {
			kept.WriteString(inner)
		}
		text = after
	}
}
