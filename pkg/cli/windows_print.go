package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/calendar"
)

func (a *app) printSchedules(schedules []schedule) error {
	for i, each := range schedules {
		if i > 0 {
			fmt.Fprintln(a.system.Stdout)
		}
		if err := a.printSchedule(each); err != nil {
			return fmt.Errorf("print the calendar: %w", err)
		}
	}
	return nil
}

// printSchedule prints a line for each time at which something else begins to
// hold.
func (a *app) printSchedule(made schedule) error {
	out := a.system.Stdout
	fmt.Fprintf(out, "stage %s, calendar %s, %s to %s\n\n", made.stage, made.calendar, made.first.Format(time.DateOnly), made.last.Format(time.DateOnly))
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	inUTC := made.zone.String() == time.UTC.String()
	if inUTC {
		fmt.Fprint(table, "UTC\t\t\n")
	} else {
		fmt.Fprintf(table, "%s\tUTC\t\t\n", made.zone)
	}
	for _, each := range made.stretches {
		word, why := saying(each.State)
		fmt.Fprintf(table, "%s\t", each.From.In(made.zone).Format("Mon 2006-01-02 15:04"))
		if !inUTC {
			fmt.Fprintf(table, "%s\t", each.From.UTC().Format("2006-01-02 15:04"))
		}
		fmt.Fprintf(table, "%s\t%s\n", word, actions.Inert(why))
	}
	err := table.Flush()
	for line := range strings.Lines(text.String()) {
		fmt.Fprintln(out, strings.TrimRight(line, " \n"))
	}
	return err
}

// saying returns what holds, in a word, and what a reader should know of it.
func saying(state calendar.State) (word, why string) {
	var texts []string
	switch {
	case state.Open:
		return "open", ""
	case len(state.Freezes) > 0:
		word = "frozen"
		for _, each := range state.Freezes {
			text := each.Name
			if each.Reason != "" {
				text += ": " + each.Reason
			}
			texts = append(texts, text)
		}
	default:
		word = "closed"
		for _, each := range state.Closed {
			if each.Name != "" {
				texts = append(texts, each.Name)
			}
		}
		if state.Between {
			texts = append(texts, "the clocks change")
		}
	}
	return word, strings.Join(texts, "; ")
}

// scheduleJSON is the public form of a schedule. It changes only by keys that
// are added.
type scheduleJSON struct {
	Stage     string        `json:"stage"`
	Calendar  string        `json:"calendar"`
	Zone      string        `json:"zone"`
	From      string        `json:"from"` // the first day
	To        string        `json:"to"`   // the last day
	Stretches []stretchJSON `json:"stretches"`
}

type stretchJSON struct {
	State string `json:"state"` // open, closed or frozen
	// From and To are in UTC, Local and LocalTo by the clock of the zone; To is
	// excluded.
	From    string   `json:"from"`
	To      string   `json:"to"`
	Local   string   `json:"local_from"`
	LocalTo string   `json:"local_to"`
	Freezes []string `json:"freezes,omitempty"`
	Closed  []string `json:"closed,omitempty"`
}

func (a *app) encodeSchedules(schedules []schedule) error {
	shown := make([]scheduleJSON, len(schedules))
	for i, each := range schedules {
		shown[i] = scheduleJSON{
			Stage: each.stage, Calendar: each.calendar, Zone: each.zone.String(),
			From: each.first.Format(time.DateOnly), To: each.last.Format(time.DateOnly), Stretches: []stretchJSON{},
		}
		for _, stretch := range each.stretches {
			shown[i].Stretches = append(shown[i].Stretches, encodeStretch(stretch, each.zone))
		}
	}
	encoder := json.NewEncoder(a.system.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(shown); err != nil {
		return fmt.Errorf("print the calendar: %w", err)
	}
	return nil
}

func encodeStretch(stretch calendar.Stretch, zone *time.Location) stretchJSON {
	word, _ := saying(stretch.State)
	shown := stretchJSON{
		State: word,
		From:  stretch.From.UTC().Format(time.RFC3339), To: stretch.To.UTC().Format(time.RFC3339),
		Local: stretch.From.In(zone).Format(time.RFC3339), LocalTo: stretch.To.In(zone).Format(time.RFC3339),
	}
	for _, each := range stretch.Freezes {
		shown.Freezes = append(shown.Freezes, each.Name)
	}
	if word == "closed" {
		for _, each := range stretch.Closed {
			shown.Closed = append(shown.Closed, each.Name)
		}
	}
	return shown
}
