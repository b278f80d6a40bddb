package gate

import (
	"testing"
	"time"
)

func TestDurationRefusesWhatIsNoLength(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0", "0m", "10", "-10m", "+10m", "10s", "10 m", " 10m", "10m ", "1.5h", "m", "m10", "10m1h", "10M", "010m", "100000d", "10m\n", "1w", "١0m"} {
		if got := Duration(text).Length(); got != 0 {
			t.Errorf("%q is %s, want none", text, got)
		}
		if Duration(text).validate() == nil {
			t.Errorf("%q is not refused", text)
		}
	}
}

func TestDurationIsWholeDaysHoursAndMinutes(t *testing.T) {
	t.Parallel()
	for text, want := range map[Duration]time.Duration{
		"": 0, "1m": time.Minute, "10m": 10 * time.Minute, "24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "1h30m": 90 * time.Minute,
		"1d1m": 24*time.Hour + time.Minute, "90m": 90 * time.Minute,
		"99999d99999h99999m": 99999 * (24*time.Hour + time.Hour + time.Minute),
	} {
		if got := text.Length(); got != want || got < 0 {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
		if err := text.validate(); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestFormatLengthIsExactToTheSecond(t *testing.T) {
	t.Parallel()
	for length, want := range map[time.Duration]string{
		0: "0s", 400 * time.Millisecond: "0s", -400 * time.Millisecond: "0s", 90 * time.Second: "1m30s", 26 * time.Hour: "1d2h",
		10*time.Minute + 999*time.Millisecond: "10m", -time.Minute: "-1m",
	} {
		if got := formatLength(length); got != want {
			t.Errorf("%d is written %q, want %q", length, got, want)
		}
	}
}
