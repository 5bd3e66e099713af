package constructs_test

import (
	"fmt"
	"io"
	"os"

	"github.com/cdk8s-team/cdk8s-core-go/cdk8s/v2"

	"github.com/ai-platform/manifests/constructs"
)

// programs are what the test binary can be. They write to the folder that CDK8S_OUTDIR names.
var programs = map[string]func() error{
	"synthesize and close": func() error {
		defer constructs.Close()
		return constructs.Synth("", smallShop)
	},
	"synthesize and forget to close": func() error { return constructs.Synth("", smallShop) },
	"close": func() error {
		constructs.Close()
		return nil
	},
	"fail and forget to close": func() error { return constructs.Synth("", brokenShop) },
	"wait": func() error {
		wait()
		return nil
	},
	"begin": func() error {
		defer constructs.Close()
		fmt.Println("waiting")
		return constructs.Synth("", smallShop)
	},
	"wait in the program": func() error {
		return constructs.Synth("", func(app cdk8s.App) {
			smallShop(app)
			wait()
		})
	},
	"wait in the synthesis": func() error {
		return constructs.Synth("", func(app cdk8s.App) { newChart(app, "shop").Node().AddValidation(&waiting{}) })
	},
}

// waiting is a validation that does not end.
type waiting struct{}

func (*waiting) Validate() *[]*string {
	wait()
	return nil
}

// wait tells the test that the program is half done, and waits for the test to end it.
func wait() {
	fmt.Println("waiting")
	_, _ = io.Copy(io.Discard, os.Stdin)
}
