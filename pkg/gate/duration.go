package gate

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stageward/stageward/pkg/lazy"
)

// Duration is a length of time in a policy: whole days, hours and minutes,
// such as 7d, 24h, 10m or 1h30m. "" means that the policy does not say; 0,
// negative numbers and numbers without a unit are refused. A day is 24 hours,
// whatever a time zone does meanwhile.
type Duration string

// durationPattern takes five digits of any unit, which fit into a
// time.Duration together.
const durationPattern = `^([1-9][0-9]{0,4}d([1-9][0-9]{0,4}h)?([1-9][0-9]{0,4}m)?|[1-9][0-9]{0,4}h([1-9][0-9]{0,4}m)?|[1-9][0-9]{0,4}m)$`

const durationWords = "a length of time in whole days, hours and minutes, such as 7d, 24h, 10m or 1h30m"

var (
	durationForm  = lazy.New(durationPattern)
	durationParts = lazy.New(`([0-9]+)([dhm])`)
)

// Pattern returns the form of a length of time.
func (Duration) Pattern() (expression, words string) { return durationPattern, durationWords }

// Length returns the length, or 0 where none is given or it has not the form
// that Pattern says.
func (d Duration) Length() time.Duration {
	if !durationForm.MatchString(string(d)) {
		return 0
	}
	units := map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute}
	var total time.Duration
	for _, part := range durationParts.FindAllStringSubmatch(string(d), -1) {
		count, err := strconv.Atoi(part[1])
		if err != nil {
			return 0 // not with five digits
		}
		total += time.Duration(count) * units[part[2]]
	}
	return total
}

// validate refuses what is given and not of the form.
func (d Duration) validate() error {
	if d == "" || durationForm.MatchString(string(d)) {
		return nil
	}
	return fmt.Errorf("%q is not %s", string(d), durationWords)
}

// formatLength writes a measured length of time in the words of a policy, to
// the second: 1d2h, 12m30s, 0s. A negative one has a minus sign.
func formatLength(length time.Duration) string {
	sign := ""
	if length < 0 {
		sign, length = "-", -length
	}
	length = length.Truncate(time.Second)
	if length == 0 {
		return "0s"
	}
	var out strings.Builder
	out.WriteString(sign)
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if count := length / unit.length; count > 0 {
			fmt.Fprintf(&out, "%d%s", count, unit.name)
			length -= count * unit.length
		}
	}
	return out.String()
}
