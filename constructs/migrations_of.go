package constructs

import (
	"reflect"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/ai-platform/manifests/internal/manifest"
)

// awaits are the migrations that the pods wait for: those of the tier, or of the Backend that MigrationsOf names. It returns nil
// without any. It expects a program that is valid.
func (p program) awaits() *migrationsJob {
	if p.migrationsOf == nil {
		return p.migrations
	}
	job := *p.migrationsOf.server.migrations
	job.client, _ = p.database.psql(p.Component) // Which may be in another namespace than the Backend.
	return &job
}

// validateMigrationsOf expects the path of the tier's props.
func (p program) validateMigrationsOf(path *field.Path) field.ErrorList {
	if p.migrationsOf == nil {
		return nil
	}
	prop, backend := path.Child("migrationsOf"), p.migrationsOf.server
	errs := backend.CheckReach(prop, p.Component)
	if p.ID == migrationsContainer {
		errs = append(errs, nameOfWaitContainer(path, p.ID))
	}
	if backend.migrations == nil {
		return append(errs, field.Invalid(prop, backend.Name(), "has no migrations: set Migrations in its BackendProps, or remove migrationsOf"))
	}
	migrated := backend.migrations.database
	if manifest.IsNil(migrated) {
		return errs // Which the Backend reports.
	}
	const detail = "must be the database of the Backend that migrationsOf names: its record of migrations is there"
	switch database := path.Child("database"); {
	case manifest.IsNil(p.database):
		errs = append(errs, field.Required(database, detail))
	case !sameServer(p.database, migrated):
		errs = append(errs, field.Invalid(database, p.database.Endpoint().Host, detail))
	}
	return errs
}

// sameServer reports whether two props lead to the same server, also if each has a value of its own.
func sameServer(a, b Server) bool {
	pods, others := a.Destination().Pods, b.Destination().Pods
	if pods != nil && others != nil {
		return *pods == *others
	}
	return reflect.DeepEqual(a, b)
}
