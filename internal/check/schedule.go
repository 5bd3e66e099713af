package check

import (
	"math"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // A small machine may have no time zones.

	"github.com/robfig/cron/v3"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// cronFields are the five fields of a schedule, each with its parser, so that an error names the field. The parser is Kubernetes's own.
// https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
var cronFields = []struct {
	name   string
	option cron.ParseOption
}{
	{"minute", cron.Minute}, {"hour", cron.Hour}, {"day of the month", cron.Dom}, {"month", cron.Month}, {"day of the week", cron.Dow},
}

// Schedule checks when a CronJob runs: that Kubernetes can read it, and that it ever does.
func Schedule(path *field.Path, schedule string) field.ErrorList {
	invalid := func(problem string) field.ErrorList { return field.ErrorList{field.Invalid(path, schedule, problem)} }
	if strings.Contains(schedule, "TZ") { // Before it is parsed: the parser panics at some of them.
		return invalid("must not name a time zone")
	}
	if strings.HasPrefix(schedule, "@") {
		if _, err := cron.ParseStandard(schedule); err != nil {
			return invalid(`must have five fields, from minute to day of the week, or be a macro such as "@daily"`)
		}
		return nil
	}
	fields := strings.Fields(schedule)
	if len(fields) != len(cronFields) {
		return invalid(`must have five fields, from minute to day of the week, or be a macro such as "@daily"`)
	}
	var errs field.ErrorList
	for i, text := range fields {
		if _, err := cron.NewParser(cronFields[i].option).Parse(text); err != nil {
			errs = append(errs, field.Invalid(path, schedule, "the "+cronFields[i].name+": "+err.Error()))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	if _, _, comes := Intervals(schedule); !comes {
		return invalid("never runs: none of these months has such a day")
	}
	return nil
}

// timeZonePart is what the API server takes between slashes. Its other rules follow from these names being those of files.
// https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/apis/batch/validation/validation.go
var timeZonePart = regexp.MustCompile(`^[A-Za-z._0-9+][A-Za-z._0-9+-]{0,13}$`)

// TimeZone checks the name of a time zone against the database of the machine, or else against Go's own copy. All names of the IANA begin with
// a capital; what else a machine has (posix/, right/, localtime) the API server may not have.
func TimeZone(path *field.Path, name string) field.ErrorList {
	valid := name != "" && name[0] >= 'A' && name[0] <= 'Z' && !strings.EqualFold(name, "Local")
	for _, part := range strings.Split(name, "/") {
		valid = valid && part != "." && part != ".." && timeZonePart.MatchString(part)
	}
	if valid {
		_, err := time.LoadLocation(name)
		valid = err == nil
	}
	if !valid {
		return field.ErrorList{field.Invalid(path, name, `must be a name of the IANA time zone database, such as "Etc/UTC" or "Europe/Berlin"`)}
	}
	return nil
}

// Intervals are the shortest and the longest time between two runs of a schedule, in UTC. It does not come if it cannot be read, or if none of
// its days exists.
func Intervals(schedule string) (shortest, longest time.Duration, comes bool) {
	if strings.Contains(schedule, "TZ") {
		return 0, 0, false
	}
	parsed, err := cron.ParseStandard(schedule)
	if err != nil {
		return 0, 0, false
	}
	if every, is := parsed.(cron.ConstantDelaySchedule); is {
		return every.Delay, every.Delay, true
	}
	spec := parsed.(*cron.SpecSchedule)
	return intervals(*spec)
}

// intervals looks at the days, and at the times of a day, which are the same on each: all runs of 28 years may be millions.
func intervals(spec cron.SpecSchedule) (shortest, longest time.Duration, comes bool) {
	times := timesOfDay(spec)
	shortest = math.MaxInt64
	add := func(interval time.Duration) { shortest, longest = min(shortest, interval), max(longest, interval) }
	for i := range len(times) - 1 {
		add(times[i+1] - times[i])
	}
	overNight := times[0] - times[len(times)-1]
	const aDay = 24 * time.Hour
	day, last := 0, -1
	for year := firstYear; year < firstYear+calendarYears; year++ {
		for month := time.January; month <= time.December; month++ {
			for ofMonth := range daysIn(year, month) {
				if comesOn(spec, month, ofMonth+1, time.Weekday(day+firstWeekday)%7) {
					if comes = last >= 0; comes {
						add(time.Duration(day-last)*aDay + overNight)
					}
					last = day
				}
				day++
			}
		}
	}
	return shortest, longest, comes
}

const (
	// calendarYears is after how many years the days of the week fall on the same dates again, leap days included (until 2100).
	calendarYears = 28

	// firstYear begins on firstWeekday.
	firstYear    = 2024
	firstWeekday = int(time.Monday)
)

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// comesOn is what the library has for itself: the days of the month and of the week are both asked for, unless both are restricted. Then
// one is enough.
func comesOn(spec cron.SpecSchedule, month time.Month, day int, weekday time.Weekday) bool {
	const star = 1 << 63
	ofMonth, ofWeek := spec.Dom>>day&1 == 1, spec.Dow>>weekday&1 == 1
	matches := ofMonth || ofWeek
	if spec.Dom&star|spec.Dow&star != 0 {
		matches = ofMonth && ofWeek
	}
	return matches && spec.Month>>month&1 == 1
}

// timesOfDay are when a schedule comes on each of its days, since midnight. The sets of hours and minutes are bits.
func timesOfDay(spec cron.SpecSchedule) []time.Duration {
	var times []time.Duration
	for hour := range 24 {
		for minute := range 60 {
			if spec.Hour>>hour&1 == 1 && spec.Minute>>minute&1 == 1 {
				times = append(times, time.Duration(hour)*time.Hour+time.Duration(minute)*time.Minute)
			}
		}
	}
	return times
}
