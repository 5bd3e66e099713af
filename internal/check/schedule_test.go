package check

import (
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestScheduleIsAccepted(t *testing.T) {
	for _, schedule := range []string{
		"0 3 * * *", "*/15 0-6,18-23 1,15 JAN-mar mon-FRI", "59 23 31 12 6", "0 0 29 feb *", "?/5 ? ? ? ?", "@daily", "@yearly", "  0 3 * *  * ",
		"@every 6h", "0 0 31 * mon", "0 0 31 2 mon",
	} {
		require.Empty(t, Schedule(field.NewPath("schedule"), schedule), schedule)
	}
}

func TestScheduleIsRefused(t *testing.T) {
	for schedule, problem := range map[string]string{
		"":                      "five fields",
		"0 3 * *":               "five fields",
		"0 3 * * * *":           "five fields",
		"@reboot":               "five fields",
		"@every":                "five fields",
		"@every day":            "five fields",
		"60 * * * *":            `the minute: end of range (60) above maximum (59): 60`,
		"* 24 * * *":            `the hour: `,
		"* * 0 * *":             `the day of the month: beginning of range (0) below minimum (1): 0`,
		"* * * 13 *":            `the month: `,
		"* * * * 7":             `the day of the week: end of range (7) above maximum (6): 7`,
		"5-1 * * * *":           `the minute: `,
		"*/0 * * * *":           `the minute: `,
		"*/x * * * *":           `the minute: `,
		"-1 * * * *":            `the minute: `,
		"mon * * * *":           `the minute: `,
		"1-2-3 * * * *":         `the minute: `,
		"CRON_TZ=UTC 0 3 * * *": "must not name a time zone",
		"TZ=0":                  "must not name a time zone",
		"0 3 31 2 *":            "never runs",
		"0 3 30,31 feb *":       "never runs",
		"0 3 31 2,4,6,9,11 *":   "never runs",
	} {
		errs := Schedule(field.NewPath("schedule"), schedule)
		require.NotEmpty(t, errs, schedule)
		require.ErrorContains(t, errs.ToAggregate(), problem)
	}
	require.Len(t, Schedule(field.NewPath("schedule"), "60 24 * * 7"), 3, "each field by itself")
}

func TestTimeZone(t *testing.T) {
	for _, zone := range []string{"Etc/UTC", "UTC", "Europe/Berlin", "America/Argentina/ComodRivadavia", "Etc/GMT+12", "GMT0", "America/Port-au-Prince"} {
		require.Empty(t, TimeZone(field.NewPath("timeZone"), zone), zone)
	}
	for _, zone := range []string{
		"", "Local", "LOCAL", "Berlin", "europe/berlin", "Europe/", "/Europe/Berlin", "Europe//Berlin", "Europe/../Etc/UTC", "Europe/Berlin\n", "UTC+1",
		"posix/Europe/Berlin", "right/UTC", "localtime", "posixrules", "tzdata.zi", "Europe", "\x00",
	} {
		require.Len(t, TimeZone(field.NewPath("timeZone"), zone), 1, zone)
	}
}

func TestIntervals(t *testing.T) {
	const day = 24 * time.Hour
	for schedule, want := range map[string][2]time.Duration{
		"0 3 * * *":             {day, day},
		"@daily":                {day, day},
		"@every 90m":            {90 * time.Minute, 90 * time.Minute},
		"* * * * *":             {time.Minute, time.Minute},
		"*/7 * * * *":           {4 * time.Minute, 7 * time.Minute},
		"0 */5 * * *":           {4 * time.Hour, 5 * time.Hour},
		"30 */6 * * mon-fri":    {6 * time.Hour, 2*day + 6*time.Hour},
		"0 3 * * sun":           {7 * day, 7 * day},
		"0 3 1 * *":             {28 * day, 31 * day},
		"0 3 31 * *":            {31 * day, 61 * day},
		"0 3 1 1 *":             {365 * day, 366 * day},
		"0 3 29 2 *":            {4*365*day + day, 4*365*day + day},
		"0 3 1 * mon":           {day, 7 * day}, // Either is enough.
		"0 23,1 * * *":          {2 * time.Hour, 22 * time.Hour},
		"0 3 31 2 *":            {},
		"never":                 {},
		"CRON_TZ=UTC 0 3 * * *": {},
	} {
		shortest, longest, comes := Intervals(schedule)
		require.Equal(t, want != [2]time.Duration{}, comes, schedule)
		if comes {
			require.Equal(t, want, [2]time.Duration{shortest, longest}, schedule)
		}
	}
}

// The parser that Kubernetes has runs through the schedule step by step, and finds the same.
func TestIntervalsAreThoseOfTheRuns(t *testing.T) {
	for _, schedule := range []string{"17 */5 */9 * *", "0 0,12 13 * fri", "5,50 22-23 * 1-2 *", "0 12 * * 1,4"} {
		parsed, err := cron.ParseStandard(schedule)
		require.NoError(t, err)
		shortest, longest := time.Duration(1<<62), time.Duration(0)
		at := parsed.Next(time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC))
		for at.Year() < 2054 {
			next := parsed.Next(at)
			shortest, longest, at = min(shortest, next.Sub(at)), max(longest, next.Sub(at)), next
		}
		gotShortest, gotLongest, comes := Intervals(schedule)
		require.True(t, comes)
		require.Equal(t, []time.Duration{shortest, longest}, []time.Duration{gotShortest, gotLongest}, schedule)
	}
}
