package constructs

import (
	"testing"

	"github.com/ai-platform/manifests/internal/check/checktest"
)

func TestCommandValidate(t *testing.T) {
	const unknown = "which the container does not have: add it to env or secretEnv, or write $$"
	check := func(c command, want ...string) expectation {
		return expectation{c.validate(checktest.Prop, ofServer.environment), want}
	}
	runChecks(t, map[string]expectation{
		"the image's": check(command{}),
		"empty":       check(command{command: []string{}, args: []string{}}),
		"all": check(command{
			command:    []string{"sh", "-c", "run \"$REDIS_URL\" ${HOME} $(date -u)"},
			args:       []string{"", "$(REDIS_PASSWORD)$(LEVEL)", "$$(NO)", "$(KUBERNETES_SERVICE_HOST)"},
			workingDir: "/",
		}),
		"args only": check(command{args: []string{"", "a"}}),
		"all wrong": check(
			command{command: []string{"", "$(NO)", "a\x00"}, args: []string{"\xff", "$(no)"}, workingDir: "app"},
			"prop.command[0]: Required value: the program to run",
			`prop.command[2]: Invalid value: "a\x00": must not contain NUL: the container would not start`,
			`prop.command[1]: Invalid value: "$(NO)": refers to $(NO), `+unknown+"(NO) for the text itself",
			"prop.args[0]: Invalid value: \"\ufffd\": must be valid UTF-8",
			`prop.args[1]: Invalid value: "$(no)": refers to $(no), `+unknown+"(no) for the text itself",
			`prop.workingDir: Invalid value: "app": must be absolute`,
		),
		"directory of a variable": check(command{workingDir: "/app/$(LEVEL)/$(NO)"},
			`prop.workingDir: Invalid value: "/app/$(LEVEL)/$(NO)": must not refer to $(LEVEL), $(NO): Kubernetes resolves no variables here`),
		"directory with NUL": check(command{workingDir: "/a\x00"},
			`prop.workingDir: Invalid value: "/a\x00": must not contain NUL: the container would not start`),

		"of a backend": {
			validateBackend(func(p *BackendProps) { p.Command, p.Args, p.WorkingDir = []string{""}, []string{"$(NO)"}, "a" }),
			[]string{
				"backend.command[0]: Required value: the program to run",
				`backend.args[0]: Invalid value: "$(NO)": refers to $(NO), ` + unknown + "(NO) for the text itself",
				`backend.workingDir: Invalid value: "a": must be absolute`,
			},
		},
		"of a frontend, which has a variable of its connection": {
			errs: FrontendProps{Image: "pages:1", Backend: backendAt("shop"), Command: []string{"serve", "$(VITE_API_BASE_URL)"}}.Validate(checktest.Prop),
		},
	})
}
