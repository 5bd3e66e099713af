package externalsecrets

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/check"
)

// PostgresURL is the URL of a PostgreSQL database, as the value of a key:
// postgresql://user:password@host:port/database. The password is escaped for the URL, whatever characters it contains.
// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
type PostgresURL struct {
	// Host is a DNS name or an IP address. Required.
	Host string

	// Port is the TCP port. Required.
	Port int

	// Database is the name of the database. Required.
	Database string

	// User is the name of the user. Required.
	User string

	// PasswordKey is the key of the Secret that holds the password. Required.
	PasswordKey string
}

func (u PostgresURL) validate(path *field.Path, keys []string) field.ErrorList {
	errs := check.Host(path.Child("host"), u.Host)
	errs = append(errs, check.Port(path.Child("port"), u.Port)...)
	if u.Database == "" {
		errs = append(errs, field.Required(path.Child("database"), ""))
	}
	if u.User == "" {
		errs = append(errs, field.Required(path.Child("user"), ""))
	}
	switch {
	case u.PasswordKey == "":
		errs = append(errs, field.Required(path.Child("passwordKey"), ""))
	case !slices.Contains(keys, u.PasswordKey):
		errs = append(errs, field.NotSupported(path.Child("passwordKey"), u.PasswordKey, keys))
	}
	return errs
}

func (u PostgresURL) template() string {
	address := url.URL{
		Scheme: "postgresql", User: url.User(u.User), Host: net.JoinHostPort(u.Host, strconv.Itoa(u.Port)), Path: "/" + u.Database,
	}
	// urlquery makes a plus of a space, which stands for itself before the host.
	password := fmt.Sprintf(`:{{ index . %q | urlquery | replace "+" "%%20" }}@`, u.PasswordKey)
	return strings.Replace(address.String(), "@", password, 1)
}

// composed are the keys of a Secret that follow from others.
type composed struct {
	templates map[string]string
	urls      map[string]PostgresURL
}

// texts are the templates of all keys.
func (c composed) texts() map[string]string {
	all := maps.Clone(c.templates)
	if all == nil {
		all = map[string]string{}
	}
	for key, u := range c.urls {
		all[key] = u.template()
	}
	return all
}

// validate checks the composed keys, and the templates of their values. The other keys are set by the prop of.
func (c composed) validate(path, of *field.Path, keys []string) field.ErrorList {
	var errs field.ErrorList
	taken := map[string]*field.Path{}
	for _, key := range keys {
		taken[key] = of
	}
	checkKey := func(prop, at *field.Path, key string) {
		errs = append(errs, check.Key(at, key)...)
		if other, is := taken[key]; is {
			errs = append(errs, check.Duplicate(at, key, "already set by "+other.String()))
		}
		taken[key] = prop
	}
	size := 0
	for _, key := range slices.Sorted(maps.Keys(c.templates)) {
		prop := path.Child("templates")
		at := check.At(prop, key)
		checkKey(prop, at, key)
		errs = append(errs, checkTemplate(at, c.templates[key], keys)...)
		size += len(c.templates[key])
	}
	if size > maxSecret {
		errs = append(errs, field.TooLong(path.Child("templates"), "", maxSecret))
	}
	for _, key := range slices.Sorted(maps.Keys(c.urls)) {
		prop := path.Child("postgresURLs")
		at := check.At(prop, key)
		checkKey(prop, at, key)
		errs = append(errs, c.urls[key].validate(at, keys)...)
	}
	return errs
}

// maxSecret is what the API server admits for all values of a Secret together, in bytes.
const maxSecret = 1 << 20

// checkTemplate tries a template on values that are not those to come. What it finds is what the operator would find too, when the pods
// already wait: wrong syntax, functions that there are not, and keys that there are not.
func checkTemplate(at *field.Path, text string, keys []string) field.ErrorList {
	if errs := check.Text(at, text); len(errs) > 0 {
		return errs
	}
	refuse := func(problem string) field.ErrorList { return field.ErrorList{field.Invalid(at, text, problem)} }
	// The name is not in messages.
	parsed, err := template.New("").Option("missingkey=error").Funcs(functions).Parse(text)
	if err != nil {
		return refuse("invalid Go template, in which {{ index . \"a-key\" }} is a value: " + strings.TrimPrefix(err.Error(), "template: :"))
	}
	values := map[string]string{}
	for _, key := range keys {
		values[key] = "value"
	}
	err = parsed.Execute(io.Discard, values)
	if err == nil {
		return nil
	}
	problem := strings.TrimPrefix(err.Error(), "template: :")
	missing, isMissing := errors.AsType[missingKeyError](err)
	_, entry, isEntry := strings.Cut(problem, "map has no entry for key ")
	switch {
	case isMissing:
		return refuse(noValue(strconv.Quote(string(missing)), keys))
	case isEntry:
		return refuse(noValue(entry, keys))
	case strings.Contains(problem, "error calling "):
		return nil // A function wants another value, such as a certificate.
	}
	return refuse("cannot be executed: " + problem)
}

func noValue(key string, keys []string) string {
	return fmt.Sprintf("refers to the key %s, which does not exist: use one of %s", key, strings.Join(keys, ", "))
}

// missingKeyError is that of a template that refers to a key that is not there.
type missingKeyError string

func (k missingKeyError) Error() string { return fmt.Sprintf("no key %q", string(k)) }

// functions are those of the operator's templates: sprig's, and its own, which need no values here.
// https://external-secrets.io/latest/guides/templating/
var functions = func() template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	for _, name := range []string{
		"pkcs12key", "pkcs12keyPass", "pkcs12cert", "pkcs12certPass", "pemToPkcs12", "pemToPkcs12Pass", "fullPemToPkcs12", "fullPemToPkcs12Pass",
		"pemTruststoreToPKCS12", "pemTruststoreToPKCS12Pass", "filterPEM", "filterCertChain", "certSANs", "jwkPublicKeyPem", "jwkPrivateKeyPem",
		"toYaml", "fromYaml", "rsaDecrypt", "getHostByName",
	} {
		all[name] = func(...any) (any, error) { return nil, errors.New("not executed here") }
	}
	// Go's own gives an empty text for a key that is not there, without an error.
	all["index"] = func(values any, keys ...any) (any, error) {
		of, is := values.(map[string]string)
		if !is || len(keys) != 1 {
			return nil, errors.New("not executed here")
		}
		key := fmt.Sprint(keys[0])
		value, is := of[key]
		if !is {
			return nil, missingKeyError(key)
		}
		return value, nil
	}
	return all
}()
