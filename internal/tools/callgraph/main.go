// Command callgraph counts the functions that a reader visits to follow a constructor of the library to its objects, and
// the files that they are in.
//
//	go run ./internal/tools/callgraph                  counts for every constructor
//	go run ./internal/tools/callgraph -list NewRedis   prints the functions behind one, by file
//
// A constructor is an exported function New… of constructs or of a package below it. What counts is the constructor itself,
// and every function and method of this module that it leads to. A function leads to what its body names, be it to call
// it, to defer the call or to pass it on as a value. A function literal is part of the function around it, and a generic
// function is one function whatever its type arguments. Neither interfaces nor variables are followed: what they hold is
// known only when the program runs.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"text/tabwriter"
)

func main() {
	log.SetFlags(0)
	list := flag.String("list", "", "print the functions behind this `constructor`, by file")
	flag.Parse()
	if err := run(os.Stdout, *list, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

func run(out io.Writer, list string, rest []string) error {
	if len(rest) > 0 {
		return fmt.Errorf("unknown arguments %q", strings.Join(rest, " "))
	}
	constructors, err := load()
	if err != nil {
		return err
	}
	if list == "" {
		return printCounts(out, constructors)
	}
	var names []string
	for _, c := range constructors {
		if c.name == list {
			return printFunctions(out, c)
		}
		names = append(names, c.name)
	}
	return fmt.Errorf("no constructor is named %q: there are %s", list, strings.Join(names, ", "))
}

func printCounts(out io.Writer, constructors []constructor) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "constructor\tfunctions\tfiles")
	for _, c := range constructors {
		fmt.Fprintf(table, "%s\t%d\t%d\n", c.name, len(c.functions), len(c.files()))
	}
	return table.Flush()
}

func printFunctions(out io.Writer, c constructor) error {
	for _, file := range c.files() {
		fmt.Fprintln(out, file)
		for _, f := range c.functions {
			if f.file == file {
				fmt.Fprintf(out, "%6d  %s\n", f.line, f.name)
			}
		}
	}
	_, err := fmt.Fprintf(out, "%s: %d functions in %d files\n", c.name, len(c.functions), len(c.files()))
	return err
}
