package huaweicloud

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// pemOf reads the file of a setting, unless that is given its contents, which environment variables
// hold more easily.
func pemOf(setting, fileOrContents string) ([]byte, error) {
	if strings.Contains(fileOrContents, "-----BEGIN ") {
		return withoutMarks([]byte(fileOrContents)), nil
	}
	contents, err := readSettingFile(fileOrContents)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; write the path of a PEM file, or its contents from -----BEGIN to -----END, "+
			"decoded if they are kept in base64", setting, err)
	}
	return withoutMarks(contents), nil
}

// withoutMarks drops the byte order marks in front of what begins a line: files with such marks are
// also put one after the other, and the decoder passes over a block that does not begin its line.
func withoutMarks(contents []byte) []byte { return bytes.ReplaceAll(contents, byteOrderMark, nil) }

// addCertificates adds all certificates of a bundle. The decoder passes over what it does not
// understand, and a missing certificate would be noticed by no more than a service that is not
// trusted.
func addCertificates(pool *x509.CertPool, bundle []byte) error {
	announced := bytes.Count(bundle, []byte("-----BEGIN CERTIFICATE-----"))
	decoded := 0
	for block, rest := pem.Decode(bundle); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			decoded++
		}
	}
	if decoded < announced {
		return fmt.Errorf("only %d of the %d CA certificates are in PEM form; "+
			"the lines with BEGIN and END must hold nothing else", decoded, announced)
	}
	if !pool.AppendCertsFromPEM(bundle) {
		return errors.New("there is no certificate in PEM form among the CA certificates")
	}
	return nil
}
