package csmstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// answer is what goes back to the client. The zero answer is none at all.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// object is a JSON object under construction. A nil value is left out; use null to send one.
type object map[string]any

// null is JSON's null.
var null = json.RawMessage("null")

func (o object) MarshalJSON() ([]byte, error) {
	present := make(map[string]any, len(o))
	for name, value := range o {
		if value != nil {
			present[name] = value
		}
	}
	return encode(present)
}

// jsonAnswer answers with a JSON body. The body is of this package's making: a failure to encode it is a bug.
func jsonAnswer(status int, body any) answer {
	encoded, err := encode(body)
	if err != nil {
		panic(fmt.Sprintf("csmstest: encode an answer: %v", err))
	}
	return answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: encoded}
}

// textAnswer answers in plain text, as the metadata service does.
func textAnswer(status int, text string) answer {
	return answer{status: status, header: http.Header{"Content-Type": {"text/plain"}}, body: []byte(text)}
}

func encode(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// timestamp is a time as the service sends it: milliseconds of whole seconds, unless the server was told otherwise.
func (c *call) timestamp(t time.Time) int64 {
	if c.server.cfg.seconds {
		return t.Unix()
	}
	return t.Unix() * 1000
}

// expiry is an expire_time as the service sends it.
func (c *call) expiry(t time.Time) any {
	switch {
	case !t.IsZero():
		return c.timestamp(t)
	case c.server.cfg.nullExpireTime:
		return null
	default:
		return nil
	}
}

func (c *call) versionMetadata(s *secret, v *Version) object {
	return object{
		"id":             v.ID,
		"create_time":    c.timestamp(v.CreateTime),
		"expire_time":    c.expiry(v.ExpireTime),
		"kms_key_id":     v.KMSKeyID,
		"secret_name":    s.Name,
		"version_stages": s.labelsOf(v.ID),
	}
}

func (c *call) stage(s *secret, name string) object {
	label := s.labels[name]
	return object{
		"name":        name,
		"update_time": c.timestamp(label.updated),
		"secret_name": s.Name,
		"version_id":  label.version,
	}
}

func (c *call) secretMetadata(s *secret) object {
	o := object{
		"id":                    s.ID,
		"name":                  s.Name,
		"state":                 s.State,
		"kms_key_id":            s.KMSKeyID,
		"description":           s.Description,
		"create_time":           c.timestamp(s.CreateTime),
		"update_time":           c.timestamp(s.UpdateTime),
		"scheduled_delete_time": null,
		"secret_type":           s.Type,
		"auto_rotation":         s.AutoRotation,
		"event_subscriptions":   append([]string{}, s.EventSubscriptions...),
		"enterprise_project_id": s.EnterpriseProjectID,
	}
	if !s.ScheduledDeleteTime.IsZero() {
		o["scheduled_delete_time"] = c.timestamp(s.ScheduledDeleteTime)
	}
	for name, value := range map[string]string{
		"rotation_period": s.RotationPeriod, "rotation_config": s.RotationConfig, "rotation_func_urn": s.RotationFuncURN,
	} {
		if value != "" {
			o[name] = value
		}
	}
	return o
}

// pageInfo describes the page made of ids, in the order listed.
func (c *call) pageInfo(ids []string, last bool) object {
	o := object{"current_count": len(ids)}
	if len(ids) > 0 {
		o["previous_marker"] = ids[0]
	}
	switch {
	case !last:
		o["next_marker"] = ids[len(ids)-1]
	case c.server.cfg.lastPageMarker == MarkerNull:
		o["next_marker"] = null
	case c.server.cfg.lastPageMarker == MarkerEmpty:
		o["next_marker"] = ""
	case c.server.cfg.lastPageMarker == MarkerLastID && len(ids) > 0:
		o["next_marker"] = ids[len(ids)-1]
	}
	return o
}
