package huaweicloud

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// readFile reads a file that a setting names, as a shell and an editor would: "~" is the home
// directory, and a byte order mark is no part of the contents. Every setting that names a file is
// read by it.
func readFile(name string) ([]byte, error) {
	path, err := expandHome(name)
	if err != nil {
		return nil, err
	}
	contents, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(contents, utf16LittleEndian) || bytes.HasPrefix(contents, utf16BigEndian) {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errUTF16}
	}
	return bytes.TrimPrefix(contents, byteOrderMark), nil
}

// Marks that editors and shells on Windows put at the beginning of a file.
var (
	byteOrderMark     = []byte("\xef\xbb\xbf")
	utf16LittleEndian = []byte("\xff\xfe")
	utf16BigEndian    = []byte("\xfe\xff")

	errUTF16 = errors.New("it is UTF-16, not UTF-8: save it as UTF-8")
)

// expandHome replaces a leading "~", which a shell does not do in a configuration or in an
// environment variable that is set by other means. The home directory of somebody else, "~name", is
// left to the shell.
func expandHome(name string) (string, error) {
	rest, ok := strings.CutPrefix(filepath.ToSlash(name), "~")
	if !ok || rest != "" && rest[0] != '/' {
		return name, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("cannot find the home directory that ~ stands for: %w", err)
	}
	return filepath.Join(home, filepath.FromSlash(rest)), nil
}

// longestPath is above what people write and below what most keys and tokens take.
const longestPath = 200

// plainPath is a path that begins as one, or a file name with a suffix. Keys and tokens in base64
// look like neither, though they hold slashes.
var plainPath = regexp.MustCompile(`^(?:(?:/|~|\.{1,2}[/\\]|[A-Za-z]:)[\w ./\\-]*|[\w ./\\-]+\.\w{1,10})$`)

// readSettingFile is readFile for a setting that is sometimes given the key or the token itself
// instead, so its error tells the name only if that cannot be one.
func readSettingFile(name string) ([]byte, error) {
	contents, err := readFile(name)
	if fault, ok := errors.AsType[*fs.PathError](err); ok && !isPlainPath(name) {
		return nil, fmt.Errorf("what it is set to is not the path of a file that can be read: %w", fault.Err)
	}
	return contents, err
}

func isPlainPath(name string) bool { return len(name) <= longestPath && plainPath.MatchString(name) }
