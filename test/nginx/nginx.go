// Package nginx configures the nginx of tests.
package nginx

import (
	"net"
	"time"
)

// Configuration has an nginx run in the foreground, serve these server blocks, and write below the folder that -p names.
func Configuration(servers string) string {
	return `daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; scgi_temp_path temp; uwsgi_temp_path temp;
` + servers + `
}
`
}

// Listening returns an error until something listens at an address.
func Listening(address string) error {
	connection, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return err
	}
	return connection.Close()
}
