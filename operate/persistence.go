package operate

// Persistence writes a marker to a database and reads it back. sh runs the scripts in a container of the database's
// pod. $1 is the marker: lower-case letters and digits, beginning with a letter.
type Persistence struct {
	// Deployment is the name of the database's Deployment. Required.
	Deployment string

	// Container runs the scripts. Required.
	Container string

	// Write stores the marker durably, and nothing else. Required.
	Write string

	// Read prints the marker, or nothing if it does not exist. Required.
	Read string

	// Remove deletes everything that Write created, if it exists. Required.
	Remove string
}
