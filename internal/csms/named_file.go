package csms

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// longestPath is above what people write and below what most keys and tokens take.
const longestPath = 200

// plainPath is a path that begins as one, or a file name with a suffix. Keys and tokens in base64 look like neither, though
// they hold slashes.
var plainPath = regexp.MustCompile(`^(?:(?:/|~|\.{1,2}[/\\]|[A-Za-z]:)[\w ./\\-]*|[\w ./\\-]+\.\w{1,10})$`)

// readNamed reads a file whose name a person has given to a setting. A key or a token itself is sometimes given instead, so
// the error tells the name only if it cannot be one.
func readNamed(name string) ([]byte, error) {
	contents, err := os.ReadFile(filepath.Clean(name))
	if fault, ok := errors.AsType[*fs.PathError](err); ok && !isPlainPath(name) {
		return nil, fmt.Errorf("what it is set to is not the path of a file that can be read: %w", fault.Err)
	}
	return contents, err
}

func isPlainPath(name string) bool { return len(name) <= longestPath && plainPath.MatchString(name) }
