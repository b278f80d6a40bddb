package cli

import (
	"io"
	"testing"

	"github.com/spf13/cobra"

	"github.com/stageward/stageward/pkg/report"
)

func TestStyle(t *testing.T) {
	t.Parallel()
	on := func(columns int) func() (int, bool) { return func() (int, bool) { return columns, true } }
	off := func() (int, bool) { return 0, false }
	for name, row := range map[string]struct {
		env      map[string]string
		terminal func() (int, bool)
		args     []string
		want     report.Style
	}{
		"no terminal":               {nil, off, nil, report.Style{}},
		"nobody says what there is": {nil, nil, nil, report.Style{}},
		"a file is not as wide as the terminal beside it": {map[string]string{"COLUMNS": "80"}, off, nil, report.Style{}},
		"NO_COLOR turns colour off":                       {map[string]string{"NO_COLOR": "1"}, on(80), nil, report.Style{Width: 80}},
		"NO_COLOR may have any value":                     {map[string]string{"NO_COLOR": "0"}, on(80), nil, report.Style{Width: 80}},
		"NO_COLOR goes before what forces it":             {map[string]string{"NO_COLOR": "1", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}, on(80), nil, report.Style{Width: 80}},
		"a dumb terminal has no colour":                   {map[string]string{"TERM": "dumb"}, on(80), nil, report.Style{Width: 80}},
		"FORCE_COLOR 0 forces nothing":                    {map[string]string{"FORCE_COLOR": "0"}, off, nil, report.Style{}},
		"CLICOLOR_FORCE 0 forces nothing":                 {map[string]string{"CLICOLOR_FORCE": "0"}, off, nil, report.Style{}},
		"the flag turns colour off":                       {map[string]string{"FORCE_COLOR": "1"}, on(80), []string{"--color", "never"}, report.Style{Width: 80}},
		"NO_COLOR that is empty is not set":               {map[string]string{"NO_COLOR": ""}, on(80), nil, report.Style{Colour: true, Width: 80}},
		"FORCE_COLOR needs no terminal":                   {map[string]string{"FORCE_COLOR": "1", "TERM": "dumb"}, off, nil, report.Style{Colour: true}},
		"CLICOLOR_FORCE needs no terminal":                {map[string]string{"CLICOLOR_FORCE": "1"}, off, nil, report.Style{Colour: true}},
		"the flag goes before NO_COLOR":                   {map[string]string{"NO_COLOR": "1", "TERM": "dumb"}, off, []string{"--color=always"}, report.Style{Colour: true}},
		"a terminal":                                      {map[string]string{"TERM": "xterm"}, on(80), nil, report.Style{Colour: true, Width: 80}},
		"a terminal that does not say how wide it is":     {nil, on(0), nil, report.Style{Colour: true}},
		"a wide terminal has no wide lines":               {nil, on(200), nil, report.Style{Colour: true, Width: 120}},
		"COLUMNS is followed":                             {map[string]string{"COLUMNS": "200"}, on(80), nil, report.Style{Colour: true, Width: 200}},
		"COLUMNS that is no number is not":                {map[string]string{"COLUMNS": "wide"}, on(80), nil, report.Style{Colour: true, Width: 80}},
		"COLUMNS that is no width is not":                 {map[string]string{"COLUMNS": "-1"}, on(80), nil, report.Style{Colour: true, Width: 80}},
		"the flag goes before COLUMNS":                    {map[string]string{"COLUMNS": "200"}, on(80), []string{"--width", "60"}, report.Style{Colour: true, Width: 60}},
		"the flag breaks lines of a file too":             {nil, off, []string{"--width", "60"}, report.Style{Width: 60}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := styleOf(row.env, row.terminal, row.args)
			if err != nil || got != row.want {
				t.Errorf("got %+v, %v; want %+v", got, err, row.want)
			}
		})
	}
	for _, args := range [][]string{{"--color", "yes"}, {"--color", ""}, {"--width", "39"}, {"--width", "-1"}} {
		if got, err := styleOf(nil, off, args); err == nil {
			t.Errorf("%q is taken for %+v", args, got)
		}
	}
}

func styleOf(env map[string]string, terminal func() (int, bool), args []string) (report.Style, error) {
	var flags textFlags
	command := &cobra.Command{Use: "x", RunE: func(*cobra.Command, []string) error { return nil }}
	flags.add(command)
	command.SetArgs(args)
	command.SetOut(io.Discard)
	if err := command.Execute(); err != nil {
		return report.Style{}, err
	}
	app := &app{system: System{Getenv: func(name string) string { return env[name] }, Terminal: terminal}}
	return app.style(flags)
}
