package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/actions"
	"github.com/stageward/stageward/pkg/calendar"
	"github.com/stageward/stageward/pkg/gate"
	"github.com/stageward/stageward/pkg/policy"
)

// windowsFlags are the flags of "stageward windows".
type windowsFlags struct{ file, preset, project, stage, from, to, format string }

func (a *app) windowsCommand() *cobra.Command {
	var flags windowsFlags
	command := &cobra.Command{
		Use:   "windows",
		Short: "Print when the calendars of a policy are open",
		Long: `Print when a stage is open, closed or frozen, from one day to another: for each
stage that has the gate within-window, by the clock of its calendar's time zone
and by UTC. Nothing is asked of GitHub, and exceptions from freezes are not
looked for.`,
		Example: "  stageward windows --stage prod --from 2026-12-01 --to 2027-01-05\n  stageward windows --format json",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.windows(flags) },
	}
	set := command.Flags()
	set.StringVar(&flags.file, "file", actions.DefaultPolicy, "policy file; the preset three-stage when there is none at the default path")
	set.StringVar(&flags.preset, "preset", "", "take this preset instead of a file")
	projectFlag(command, &flags.project, " (default: all of them)")
	set.StringVar(&flags.stage, "stage", "", "only this stage")
	set.StringVar(&flags.from, "from", "", "first day, such as 2026-12-01 (default: today)")
	set.StringVar(&flags.to, "to", "", "last day (default: four weeks from the first)")
	set.StringVar(&flags.format, "format", "text", "text or json")
	return command
}

func (a *app) windows(flags windowsFlags) error {
	show, ok := map[string]func(*app, []schedule) error{"text": (*app).printSchedules, "json": (*app).encodeSchedules}[flags.format]
	if !ok {
		return fmt.Errorf("--format %q: expected one of text, json", flags.format)
	}
	first, last, err := daysOf(flags.from, flags.to, a.system.Now())
	if err != nil {
		return err
	}
	rules, origin, err := localPolicy(flags.file, flags.preset)
	if err != nil {
		return a.showProblems(err)
	}
	all, err := ofProjects(rules, flags.project)
	if err != nil {
		return err
	}
	if _, err := stagesOf(all, flags.stage); err != nil {
		return err
	}
	var schedules []schedule
	for _, each := range all {
		schedules = append(schedules, schedulesOf(each, flags.stage, first, last)...)
	}
	if len(schedules) == 0 {
		return fmt.Errorf("no stage of %s has the gate within-window; add it, and a calendar: https://github.com/stageward/stageward/blob/main/docs/windows.md", origin)
	}
	return show(a, schedules)
}

// mostDays is how long a time can be printed, in days.
const mostDays = 800

// daysOf reads the two days. now is where the first is not given.
func daysOf(from, to string, now time.Time) (first, last time.Time, err error) {
	first = now.UTC().Truncate(24 * time.Hour)
	if from != "" {
		if first, err = time.Parse(time.DateOnly, from); err != nil {
			return first, last, fmt.Errorf("--from %q: expected a day such as 2026-12-01", from)
		}
	}
	last = first.AddDate(0, 0, 28)
	if to != "" {
		if last, err = time.Parse(time.DateOnly, to); err != nil {
			return first, last, fmt.Errorf("--to %q: expected a day such as 2027-01-05", to)
		}
	}
	switch {
	case last.Before(first):
		return first, last, fmt.Errorf("--to %s is before --from %s", last.Format(time.DateOnly), first.Format(time.DateOnly))
	case last.After(first.AddDate(0, 0, mostDays)):
		return first, last, fmt.Errorf("--from %s --to %s: at most %d days are printed", first.Format(time.DateOnly), last.Format(time.DateOnly), mostDays)
	}
	return first, last, nil
}

// schedule is what the calendar of one stage says from one day to another.
type schedule struct {
	stage, calendar string
	zone            *time.Location
	first, last     time.Time // days
	stretches       []calendar.Stretch
}

// schedulesOf returns the schedules of the stages, or of the one that is picked, that
// have a calendar. The
// days are those of the calendar's zone, the last one included.
func schedulesOf(rules policy.Policy, pick string, first, last time.Time) []schedule {
	var all []schedule
	for _, stage := range rules.Stages {
		if pick != "" && stage.Name != pick {
			continue
		}
		for _, asked := range stage.Gates {
			name, ok := gate.CalendarOf(asked.Check)
			if !ok {
				continue
			}
			found, err := rules.Terms.Calendars.Lookup(name)
			if err != nil {
				continue // a policy with such a gate has not been read
			}
			made := schedule{stage: rules.Called(stage), calendar: string(name), zone: found.Zone(), first: first, last: last}
			made.stretches = found.Stretches(midnight(first, made.zone), midnight(last.AddDate(0, 0, 1), made.zone))
			all = append(all, made)
		}
	}
	return all
}

// midnight returns when a day begins in a zone.
func midnight(day time.Time, zone *time.Location) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
}
