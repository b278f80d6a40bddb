package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// budget is a line of the table.
type budget struct {
	what  string
	name  string // of the figure
	limit float64
	// least says that the figure may not be below the limit; otherwise not above.
	least bool
	show  func(float64) string
}

const (
	trips  = "TestRoundTrips/"
	growth = "TestGrowth/"
	verify = "BenchmarkVerify/"
)

// budgets are what a run may cost. docs/performance.md says where the numbers come from.
var budgets = []budget{
	{what: "round trips: dev, three stages", name: trips + "three_stages:_dev depth", limit: 1, show: count},
	{what: "round trips: staging, three stages", name: trips + "three_stages:_staging depth", limit: 2, show: count},
	{what: "round trips: prod, three stages", name: trips + "three_stages:_prod depth", limit: 2, show: count},
	{what: "round trips: prod, four stages", name: trips + "four_stages:_prod depth", limit: 2, show: count},
	{what: "round trips: a release with 17 gates", name: trips + "a_release_with_17_gates depth", limit: 4, show: count},
	{what: "requests: dev, three stages", name: trips + "three_stages:_dev requests", limit: 1, show: count},
	{what: "requests: staging, three stages", name: trips + "three_stages:_staging requests", limit: 6, show: count},
	{what: "requests: prod, three stages", name: trips + "three_stages:_prod requests", limit: 10, show: count},
	{what: "requests: a release with 17 gates", name: trips + "a_release_with_17_gates requests", limit: 36, show: count},
	{what: "round trips at 1,000 checks", name: growth + "checks/n=1000 depth", limit: 2, show: count},
	{what: "round trips at 1,000 commits since the last deployment", name: growth + "commits_since_the_last_deployment/n=1000 depth", limit: 5, show: count},
	{what: "summary at 10,000 findings", name: growth + "failing_checks/n=10000 GITHUB_STEP_SUMMARY", limit: 1 << 20, show: kibi},
	{what: "own time of a release, whole process, facts at hand", name: "facts cpu", limit: 0.010, show: milliseconds},
	{what: "own time of a release, whole process, ten requests over TLS", name: "gate cpu", limit: 0.040, show: milliseconds},
	{what: "a hundred scenarios of a policy, whole process", name: "scenarios cpu", limit: 1, show: milliseconds},
	{what: "peak memory of a release", name: "gate far away peak", limit: 20 << 20, show: mebi},
	{what: "peak memory at 1,000 checks", name: "1,000 checks peak", limit: 40 << 20, show: mebi},
	{what: "image: binary and CA roots", name: "image", limit: 17 << 20, show: mebi},
	{what: "times as fast as git verify-commit, SSH", name: verify + "ssh-ed25519 x-faster", limit: 100, least: true, show: ratio},
	{what: "times as fast as git verify-commit, OpenPGP Ed25519", name: verify + "openpgp-ed25519 x-faster", limit: 30, least: true, show: ratio},
	{what: "times as fast as git verify-commit, OpenPGP RSA 2048", name: verify + "openpgp-rsa2048 x-faster", limit: 30, least: true, show: ratio},
	{what: "times as fast as git verify-commit, OpenPGP RSA 4096", name: verify + "openpgp-rsa4096 x-faster", limit: 9, least: true, show: ratio},
}

func count(n float64) string        { return fmt.Sprintf("%.0f", n) }
func ratio(n float64) string        { return fmt.Sprintf("%.1f", n) }
func kibi(n float64) string         { return fmt.Sprintf("%.0f KiB", n/(1<<10)) }
func mebi(n float64) string         { return fmt.Sprintf("%.1f MiB", n/(1<<20)) }
func milliseconds(s float64) string { return fmt.Sprintf("%.1f ms", s*1000) }

// verdict says whether a figure keeps to its budget. What was not measured does not.
func (b budget) verdict(found measured) (figure, word string, over bool) {
	value, ok := found[b.name]
	switch {
	case !ok:
		return "-", "NOT MEASURED", true
	case b.least && value < b.limit, !b.least && value > b.limit:
		return b.show(value), "OVER", true
	}
	return b.show(value), "ok", false
}

// write writes the tables and reports whether a budget is exceeded.
func (m measured) write(out io.Writer) (over bool, err error) {
	var text strings.Builder
	text.WriteString("what\tbudget\tmeasured\t\n")
	for _, each := range budgets {
		sign := "<= "
		if each.least {
			sign = ">= "
		}
		figure, word, isOver := each.verdict(m)
		over = over || isOver
		fmt.Fprintf(&text, "%s\t%s%s\t%s\t%s\n", each.what, sign, each.show(each.limit), figure, word)
	}
	fmt.Fprintf(&text, "start of the process\t\t%s\t\n", milliseconds(m["start cpu"]))
	text.WriteString("\ngrowth\tentries\trequests\tround trips\texit\tallocated\town time, n=100 is 1\n")
	for _, list := range []string{
		"checks", "failing_checks", "reviews", "commits_of_a_pull_request", "commits_since_the_last_deployment", "unsigned_commits", "tags",
	} {
		for _, n := range []string{"1", "100", "1000", "10000"} {
			text.WriteString(m.growth(list, n))
		}
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, err = io.WriteString(table, text.String())
	return over, errors.Join(err, table.Flush())
}

// growth is the row of a list at a length.
func (m measured) growth(list, n string) string {
	test, bench := growth+list+"/n="+n, "BenchmarkGrowth/"+list+"/n="
	allocated, own := "-", "-"
	if hundred := m[bench+"100 ns/op"]; hundred > 0 {
		allocated, own = fmt.Sprintf("%.1f MB", m[bench+n+" B/op"]/1e6), ratio(m[bench+n+" ns/op"]/hundred)
	}
	return fmt.Sprintf("%s\t%s\t%.0f\t%.0f\t%.0f\t%s\t%s\n", list, n, m[test+" requests"], m[test+" depth"], m[test+" exit"], allocated, own)
}
