package mockserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// stateFormat numbers the form of state files, so that one of another form is refused rather than
// misread.
const stateFormat = 2

// stateFile keeps the secrets over restarts. The file holds values in plaintext: it is made for its
// owner alone, and replaced as a whole, so that it is never seen half written.
type stateFile string

type state struct {
	Format   int               `json:"format"`
	Projects csmstest.Snapshot `json:"projects"`
}

// read reads the file. It returns false, and leaves the content alone, if there is none.
func (path stateFile) read(content *csmstest.Snapshot) (found bool, err error) {
	text, err := os.ReadFile(filepath.Clean(string(path)))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	var kept state
	if err == nil {
		err = decodeStrictly(bytes.NewReader(text), &kept)
	}
	if err == nil && kept.Format != stateFormat {
		err = fmt.Errorf("its format is %d, not %d", kept.Format, stateFormat)
	}
	for id, p := range kept.Projects {
		if nameErr := validateProjectName(p.Name); err == nil && nameErr != nil {
			err = fmt.Errorf("project %s: %w", id, nameErr)
		}
	}
	if err != nil {
		return true, fmt.Errorf("read the state from %s: %w", path, err)
	}
	*content = kept.Projects
	return true, nil
}

// write replaces the file in one step: readers see the old content or the new.
func (path stateFile) write(content csmstest.Snapshot) error {
	text, err := json.MarshalIndent(state{stateFormat, content}, "", "  ")
	if err == nil {
		err = replaceFile(string(path), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	return nil
}

// replaceFile writes a file that only its owner may read.
func replaceFile(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
