package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/report"
)

// maxColumns is how wide text is made by itself: longer lines are hard to read,
// however wide the terminal is.
const maxColumns = 120

// minColumns is the least width that can be asked for.
const minColumns = 40

// textFlags are the flags of commands that print text for people.
type textFlags struct {
	colour  string
	columns int
}

func (f *textFlags) add(command *cobra.Command) {
	set := command.Flags()
	set.StringVar(&f.colour, "color", "auto", "auto, always or never: whether text is coloured; auto is on a terminal, unless NO_COLOR is set")
	set.IntVar(&f.columns, "width", 0, "break lines of text after so many columns, 40 or more (default: the terminal's, at most 120; without a terminal none is broken)")
}

// style says how text is set: for the terminal where standard output goes to one,
// and plain and unbroken for everything else that reads it.
func (a *app) style(flags textFlags) (report.Style, error) {
	if flags.columns != 0 && flags.columns < minColumns {
		return report.Style{}, fmt.Errorf("--width %d: expected %d or more, or 0 for the width of the terminal", flags.columns, minColumns)
	}
	columns, isTerminal := 0, false
	if a.system.Terminal != nil {
		columns, isTerminal = a.system.Terminal()
	}
	style := report.Style{Width: flags.columns}
	if flags.columns == 0 && isTerminal {
		style.Width = a.columns(columns)
	}
	switch flags.colour {
	case "always":
		style.Colour = true
	case "never":
	case "auto":
		style.Colour = a.wantsColour(isTerminal)
	default:
		return report.Style{}, fmt.Errorf("--color %q: expected one of auto, always, never", flags.colour)
	}
	return style, nil
}

// columns returns the width for a terminal that says it has so many columns. COLUMNS
// is what its user wants, and is followed as it is.
func (a *app) columns(measured int) int {
	if wanted, err := strconv.Atoi(a.system.Getenv("COLUMNS")); err == nil && wanted > 0 {
		return wanted
	}
	return min(measured, maxColumns)
}

// wantsColour reports what the environment says. That there shall be no colour goes
// before that there shall be, and both before what the terminal can do.
// Sources: https://no-color.org, https://force-color.org, https://bixense.com/clicolors.
func (a *app) wantsColour(isTerminal bool) bool {
	isForced := func(name string) bool {
		value := a.system.Getenv(name)
		return value != "" && value != "0"
	}
	switch {
	case a.system.Getenv("NO_COLOR") != "":
		return false
	case isForced("FORCE_COLOR"), isForced("CLICOLOR_FORCE"):
		return true
	}
	return isTerminal && a.system.Getenv("TERM") != "dumb"
}
