package main

import "github.com/csms/terraform-provider-csms/internal/workload"

// kind is a kind of objects: the same workload, kept by another provider.
type kind struct {
	name string
	workload.Kind
}

// kinds are all kinds. The first is the floor that the others are compared with.
func kinds() []kind {
	return []kind{
		{"terraform_data", workload.Kind{
			Stage:  "resource \"terraform_data\" \"<name>\" {\n  <meta>\n  input = [<secret>, <stage>, var.version_id]\n}\n",
			Expiry: "resource \"terraform_data\" \"<name>\" {\n  <meta>\n  input = [<secret>, \"v1\", local.expire_time]\n}\n",
		}},
		{"empty", workload.Kind{
			Settings: "terraform {\n  required_providers {\n    empty = { source = \"csms/empty\" }\n  }\n}\n",
			Stage:    "resource \"empty_object\" \"<name>\" {\n  <meta>\n}\n",
			Expiry:   "resource \"empty_object\" \"<name>\" {\n  <meta>\n}\n",
		}},
		{"csms", workload.CSMS},
	}
}

// subject is what is measured: objects of one kind in one shape.
type subject struct {
	kind
	shape   workload.Shape
	objects workload.Workload
	exist   bool // The objects are there from the beginning.

	steps        []string
	measurements map[string][]measurement // By step.
}

// many objects are those that Terraform takes minutes to create.
const many = 1000

// subjectsOf are the subjects of a size: two stages and an expiry on each secret, of many objects one stage more.
func subjectsOf(size int, only string) []*subject {
	shapes, objects := []workload.Shape{workload.ForEach, workload.Blocks}, workload.Of(size, 3)
	if size >= many {
		shapes, objects = shapes[1:], workload.Of(size, 4)
	}
	var all []*subject
	for _, shape := range shapes {
		for _, k := range kinds() {
			if only == "" || k.name == only {
				all = append(all, newSubject(k, shape, objects, size >= many))
			}
		}
	}
	return all
}

func newSubject(k kind, shape workload.Shape, objects workload.Workload, exist bool) *subject {
	return &subject{kind: k, shape: shape, objects: objects, exist: exist, measurements: map[string][]measurement{}}
}
