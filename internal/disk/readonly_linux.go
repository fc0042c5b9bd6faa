package disk

import "golang.org/x/sys/unix"

// readOnly reports whether nothing can be written into a folder. It tries, by a
// file that has no name: what the system says of the mount is not enough, as ext4
// turns read-only by itself without that being told (emergency_ro).
func readOnly(folder string) bool {
	fd, err := unix.Open(folder, unix.O_TMPFILE|unix.O_WRONLY|unix.O_CLOEXEC, 0o600)
	if err == nil {
		unix.Close(fd)
	}
	return err == unix.EROFS
}
