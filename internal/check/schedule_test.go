package check

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestScheduleIsAccepted(t *testing.T) {
	for _, schedule := range []string{
		"0 3 * * *", "*/15 0-6,18-23 1,15 JAN-mar mon-FRI", "59 23 31 12 6", "0 0 29 feb *", "?/5 ? ? ? ?", "@daily", "@yearly", "  0 3 * *  * ",
	} {
		require.Empty(t, Schedule(field.NewPath("schedule"), schedule), schedule)
	}
}

func TestScheduleIsRefused(t *testing.T) {
	for schedule, problem := range map[string]string{
		"":              "five fields",
		"0 3 * *":       "five fields",
		"0 3 * * * *":   "five fields",
		"@reboot":       "five fields",
		"@every":        "five fields",
		"60 * * * *":    `the minute is "60", which must be within 0-59`,
		"* 24 * * *":    `the hour is "24"`,
		"* * 0 * *":     `the day of the month is "0", which must be within 1-31`,
		"* * * 13 *":    `the month is "13"`,
		"* * * * 7":     `the day of the week is "7", which must be within 0-6`,
		"5-1 * * * *":   `the minute is "5-1"`,
		"*/0 * * * *":   `the minute has the step "0"`,
		"*/x * * * *":   `the minute has the step "x"`,
		"+1 * * * *":    `the minute is "+1"`,
		"1,, * * * *":   `the minute is ""`,
		"mon * * * *":   `the minute is "mon"`,
		"1-2-3 * * * *": `the minute is "1-2-3"`,
	} {
		errs := Schedule(field.NewPath("schedule"), schedule)
		require.NotEmpty(t, errs, schedule)
		require.ErrorContains(t, errs.ToAggregate(), problem)
	}
}
