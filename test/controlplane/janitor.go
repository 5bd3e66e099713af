package main

import (
	"errors"
	"os"

	"github.com/ai-platform/manifests/test/lifeline"
)

// janitor removes the folder that it is given when nobody needs it any more. Every process of the cluster and the test itself hold
// the writing end of its standard input: it ends with the last of them, so no one writes to the folder while it goes.
func janitor() error {
	if len(os.Args) != 2 {
		return errors.New("usage: janitor FOLDER")
	}
	lifeline.WaitForEnd(os.Stdin)
	return os.RemoveAll(os.Args[1])
}
