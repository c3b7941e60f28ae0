package csms

import "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/csms/v1/model"

// listAll asks for one page after the other and returns the records of all, each key once. The last
// page may have no marker, an empty one, or point at itself, and a service that does not know the
// marker starts over, so a page that brings nothing new is the end as well.
func listAll[T any](
	key func(T) string, fetchPage func(marker *string) ([]T, *model.PageInfo, error),
) ([]T, error) {
	var all []T
	seen := map[string]bool{}
	var marker *string
	for {
		page, info, err := fetchPage(marker)
		if err != nil {
			return nil, err
		}
		known := len(all)
		for i := range page {
			if k := key(page[i]); !seen[k] {
				seen[k] = true
				all = append(all, page[i])
			}
		}
		if len(all) == known || isLast(info, marker) {
			return all, nil
		}
		marker = info.NextMarker
	}
}

func isLast(info *model.PageInfo, marker *string) bool {
	return info == nil || valueOf(info.NextMarker) == "" || valueOf(info.NextMarker) == valueOf(marker)
}

// page is the query for the page that a marker begins.
func page(marker *string) map[string]string {
	if marker == nil {
		return nil
	}
	return map[string]string{"marker": *marker}
}
