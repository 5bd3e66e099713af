package externalsecrets

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// PostgresURL is the address of a PostgreSQL database, with the password that a key of the Secret holds.
type PostgresURL struct {
	// Host is a DNS name or an IP address. Required.
	Host string

	// Port is the TCP port. Required.
	Port int

	// Database is the name of the database. Required.
	Database string

	// User is the name of the user. Required.
	User string

	// PasswordKey is the key that holds the password. Required.
	PasswordKey string
}

// Template gives the template of the address. It escapes the password as a URL wants it, whatever the password consists of.
// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
func (u PostgresURL) Template() string {
	address := url.URL{
		Scheme: "postgresql", User: url.User(u.User), Host: net.JoinHostPort(u.Host, strconv.Itoa(u.Port)), Path: "/" + u.Database,
	}
	// urlquery makes a plus of a space, which stands for itself before the host.
	password := fmt.Sprintf(`:{{ index . %q | urlquery | replace "+" "%%20" }}@`, u.PasswordKey)
	return strings.Replace(address.String(), "@", password, 1)
}

// checkTemplate checks the syntax of a template, and that it refers only to keys: index gives nothing for one that is not there, without an
// error. What functions there are the operator knows: those of
// Go's text/template and of sprig, and its own.
// https://external-secrets.io/latest/guides/templating/
func checkTemplate(at *field.Path, text string, keys []string) field.ErrorList {
	if errs := check.Text(at, text); len(errs) > 0 {
		return errs
	}
	tree := parse.New("template")
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(text, "", "", map[string]*parse.Tree{}); err != nil {
		return field.ErrorList{field.Invalid(at, text, "must be a Go template: "+strings.TrimPrefix(err.Error(), "template: template:"))}
	}
	var errs field.ErrorList
	for _, key := range slices.Compact(slices.Sorted(slices.Values(references(tree.Root)))) {
		if !slices.Contains(keys, key) {
			errs = append(errs, field.Invalid(at, text, fmt.Sprintf("refers to the key %s, which has no value: it must be one of %s", key, strings.Join(keys, ", "))))
		}
	}
	return errs
}

// references are the keys that a template certainly refers to: {{ .key }} and {{ index . "key" }}, in a pipeline or in parentheses. Within
// range and with the dot is another, so that what is there is not looked at.
func references(node parse.Node) []string {
	var all []string
	switch node := node.(type) {
	case *parse.ListNode:
		for _, inner := range node.Nodes {
			all = append(all, references(inner)...)
		}
	case *parse.ActionNode:
		all = references(node.Pipe)
	case *parse.PipeNode:
		for _, command := range node.Cmds {
			all = append(all, references(command)...)
		}
	case *parse.CommandNode:
		if key, is := indexed(node); is {
			all = append(all, key)
		}
		for _, argument := range node.Args {
			all = append(all, references(argument)...)
		}
	case *parse.FieldNode:
		all = append(all, node.Ident[0])
	}
	return all
}

// indexed is the key of {{ index . "key" }}, which is how to refer to one with a dash.
func indexed(command *parse.CommandNode) (key string, is bool) {
	if len(command.Args) != 3 || command.Args[0].String() != "index" || command.Args[1].Type() != parse.NodeDot {
		return "", false
	}
	text, is := command.Args[2].(*parse.StringNode)
	if !is {
		return "", false
	}
	return text.Text, true
}
