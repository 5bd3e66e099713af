package chart

import (
	"fmt"
	"strconv"
	"strings"
)

// checks are those of all settings, and of names that are no settings.
func checks(all []setting) []string {
	var expressions []string
	for _, s := range all {
		expressions = append(expressions, s.checks...)
	}
	for _, name := range sortedNames(overridden()) {
		expressions = append(expressions, fmt.Sprintf("ternary %q \"\" (hasKey .Values %q)", name+": "+overridden()[name], name))
	}
	return expressions
}

// check is an expression with a helper of helpers.tpl, which gives a sentence if something is wrong.
func check(helper string, arguments ...string) string {
	return fmt.Sprintf(`include "CHART.%s" (list %s)`, helper, strings.Join(arguments, " "))
}

func quoted(texts []string) []string {
	var all []string
	for _, text := range texts {
		all = append(all, strconv.Quote(text))
	}
	return all
}

// valueAt are a path and the value there, as arguments of a helper.
func valueAt(path string) string { return fmt.Sprintf("%q .Values.%s", path, path) }
