// Command ai-platform writes the manifests of the ai-platform application, and makes its Secret.
//
//	ai-platform               writes production to dist/, which is what "cdk8s synth" runs
//	ai-platform synth         writes production to dist/, and the other environments, the chart and Argo CD's objects to deploy/
//	ai-platform secret [ENV]  prints the Secret of an environment, with new passwords
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/ai-platform/manifests/apps/ai-platform/chart"
	"github.com/ai-platform/manifests/apps/ai-platform/platform"
	"github.com/ai-platform/manifests/constructs"
)

const usage = `usage: ai-platform               write production to dist/
       ai-platform synth         write every environment: production to dist/, the others, the chart and Argo CD's objects to deploy/
       ai-platform secret [ENV]  print the Secret of an environment (production), with new passwords`

func main() {
	log.SetFlags(0)
	if err := run(os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(args []string, stdout io.Writer) error {
	defer constructs.Close()
	switch {
	case len(args) == 0:
		return synth(platform.Production())
	case len(args) == 1 && args[0] == "synth":
		return synthAll()
	case len(args) == 1 && args[0] == "secret":
		return printSecret(stdout, platform.Production())
	case len(args) == 2 && args[0] == "secret":
		chosen, err := platform.Named(args[1])
		if err != nil {
			return err
		}
		return printSecret(stdout, chosen)
	}
	return fmt.Errorf("unknown arguments %q\n%s", strings.Join(args, " "), usage)
}

// synthAll goes on after a failure, so that one run names the problems of every environment.
func synthAll() error {
	if outdir := os.Getenv("CDK8S_OUTDIR"); outdir != "" {
		return fmt.Errorf("CDK8S_OUTDIR=%s names one folder, and the command synth writes several: unset it", outdir)
	}
	var errs []error
	for _, e := range platform.Environments() {
		errs = append(errs, synth(e))
	}
	errs = append(errs, chart.Write())
	if err := errors.Join(errs...); err != nil {
		return err // Argo CD's objects follow from the environments.
	}
	return synthArgoCD()
}

func synthArgoCD() error {
	a, err := platform.NewArgoCD(platform.Environments()...)
	if err != nil {
		return err
	}
	return errors.Join(
		constructs.Synth(platform.ApplicationSetDirectory, a.ComposeApplicationSet),
		constructs.Synth(platform.ApplicationsDirectory, a.ComposeApplications),
	)
}

func synth(e platform.Environment) error {
	if err := constructs.Synth(e.Directory(), e.Compose); err != nil {
		return fmt.Errorf("%s: %w", e.Name, err)
	}
	return nil
}

func printSecret(to io.Writer, e platform.Environment) error {
	manifest, err := e.Secret()
	if err != nil {
		return err
	}
	_, err = to.Write(manifest)
	return err
}
