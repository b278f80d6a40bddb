// Package configfile writes the configuration of a stage as a file that other
// programs read: dotenv, JSON or YAML. The same configuration gives the same
// bytes.
//
// It is pure: it returns bytes and touches no file. It must not know policies,
// stages, nor who asks and where the file goes.
package configfile
