package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// cronField is one of the five fields of a schedule. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
type cronField struct {
	name      string
	low, high int
	names     []string // Of the values from low on, if they have any.
}

var cronFields = []cronField{
	{name: "minute", low: 0, high: 59},
	{name: "hour", low: 0, high: 23},
	{name: "day of the month", low: 1, high: 31},
	{name: "month", low: 1, high: 12, names: []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
	{name: "day of the week", low: 0, high: 6, names: []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
}

var cronMacros = []string{"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}

// Schedule checks when a CronJob runs.
func Schedule(path *field.Path, schedule string) field.ErrorList {
	if slices.Contains(cronMacros, schedule) {
		return nil
	}
	fields := strings.Fields(schedule)
	if len(fields) != len(cronFields) {
		return field.ErrorList{field.Invalid(path, schedule, `must be five fields, minute to day of the week, or "@daily" or the like`)}
	}
	var errs field.ErrorList
	for i, text := range fields {
		if problem := cronFields[i].check(text); problem != "" {
			errs = append(errs, field.Invalid(path, schedule, problem))
		}
	}
	return errs
}

// check checks a list of ranges with steps, such as "0-30/5,45".
func (f cronField) check(text string) string {
	for part := range strings.SplitSeq(text, ",") {
		span, step, stepped := strings.Cut(part, "/")
		if number, err := strconv.Atoi(step); stepped && (err != nil || number < 1) {
			return fmt.Sprintf("the %s has the step %q, which must be a number above 0", f.name, step)
		}
		if span == "*" || span == "?" {
			continue
		}
		from, to, ranged := strings.Cut(span, "-")
		low, ok := f.value(from)
		high, okTo := low, ok
		if ranged {
			high, okTo = f.value(to)
		}
		if !ok || !okTo || low > high {
			return fmt.Sprintf("the %s is %q, which must be within %d-%d", f.name, part, f.low, f.high)
		}
	}
	return ""
}

func (f cronField) value(text string) (int, bool) {
	if i := slices.Index(f.names, strings.ToLower(text)); i >= 0 {
		return f.low + i, true
	}
	number, err := strconv.Atoi(text)
	return number, err == nil && number >= f.low && number <= f.high && text[0] != '+'
}
