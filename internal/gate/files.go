package gate

import "syscall"

const (
	// filesEach is how many descriptors there must be for a connection: its own,
	// and two for the files, the database and the child processes that work
	// for it.
	filesEach = 3
	// mostConnections is how many connections there are at most, however many
	// descriptors there may be: an idle one takes some 20 KB.
	mostConnections = 4096
)

// Bounds returns how many connections this process may have, for the
// descriptors that it may; an address has a quarter of them. Go's os package
// has raised the limit of descriptors as far as it goes.
func Bounds() (Config, error) {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return Config{}, err
	}
	most := max(1, int(min(files.Cur/filesEach, mostConnections)))
	return Config{Most: most, Each: max(1, most/4)}, nil
}
