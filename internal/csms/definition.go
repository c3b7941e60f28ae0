package csms

import (
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/def"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/csms/v1/model"
)

// define describes a request that the part of the SDK in use does not have.
func define(method, path string, answer any, fields ...*def.FieldDef) *def.HttpRequestDef {
	builder := def.NewHttpRequestDefBuilder().WithMethod(method).WithPath(path).
		WithContentType("application/json;charset=UTF-8").WithResponse(answer)
	for _, field := range fields {
		builder.WithRequestField(field)
	}
	return builder.Build()
}

// at says that a field of the request struct travels under the name wire in a certain place.
func at(place def.LocationType, field, wire string) *def.FieldDef {
	return def.NewFieldDef().WithLocationType(place).WithName(field).WithJsonTag(wire)
}

// outcome is embedded in answers for the field that the SDK insists on writing the status to.
type outcome = model.DeleteSecretStageResponse
