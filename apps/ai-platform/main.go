// Command ai-platform writes the manifests of the ai-platform application, and makes its Secret.
//
//	ai-platform               writes production to dist/, which is what "cdk8s synth" runs
//	ai-platform synth         writes production to dist/, and the other environments and the chart to deploy/
//	ai-platform secret [ENV]  prints the Secret of an environment, with new passwords
//	ai-platform render        reads values of the chart, and prints what the constructs make of them, for tests
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/ai-platform/manifests/constructs"
)

const usage = `usage: ai-platform               write production to dist/
       ai-platform synth         write every environment: production to dist/, the others and the chart to deploy/
       ai-platform secret [ENV]  print the Secret of an environment (production), with new passwords
       ai-platform render        read values of the chart as JSON, print the objects that the constructs make of them`

func main() {
	log.SetFlags(0)
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(args []string, stdin io.Reader, stdout io.Writer) error {
	defer constructs.Close()
	switch {
	case len(args) == 0:
		return synth(production)
	case len(args) == 1 && args[0] == "synth":
		return synthAll()
	case len(args) == 1 && args[0] == "secret":
		return printSecret(stdout, production)
	case len(args) == 2 && args[0] == "secret":
		chosen, err := environmentNamed(args[1])
		if err != nil {
			return err
		}
		return printSecret(stdout, chosen)
	case len(args) == 1 && args[0] == "render":
		return renderCases(stdin, stdout)
	}
	return fmt.Errorf("unknown arguments %q\n%s", strings.Join(args, " "), usage)
}

// synthAll goes on after a failure, so that one run names the problems of every environment.
func synthAll() error {
	if outdir := os.Getenv("CDK8S_OUTDIR"); outdir != "" {
		return fmt.Errorf("CDK8S_OUTDIR=%s names one folder, and the command synth writes several: unset it", outdir)
	}
	var errs []error
	for _, e := range environments {
		errs = append(errs, synth(e))
	}
	errs = append(errs, writeChart())
	return errors.Join(errs...)
}

func synth(e environment) error {
	if err := constructs.Synth(e.folder(), e.platform); err != nil {
		return fmt.Errorf("%s: %w", e.name, err)
	}
	return nil
}

// folder keeps everything but production out of dist/: the cdk8s CLI empties and prints that whole folder.
func (e environment) folder() string {
	if e.name == production.name {
		return "dist"
	}
	return filepath.Join("deploy", e.name)
}
