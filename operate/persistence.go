package operate

// Persistence is how a marker gets into a database, and out of it. The scripts are run by sh in a container of the database's pod, and have
// the marker as $1: it consists of lower-case letters and digits, and begins with a letter.
type Persistence struct {
	// Deployment is the name of the database's Deployment. Required.
	Deployment string

	// Container is where the scripts run. Required.
	Container string

	// Write stores the marker so that it outlives the pod, and nothing else. Required.
	Write string

	// Read prints the marker, and nothing if it is not there. Required.
	Read string

	// Remove removes all that Write has made, if it is there. Required.
	Remove string
}
