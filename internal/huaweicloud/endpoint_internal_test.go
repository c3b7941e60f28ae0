package huaweicloud

import "testing"

func TestDefaultEndpoints(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name              string
		cfg               Config
		service, iam, sts string
	}{
		{
			"public cloud", Config{Region: "cn-north-4"},
			"https://kms.cn-north-4.myhuaweicloud.com", "https://iam.cn-north-4.myhuaweicloud.com", "https://sts.cn-north-4.myhuaweicloud.com",
		},
		{
			"Europe", Config{Region: "eu-west-101"},
			"https://kms.eu-west-101.myhuaweicloud.eu", "https://iam.eu-west-101.myhuaweicloud.eu", "https://sts.eu-west-101.myhuaweicloud.eu",
		},
		{
			"Europe of the public cloud", Config{Region: "eu-west-0"},
			"https://kms.eu-west-0.myhuaweicloud.com", "https://iam.eu-west-0.myhuaweicloud.com", "https://sts.eu-west-0.myhuaweicloud.com",
		},
		{
			"other cloud", Config{Region: "x-1", Cloud: "cloud.example"},
			"https://kms.x-1.cloud.example", "https://iam.x-1.cloud.example", "https://sts.x-1.cloud.example",
		},
		{
			"endpoint without a scheme", Config{Region: "x-1", Endpoint: "kms.example"},
			"https://kms.example", "https://iam.x-1.myhuaweicloud.com", "https://sts.x-1.myhuaweicloud.com",
		},
		{
			"IAM of all regions", Config{Region: "x-1", AuthURL: "https://iam.myhuaweicloud.com/v3"},
			"https://kms.x-1.myhuaweicloud.com", "https://iam.myhuaweicloud.com", "https://sts.x-1.myhuaweicloud.com",
		},
		{
			"IAM of one's own", Config{Region: "x-1", AuthURL: "http://127.0.0.1:8440/{region}/v3/"},
			"https://kms.x-1.myhuaweicloud.com", "http://127.0.0.1:8440/x-1", "http://127.0.0.1:8440/x-1",
		},
		{
			"IAM of a partner", Config{Region: "x-1", AuthURL: "https://iam.x-1.partner.example:31943/v3"},
			"https://kms.x-1.myhuaweicloud.com", "https://iam.x-1.partner.example:31943", "https://sts.x-1.partner.example:31943",
		},
		{
			"IAM of a partner, by region", Config{Region: "x-1", AuthURL: " iam.{region}.partner.example/v3 "},
			"https://kms.x-1.myhuaweicloud.com", "https://iam.x-1.partner.example", "https://sts.x-1.partner.example",
		},
		{
			"IAM and cloud of a partner", Config{Region: "x-1", Cloud: "partner.example", AuthURL: "https://iam.partner.example/v3"},
			"https://kms.x-1.partner.example", "https://iam.partner.example", "https://sts.x-1.partner.example",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			at, err := tt.cfg.endpoints("kms")
			if err != nil {
				t.Fatal(err)
			}
			for got, want := range map[endpoint]string{at.service: tt.service, at.iam: tt.iam, at.sts: tt.sts} {
				if got.origin+got.prefix != want {
					t.Errorf("got %s, want %s", got.origin+got.prefix, want)
				}
			}
			if want := "http://169.254.169.254"; at.metadata.origin != want {
				t.Errorf("the metadata service is at %s", at.metadata.origin)
			}
		})
	}
}
