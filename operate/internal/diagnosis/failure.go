package diagnosis

import "regexp"

// Failure is how a request failed.
type Failure struct {
	Kind FailureKind
	Said string // By the program that sent the request.
}

// FailureKind is what has to be looked at.
type FailureKind int

// Kinds of failures.
const (
	Unknown    FailureKind = iota // Anything else.
	Unresolved                    // DNS does not know the name, or does not answer.
	Refused                       // Nothing listens, or something on the way refuses.
	TimedOut                      // Something on the way drops packets, or the server is slow.
	Answered                      // The server's answer is an error.
)

// failureKinds are what curl and wget say. Its exit codes curl prints too: https://curl.se/docs/manpage.html#EXIT. The sentences of BusyBox
// are in networking/wget.c and libbb/xconnect.c, those of GNU Wget in src/host.c, src/connect.c and src/http.c. The first that fits counts:
// of a name that is not resolved in time, curl says 28 too, and BusyBox's "-T" is not for DNS.
var failureKinds = []struct {
	kind FailureKind
	says *regexp.Regexp
}{
	{Unresolved, regexp.MustCompile(`curl: \(6\)|curl: \(28\) Resolving timed out|wget: bad address|unable to resolve host address`)},
	{Answered, regexp.MustCompile(`curl: \(22\)|server returned error: |ERROR \d{3}: `)},
	{Refused, regexp.MustCompile(`curl: \(7\)|Connection refused`)},
	{TimedOut, regexp.MustCompile(`curl: \(28\)|(?i:timed out)|No route to host|is unreachable`)},
}

// exitCode is what an executed command's error begins with, before what it printed: tools/remotecommand/v4.go of k8s.io/client-go.
var exitCode = regexp.MustCompile(`^command terminated with exit code \d+: `)

// NewFailure tells the kind from the error of an executed command.
func NewFailure(said string) *Failure {
	said = exitCode.ReplaceAllString(said, "")
	for _, known := range failureKinds {
		if known.says.MatchString(said) {
			return &Failure{known.kind, said}
		}
	}
	return &Failure{Unknown, said}
}
